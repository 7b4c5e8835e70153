using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using static TorchSharp.torch;

namespace TorchSharp;

internal static partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor nas_view(Tensor self, ReadOnlySpan<long> size, int count);
    [LibraryImport(Library)] internal static partial Tensor nas_reshape(Tensor self, ReadOnlySpan<long> size, int count);
    [LibraryImport(Library)] internal static partial Tensor nas_permute(Tensor self, ReadOnlySpan<long> size, int count);
    [LibraryImport(Library)] internal static partial Tensor nas_repeat(Tensor self, ReadOnlySpan<long> size, int count);
    [LibraryImport(Library)] internal static partial Tensor nas_flip(Tensor self, ReadOnlySpan<long> size, int count);
    [LibraryImport(Library)] internal static partial Tensor nas_tile(Tensor self, ReadOnlySpan<long> size, int count);
    [LibraryImport(Library)] internal static partial Tensor nas_expand(Tensor self, ReadOnlySpan<long> size, int count, Flag isImplicit);
    [LibraryImport(Library)] internal static partial Tensor nas_as_strided(Tensor self, ReadOnlySpan<long> size, ReadOnlySpan<long> stride, int count, long offset);
    [LibraryImport(Library)] internal static partial Tensor nas_roll(Tensor self, ReadOnlySpan<long> shifts, int shiftCount, ReadOnlySpan<long> dim, int dimCount);
    [LibraryImport(Library)] internal static partial Tensor nas_flatten(Tensor self, long start, long end);
    [LibraryImport(Library)] internal static partial Tensor nas_unflatten(Tensor self, long dim, ReadOnlySpan<long> size, int count);
    [LibraryImport(Library)] internal static partial Tensor nas_transpose(Tensor self, long first, long second);
    [LibraryImport(Library)] internal static partial Tensor nas_t(Tensor self);
    [LibraryImport(Library)] internal static partial Tensor nas_squeeze(Tensor self);
    [LibraryImport(Library)] internal static partial Tensor nas_squeeze_dim(Tensor self, long dim);
    [LibraryImport(Library)] internal static partial Tensor nas_unsqueeze(Tensor self, long dim);
    [LibraryImport(Library)] internal static partial Tensor nas_narrow(Tensor self, long dim, long start, long length);
    [LibraryImport(Library)] internal static partial Tensor nas_slice(Tensor self, long dim, long start, long end, long step);
    [LibraryImport(Library)] internal static partial Tensor nas_select(Tensor self, long dim, long index);
    [LibraryImport(Library)] internal static partial Tensor nas_unfold(Tensor self, long dim, long size, long step);
    [LibraryImport(Library)] internal static partial Tensor nas_diagonal(Tensor self, long offset, long first, long second);
    [LibraryImport(Library)] internal static partial Tensor nas_diag(Tensor self, long diagonal);
    [LibraryImport(Library)] internal static partial Tensor nas_tril(Tensor self, long diagonal);
    [LibraryImport(Library)] internal static partial Tensor nas_triu(Tensor self, long diagonal);
    [LibraryImport(Library)] internal static partial Tensor nas_contiguous(Tensor self, int memoryFormat);
    [LibraryImport(Library)] internal static partial Tensor nas_clone(Tensor self);
    [LibraryImport(Library)] internal static partial Tensor nas_alias(Tensor self);
    [LibraryImport(Library)] internal static partial Tensor nas_detach(Tensor self);
    [LibraryImport(Library)] internal static partial Done nas_detach_(Tensor self);
    [LibraryImport(Library)] internal static partial Done nas_copy_(Tensor self, Tensor source, Flag nonBlocking);
    [LibraryImport(Library)] internal static partial Done nas_set_(Tensor self, Tensor source);
    [LibraryImport(Library)] internal static partial Done nas_set_data(Tensor self, Tensor data);
    [LibraryImport(Library)] internal static partial Tensor nas_to(Tensor self, Placement placement, Flag nonBlocking, Flag copy);
    [LibraryImport(Library)] internal static partial Tensor nas_pin_memory(Tensor self);
    [LibraryImport(Library)] internal static partial Tensor nas_cat(TensorList tensors, int count, long dim);
    [LibraryImport(Library)] internal static partial Tensor nas_stack(TensorList tensors, int count, long dim);
    [LibraryImport(Library)]
    [return: MarshalUsing(CountElementName = nameof(resultCount))]
    internal static partial Tensor[]? nas_broadcast_tensors(TensorList tensors, int count, out int resultCount);
    [LibraryImport(Library)]
    [return: MarshalUsing(CountElementName = nameof(count))]
    internal static partial Tensor[]? nas_unbind(Tensor self, long dim, out int count);
    [LibraryImport(Library)]
    [return: MarshalUsing(CountElementName = nameof(count))]
    internal static partial Tensor[]? nas_chunk(Tensor self, long chunks, long dim, out int count);
    [LibraryImport(Library)]
    [return: MarshalUsing(CountElementName = nameof(count))]
    internal static partial Tensor[]? nas_split(Tensor self, long size, long dim, out int count);
    [LibraryImport(Library)]
    [return: MarshalUsing(CountElementName = nameof(count))]
    internal static partial Tensor[]? nas_split_sizes(Tensor self, ReadOnlySpan<long> sizes, int sizeCount, long dim, out int count);
}
