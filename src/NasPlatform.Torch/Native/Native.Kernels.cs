using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using static TorchSharp.torch;

namespace TorchSharp;

internal static partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor nas_conv2d_dense(Tensor input, Tensor weight, Tensor? bias, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, ReadOnlySpan<long> dilation, long groups);
    [LibraryImport(Library)] internal static partial Tensor nas_factorized_reduction(Tensor input, Tensor straight, Tensor shifted);
    [LibraryImport(Library)] internal static partial Tensor nas_conv2d_depthwise(Tensor input, Tensor weight, Tensor? bias, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, ReadOnlySpan<long> dilation);
    [LibraryImport(Library)] internal static partial Tensor nas_pool2d_maximum(Tensor input, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding);
    [LibraryImport(Library)] internal static partial Tensor nas_pool2d_mean(Tensor input, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding);
    [LibraryImport(Library)] internal static partial Tensor nas_norm_sum(TensorList tensors, ReadOnlySpan<double> constants, int terms, Flag training, Flag relu);
    [LibraryImport(Library)] internal static partial Tensor nas_smooth_cross_entropy(Tensor logits, Tensor targets, double smoothing, long reduction);
    [LibraryImport(Library), SuppressGCTransition] internal static partial Flag nas_covers_recurrent(Tensor sequence);
    [LibraryImport(Library)]
    [return: MarshalUsing(CountElementName = nameof(count))]
    internal static partial Tensor[]? nas_recurrent(ReadOnlySpan<long> code, int length, Tensor sequence, TensorList states, int stateCount, TensorList weights, int weightCount, TensorList masks, int maskCount, out int count);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int nas_limit_instructions(int highest);
}
