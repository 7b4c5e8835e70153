namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor max_pool1d(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                Native.nas_max_pool1d(input, kernel_size, stride ?? kernel_size, padding ?? 0, dilation ?? 1, ceil_mode);

            public static Tensor max_pool2d(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                Native.nas_max_pool2d(input, Sizes.Both(kernel_size), Sizes.Both(stride ?? kernel_size), Sizes.Both(padding ?? 0), Sizes.Both(dilation ?? 1), ceil_mode);

            public static Tensor max_pool2d(Tensor input, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, bool ceil_mode = false) =>
                Native.nas_max_pool2d(input, Sizes.Both(kernel_size), Sizes.Both(stride ?? kernel_size), Sizes.Both(padding ?? (0, 0)), Sizes.Both(dilation ?? (1, 1)), ceil_mode);

            public static Tensor max_pool2d(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) =>
                Native.nas_max_pool2d(input, Sizes.Both(kernel_size, 1), Sizes.Both(strides ?? kernel_size, 1), Sizes.Both(padding, 0), Sizes.Both(dilation, 1), ceil_mode);

            public static (Tensor output, Tensor indices) max_pool2d_with_indices(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false)
            {
                Native.nas_max_pool2d_with_indices(input, Sizes.Both(kernel_size, 1), Sizes.Both(strides ?? kernel_size, 1), Sizes.Both(padding, 0), Sizes.Both(dilation, 1), ceil_mode,
                    out Tensor output, out Tensor indices);
                return (output, indices);
            }

            public static Tensor avg_pool1d(Tensor input, long kernel_size, long? stride = null, long? padding = null, bool ceil_mode = false, bool count_include_pad = true) =>
                Native.nas_avg_pool1d(input, kernel_size, stride ?? kernel_size, padding ?? 0, ceil_mode, count_include_pad);

            public static Tensor avg_pool2d(Tensor input, long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                Native.nas_avg_pool2d(input, Sizes.Both(kernel_size), Sizes.Both(stride ?? kernel_size), Sizes.Both(padding), ceil_mode, count_include_pad, divisor_override ?? 0);

            public static Tensor avg_pool2d(Tensor input, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                Native.nas_avg_pool2d(input, Sizes.Both(kernel_size), Sizes.Both(stride ?? kernel_size), Sizes.Both(padding ?? (0, 0)), ceil_mode, count_include_pad, divisor_override ?? 0);

            public static Tensor avg_pool2d(Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                Native.nas_avg_pool2d(input, Sizes.Both(kernel_size, 1), Sizes.Both(stride ?? kernel_size, 1), Sizes.Both(padding, 0), ceil_mode, count_include_pad, divisor_override ?? 0);

            public static Tensor adaptive_avg_pool1d(Tensor input, long output_size) => Native.nas_adaptive_avg_pool1d(input, output_size);
            public static Tensor adaptive_avg_pool2d(Tensor input, long output_size) => Native.nas_adaptive_avg_pool2d(input, Sizes.Both(output_size));
            public static Tensor adaptive_avg_pool2d(Tensor input, (long, long) output_size) => Native.nas_adaptive_avg_pool2d(input, Sizes.Both(output_size));
            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size) => Native.nas_adaptive_avg_pool2d(input, Sizes.Both(output_size, 1));
            public static Tensor adaptive_max_pool2d(Tensor input, long[] output_size) => Native.nas_adaptive_max_pool2d(input, Sizes.Both(output_size, 1));
        }
    }
}
