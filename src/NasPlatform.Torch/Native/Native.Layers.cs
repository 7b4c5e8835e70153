using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor nas_linear(Tensor input, Tensor weight, Tensor? bias);
    [LibraryImport(Library)] internal static partial Tensor nas_conv(Tensor input, Tensor weight, Tensor? bias, int spatial, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, ReadOnlySpan<long> dilation, long groups);
    [LibraryImport(Library)] internal static partial Tensor nas_conv_padded(Tensor input, Tensor weight, Tensor? bias, int spatial, ReadOnlySpan<long> stride, Flag same, ReadOnlySpan<long> dilation, long groups);
    [LibraryImport(Library)] internal static partial Tensor nas_conv_transpose2d(Tensor input, Tensor weight, Tensor? bias, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, ReadOnlySpan<long> outputPadding, ReadOnlySpan<long> dilation, long groups);
    [LibraryImport(Library)] internal static partial Tensor nas_batch_norm(Tensor input, Tensor? runningMean, Tensor? runningVar, Tensor? weight, Tensor? bias, Flag training, double momentum, double eps);
    [LibraryImport(Library)] internal static partial Tensor nas_layer_norm(Tensor input, ReadOnlySpan<long> shape, int count, Tensor? weight, Tensor? bias, double eps);
    [LibraryImport(Library)] internal static partial Tensor nas_group_norm(Tensor input, long groups, Tensor? weight, Tensor? bias, double eps);
    [LibraryImport(Library)] internal static partial Tensor nas_max_pool1d(Tensor input, long kernel, long stride, long padding, long dilation, Flag ceilMode);
    [LibraryImport(Library)] internal static partial Tensor nas_max_pool2d(Tensor input, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, ReadOnlySpan<long> dilation, Flag ceilMode);
    [LibraryImport(Library)] internal static partial Done nas_max_pool2d_with_indices(Tensor input, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, ReadOnlySpan<long> dilation, Flag ceilMode, out Tensor output, out Tensor indices);
    [LibraryImport(Library)] internal static partial Tensor nas_avg_pool1d(Tensor input, long kernel, long stride, long padding, Flag ceilMode, Flag countIncludePad);
    [LibraryImport(Library)] internal static partial Tensor nas_avg_pool2d(Tensor input, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, Flag ceilMode, Flag countIncludePad, long divisor);
    [LibraryImport(Library)] internal static partial Tensor nas_adaptive_avg_pool1d(Tensor input, long size);
    [LibraryImport(Library)] internal static partial Tensor nas_adaptive_avg_pool2d(Tensor input, ReadOnlySpan<long> size);
    [LibraryImport(Library)] internal static partial Tensor nas_adaptive_max_pool2d(Tensor input, ReadOnlySpan<long> size);
    [LibraryImport(Library)] internal static partial Tensor nas_dropout(Tensor input, double p, Flag training, Flag inPlace);
    [LibraryImport(Library)] internal static partial Tensor nas_feature_dropout(Tensor input, double p, Flag training, Flag inPlace);
    [LibraryImport(Library)] internal static partial Tensor nas_embedding(Tensor weight, Tensor indices, long paddingIndex, Flag scaleGrad, Flag sparse);
    [LibraryImport(Library)] internal static partial Tensor nas_one_hot(Tensor input, long classes);
    [LibraryImport(Library)] internal static partial Tensor nas_pad(Tensor input, ReadOnlySpan<long> pad, int count, int mode, double value);
    [LibraryImport(Library)] internal static partial Tensor nas_interpolate2d(Tensor input, ReadOnlySpan<long> size, int mode, Flag alignCorners);
}
