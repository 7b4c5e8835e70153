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
            public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, outputSize, hasBias, device, dtype);
            public static Linear Linear(Parameter weight, Parameter? bias = null) => new(weight, bias);

            public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>weight [out, in], bias [out].</summary>
    public sealed class Linear : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = nameof(weight))] private Parameter _weight;
        [ComponentName(Name = nameof(bias))] private Parameter? _bias;

        internal Linear(long inputSize, long outputSize, bool hasBias, Device? device, ScalarType? dtype)
            : this(new Parameter(empty([outputSize, inputSize], dtype, device)), hasBias ? new Parameter(empty([outputSize], dtype, device)) : null)
        {
            init.kaiming_uniform_(_weight, Math.Sqrt(5));
            if (_bias is null) return;
            double bound = inputSize > 0 ? 1 / Math.Sqrt(inputSize) : 0;
            init.uniform_(_bias, -bound, bound);
        }

        internal Linear(Parameter weight, Parameter? bias) : base(nameof(Linear))
        {
            (_weight, _bias) = (weight, bias);
            (in_features, out_features) = (weight.size(1), weight.size(0));
            RegisterComponents();
        }

        public long in_features { get; set; }
        public long out_features { get; set; }

        public Parameter weight
        {
            get => _weight;
            set => ConditionallyRegisterParameter(nameof(weight), _weight = value);
        }

        public Parameter? bias
        {
            get => _bias;
            set => ConditionallyRegisterParameter(nameof(bias), _bias = value);
        }

        public override Tensor forward(Tensor tensor) => functional.linear(tensor, _weight, _bias);
    }
}
