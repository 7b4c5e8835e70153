namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>input [..., in] by weights [out, in], plus bias [out].</summary>
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Native.nas_linear(input, weights, bias);

            /// <summary>input [N, in, L], weight [out, in / groups, K].</summary>
            public static Tensor conv1d(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? dilation = null, long groups = 1) =>
                Native.nas_conv(input, weight, bias, 1, [stride ?? 1], [padding ?? 0], [dilation ?? 1], groups);

            public static Tensor conv1d_padding(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, Padding padding = Padding.Valid, long? dilation = null, long groups = 1) =>
                Native.nas_conv_padded(input, weight, bias, 1, [stride ?? 1], padding == Padding.Same, [dilation ?? 1], groups);

            /// <summary>input [N, in, H, W], weight [out, in / groups, KH, KW]; sizes are (height, width) or one for both.</summary>
            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) =>
                Native.nas_conv(input, weight, bias, 2, Sizes.Both(strides, 1), Sizes.Both(padding, 0), Sizes.Both(dilation, 1), groups);

            public static Tensor conv2d_padding(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid, long[]? dilation = null, long groups = 1) =>
                Native.nas_conv_padded(input, weight, bias, 2, Sizes.Both(strides, 1), padding == Padding.Same, Sizes.Both(dilation, 1), groups);

            public static Tensor conv_transpose2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? output_padding = null, long[]? dilation = null, long groups = 1) =>
                Native.nas_conv_transpose2d(input, weight, bias, Sizes.Both(strides, 1), Sizes.Both(padding, 0), Sizes.Both(output_padding, 0), Sizes.Both(dilation, 1), groups);

            /// <summary>Per channel (dimension 1); in training by the batch's own statistics, which also move the running ones.</summary>
            public static Tensor batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1E-05) =>
                Native.nas_batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps);

            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1E-05) =>
                Native.nas_layer_norm(input, normalized_shape, normalized_shape.Length, weight, bias, eps);

            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1E-05) =>
                Native.nas_group_norm(input, num_groups, weight, bias, eps);

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                Native.nas_dropout(input, p, training, inplace);

            /// <summary>Drops whole channels.</summary>
            public static Tensor dropout2d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                Native.nas_feature_dropout(input, p, training, inplace);

            public static Tensor one_hot(Tensor x, long num_classes = -1) => Native.nas_one_hot(x, num_classes);

            public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1E-12)
            {
                using Tensor norm = input.norm((int)dim, true, (float)p);
                using Tensor divisor = norm.clamp_min(eps);
                return input / divisor;
            }

            /// <summary>Pads the last dimensions; <paramref name="pad"/> holds (before, after) of the last, then of the one before it, and so on.</summary>
            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                Native.nas_pad(input, pad, pad.Length, (int)mode, value);

            public static Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                Native.nas_pad(input, pad, pad.Length, (int)mode, value);

            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                Native.nas_pad(input, [pad.Item1, pad.Item2], 2, (int)mode, value);

            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                Native.nas_pad(input, [pad.Item1, pad.Item2, pad.Item3, pad.Item4], 4, (int)mode, value);

            /// <summary>
            /// Resizes images [N, C, H, W] to <paramref name="size"/> (height, width) or by <paramref name="scale_factor"/>;
            /// nearest, bilinear or bicubic.
            /// </summary>
            public static Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false)
            {
                if (mode is not (InterpolationMode.Nearest or InterpolationMode.Bilinear or InterpolationMode.Bicubic) || antialias || x.dim() != 4)
                    throw new NotSupportedException($"interpolate works on [N, C, H, W] in the modes Nearest, Bilinear and Bicubic without antialiasing, not {mode} on {x.dim()} dimensions.");
                if ((size is null) == (scale_factor is null)) throw new ArgumentException("Give either size or scale_factor.");
                long[] target = size is not null ? Sizes.Both(size, 1)
                    : [(long)(x.size(2) * scale_factor![0]), (long)(x.size(3) * scale_factor[^1])]; // one of the two is there, see above
                return Native.nas_interpolate2d(x, target, (int)mode, align_corners ?? false);
            }
        }
    }
}
