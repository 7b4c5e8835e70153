using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static BatchNorm1d BatchNorm1d(long num_features, double eps = 1E-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static BatchNorm2d BatchNorm2d(long num_features, double eps = 1E-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Parameters weight and bias, buffers running_mean, running_var and num_batches_tracked, all per feature (the last a count).</summary>
    public abstract class NormBase : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = nameof(weight))] private protected Parameter? _weight;
        [ComponentName(Name = nameof(bias))] private protected Parameter? _bias;
        [ComponentName(Name = nameof(running_mean))] private protected Tensor? _runningMean;
        [ComponentName(Name = nameof(running_var))] private protected Tensor? _runningVar;
        [ComponentName(Name = nameof(num_batches_tracked))] private protected Tensor? _batchesTracked;

        public NormBase(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
            : base(name)
        {
            this.num_features = num_features;
            this.eps = eps;
            this.momentum = momentum;
            this.affine = affine;
            this.track_running_stats = track_running_stats;
            if (affine)
            {
                _weight = new Parameter(ones([num_features], dtype, device));
                _bias = new Parameter(zeros([num_features], dtype, device));
            }
            if (track_running_stats)
            {
                _runningMean = zeros([num_features], dtype, device);
                _runningVar = ones([num_features], dtype, device);
                _batchesTracked = tensor(0L, device: device);
            }
            RegisterComponents();
        }

        public long num_features { get; }
        public double eps { get; set; }

        /// <summary>How far the running statistics follow each batch; null for a plain average over all batches.</summary>
        public double? momentum { get; set; }
        public bool affine { get; }
        public bool track_running_stats { get; }

        public Parameter? weight
        {
            get => _weight;
            set => ConditionallyRegisterParameter(nameof(weight), _weight = value);
        }

        public Parameter? bias
        {
            get => _bias;
            set => ConditionallyRegisterParameter(nameof(bias), _bias = value);
        }

        public Tensor? running_mean
        {
            get => _runningMean;
            set => ConditionallyRegisterBuffer(nameof(running_mean), _runningMean = value);
        }

        public Tensor? running_var
        {
            get => _runningVar;
            set => ConditionallyRegisterBuffer(nameof(running_var), _runningVar = value);
        }

        public Tensor? num_batches_tracked
        {
            get => _batchesTracked;
            set => ConditionallyRegisterBuffer(nameof(num_batches_tracked), _batchesTracked = value);
        }

        public void reset_running_stats()
        {
            _runningMean?.zero_();
            _runningVar?.fill_(1);
            _batchesTracked?.zero_();
        }

        public void reset_parameters()
        {
            reset_running_stats();
            if (_weight is not null) init.ones_(_weight);
            if (_bias is not null) init.zeros_(_bias);
        }

        protected abstract void ValidateInputDimensions(Tensor input);
    }

    public abstract class BatchNorm : NormBase
    {
        public BatchNorm(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name)
        {
        }

        public override Tensor forward(Tensor input)
        {
            ValidateInputDimensions(input);
            double follow = momentum ?? 0;
            if (training && num_batches_tracked is not null)
            {
                num_batches_tracked.add_(1);
                if (momentum is null) follow = 1 / num_batches_tracked.ToDouble();
            }
            return functional.batch_norm(input, running_mean, running_var, weight, bias, training || running_mean is null, follow, eps);
        }
    }

    /// <summary>input [N, C] or [N, C, L].</summary>
    public sealed class BatchNorm1d : BatchNorm
    {
        internal BatchNorm1d(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm1d))
        {
        }

        protected override void ValidateInputDimensions(Tensor input)
        {
            if (input.ndim is not (2 or 3)) throw new ArgumentException($"expected 2D or 3D input (got {input.ndim}D input)");
        }
    }

    /// <summary>input [N, C, H, W].</summary>
    public sealed class BatchNorm2d : BatchNorm
    {
        internal BatchNorm2d(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm2d))
        {
        }

        protected override void ValidateInputDimensions(Tensor input)
        {
            if (input.ndim != 4) throw new ArgumentException($"expected 4D input (got {input.ndim}D input)");
        }
    }
}
