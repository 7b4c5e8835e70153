using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor nas_conv2d_depthwise(Tensor input, Tensor weight, Tensor? bias, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, ReadOnlySpan<long> dilation);
    [LibraryImport(Library)] internal static partial Tensor nas_pool2d_maximum(Tensor input, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding);
    [LibraryImport(Library)] internal static partial Tensor nas_pool2d_mean(Tensor input, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding);
    [LibraryImport(Library)] internal static partial Tensor nas_norm_sum(TensorList tensors, ReadOnlySpan<double> constants, int terms, Flag training, Flag relu);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int nas_limit_instructions(int highest);
}
