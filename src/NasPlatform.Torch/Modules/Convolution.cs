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
            public static Conv1d Conv1d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, [kernel_size], [stride], [padding], null, [dilation], groups, bias, padding_mode, device, dtype);

            public static Conv1d Conv1d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, [kernel_size], [stride], [0], padding, [dilation], groups, bias, padding_mode, device, dtype);

            public static Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Sizes.Both(kernel_size), Sizes.Both(stride), Sizes.Both(padding), null, Sizes.Both(dilation), groups, bias, padding_mode, device, dtype);

            public static Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Sizes.Both(kernel_size), Sizes.Both(stride ?? (1, 1)), Sizes.Both(padding ?? (0, 0)), null, Sizes.Both(dilation ?? (1, 1)), groups, bias, padding_mode, device, dtype);

            public static Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Sizes.Both(kernel_size), Sizes.Both(stride), [0, 0], padding, Sizes.Both(dilation), groups, bias, padding_mode, device, dtype);

            public static Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, Padding padding, (long, long)? stride = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Sizes.Both(kernel_size), Sizes.Both(stride ?? (1, 1)), [0, 0], padding, Sizes.Both(dilation ?? (1, 1)), groups, bias, padding_mode, device, dtype);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>weight [out, in / groups, kernel...], bias [out].</summary>
    public abstract class Convolution : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = nameof(weight))] private protected Parameter _weight;
        [ComponentName(Name = nameof(bias))] private protected Parameter? _bias;

        protected Convolution(string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, Padding? padding_type, long[] dilation, bool transposed, long[] output_padding, long groups, bool bias, PaddingModes padding_mode, Device? device = null, ScalarType? dtype = null)
            : base(name)
        {
            if (groups <= 0 || in_channels % groups != 0 || out_channels % groups != 0)
                throw new ArgumentException($"{in_channels} input and {out_channels} output channels do not divide into {groups} groups.", nameof(groups));
            this.in_channels = in_channels;
            this.out_channels = out_channels;
            this.kernel_size = kernel_size;
            this.stride = stride;
            this.padding = padding;
            this.padding_type = padding_type;
            this.dilation = dilation;
            this.transposed = transposed;
            this.output_padding = output_padding;
            this.groups = groups;
            this.padding_mode = padding_mode;
            long[] shape = transposed ? [in_channels, out_channels / groups, .. kernel_size] : [out_channels, in_channels / groups, .. kernel_size];
            _weight = new Parameter(empty(shape, dtype, device));
            _bias = bias ? new Parameter(empty([out_channels], dtype, device)) : null;
            reset_parameters();
            RegisterComponents();
        }

        public long in_channels { get; }
        public long out_channels { get; }
        public long[] kernel_size { get; set; }
        public long[] stride { get; set; }
        public long[] padding { get; private set; }
        public Padding? padding_type { get; private set; }
        public long[] dilation { get; set; }
        public bool transposed { get; }
        public long[] output_padding { get; set; }
        public long groups { get; set; }
        public PaddingModes padding_mode { get; set; }

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

        /// <summary>Kaiming's uniform initialisation with a = √5, as PyTorch does it.</summary>
        public void reset_parameters()
        {
            init.kaiming_uniform_(_weight, Math.Sqrt(5));
            if (_bias is null) return;
            double bound = 1 / Math.Sqrt(init.CalculateFanInAndFanOut(_weight).fanIn);
            init.uniform_(_bias, -bound, bound);
        }

        public void SetPadding(Padding padding) => padding_type = padding;
        public void SetPadding(long[] padding) => (this.padding, padding_type) = (padding, null);

        /// <summary>The input with what the padding mode puts around it, and how much zero padding the convolution itself adds.</summary>
        private protected (Tensor input, long[] padding) Padded(Tensor input)
        {
            if (padding_mode is PaddingModes.Zeros or PaddingModes.Constant) return (input, padding);
            long[] around = new long[2 * kernel_size.Length];
            for (int i = 0; i < kernel_size.Length; i++)
            {
                int last = 2 * (kernel_size.Length - 1 - i);
                long total = padding_type switch
                {
                    Padding.Same => dilation[i] * (kernel_size[i] - 1),
                    Padding.Valid => 0,
                    _ => 2 * padding[i],
                };
                around[last] = total / 2;
                around[last + 1] = total - total / 2;
            }
            return (functional.pad(input, around, padding_mode), new long[kernel_size.Length]);
        }
    }

    /// <summary>input [N, in, L].</summary>
    public sealed class Conv1d : Convolution
    {
        internal Conv1d(long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, Padding? padding_type, long[] dilation, long groups, bool bias, PaddingModes padding_mode, Device? device, ScalarType? dtype)
            : base(nameof(Conv1d), in_channels, out_channels, kernel_size, stride, padding, padding_type, dilation, false, [0], groups, bias, padding_mode, device, dtype)
        {
        }

        public override Tensor forward(Tensor input)
        {
            if (padding_type is { } amount && padding_mode is (PaddingModes.Zeros or PaddingModes.Constant))
                return functional.conv1d_padding(input, weight, bias, stride[0], amount, dilation[0], groups);
            (Tensor padded, long[] zeros) = Padded(input);
            Tensor output = functional.conv1d(padded, weight, bias, stride[0], zeros[0], dilation[0], groups);
            if (!ReferenceEquals(padded, input)) padded.Dispose();
            return output;
        }
    }

    /// <summary>input [N, in, H, W].</summary>
    public sealed class Conv2d : Convolution
    {
        internal Conv2d(long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, Padding? padding_type, long[] dilation, long groups, bool bias, PaddingModes padding_mode, Device? device, ScalarType? dtype)
            : base(nameof(Conv2d), in_channels, out_channels, kernel_size, stride, padding, padding_type, dilation, false, [0, 0], groups, bias, padding_mode, device, dtype)
        {
        }

        public override Tensor forward(Tensor input)
        {
            if (padding_type is { } amount && padding_mode is (PaddingModes.Zeros or PaddingModes.Constant))
                return functional.conv2d_padding(input, weight, bias, stride, amount, dilation, groups);
            (Tensor padded, long[] zeros) = Padded(input);
            Tensor output = functional.conv2d(padded, weight, bias, stride, zeros, dilation, groups);
            if (!ReferenceEquals(padded, input)) padded.Dispose();
            return output;
        }
    }
}
