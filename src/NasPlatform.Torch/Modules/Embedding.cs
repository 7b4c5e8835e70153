using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Embedding Embedding(long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null) =>
                new(num_embeddings, embedding_dims, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, device, dtype);

            public static Embedding Embedding_from_pretrained(Tensor embeddings, bool freeze = true, long? padding_idx = null, double? max_norm = null, double norm_type = 2, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null) =>
                new(new Parameter(embeddings.to(dtype ?? embeddings.dtype, device ?? embeddings.device), !freeze), padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Rows of a table [entries, width] by their number.</summary>
    public sealed class Embedding : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = nameof(weight))] private Parameter _weight;
        private readonly long? _padding;
        private readonly double? _maxNorm;
        private readonly double _normType;
        private readonly bool _scaleGradient;
        private readonly bool _sparse;

        internal Embedding(long entries, long width, long? padding, double? maxNorm, double normType, bool scaleGradient, bool sparse, Device? device, ScalarType? dtype)
            : this(new Parameter(empty([entries, width], dtype, device)), padding is < 0 ? padding + entries : padding, maxNorm, normType, scaleGradient, sparse)
        {
            nn.init.normal_(_weight);
            if (_padding is not { } row) return;
            using IDisposable _ = no_grad();
            using Tensor padded = _weight.select(0, row);
            padded.zero_();
        }

        internal Embedding(Parameter weight, long? padding, double? maxNorm, double normType, bool scaleGradient, bool sparse) : base(nameof(Embedding))
        {
            (_weight, _padding, _maxNorm, _normType, _scaleGradient, _sparse) = (weight, padding, maxNorm, normType, scaleGradient, sparse);
            RegisterComponents();
        }

        public Parameter weight
        {
            get => _weight;
            set => ConditionallyRegisterParameter(nameof(weight), _weight = value);
        }

        public override Tensor forward(Tensor input)
        {
            if (_maxNorm is { } norm) Native.nas_embedding_renorm_(_weight, input, norm, _normType);
            return Native.nas_embedding(_weight, input, _padding ?? -1, _scaleGradient, _sparse);
        }
    }
}
