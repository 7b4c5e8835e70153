using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor nas_index(Tensor self, ReadOnlySpan<IndexItem> items, int count);
    [LibraryImport(Library)] internal static partial Done nas_index_put_(Tensor self, ReadOnlySpan<IndexItem> items, int count, Tensor value);
    [LibraryImport(Library)] internal static partial Done nas_index_put_number_(Tensor self, ReadOnlySpan<IndexItem> items, int count, Number value);
    [LibraryImport(Library)] internal static partial Done nas_index_put_accumulate_(Tensor self, TensorList items, int count, Tensor value, Flag accumulate);
    [LibraryImport(Library)] internal static partial Tensor nas_index_select(Tensor self, long dim, Tensor index);
    [LibraryImport(Library)] internal static partial Tensor nas_gather(Tensor self, long dim, Tensor index);
    [LibraryImport(Library)] internal static partial Tensor nas_take(Tensor self, Tensor index);
    [LibraryImport(Library)] internal static partial Tensor nas_masked_select(Tensor self, Tensor mask);
    [LibraryImport(Library)] internal static partial Tensor nas_masked_fill(Tensor self, Tensor mask, Number value);
    [LibraryImport(Library)] internal static partial Done nas_masked_fill_(Tensor self, Tensor mask, Number value);
    [LibraryImport(Library)] internal static partial Tensor nas_nonzero(Tensor self);
    [LibraryImport(Library)] internal static partial Tensor nas_scatter(Tensor self, long dim, Tensor index, Tensor source);
    [LibraryImport(Library)] internal static partial Done nas_scatter_(Tensor self, long dim, Tensor index, Tensor source);
    [LibraryImport(Library)] internal static partial Tensor nas_scatter_add(Tensor self, long dim, Tensor index, Tensor source);
    [LibraryImport(Library)] internal static partial Done nas_scatter_add_(Tensor self, long dim, Tensor index, Tensor source);
    [LibraryImport(Library)] internal static partial Tensor nas_index_copy(Tensor self, long dim, Tensor index, Tensor source);
    [LibraryImport(Library)] internal static partial Done nas_index_copy_(Tensor self, long dim, Tensor index, Tensor source);
    [LibraryImport(Library)] internal static partial Tensor nas_index_add(Tensor self, long dim, Tensor index, Tensor source, Number alpha);
    [LibraryImport(Library)] internal static partial Done nas_index_add_(Tensor self, long dim, Tensor index, Tensor source, Number alpha);
    [LibraryImport(Library)] internal static partial Tensor nas_index_fill(Tensor self, long dim, Tensor index, Number value);
    [LibraryImport(Library)] internal static partial Done nas_index_fill_(Tensor self, long dim, Tensor index, Number value);
}
