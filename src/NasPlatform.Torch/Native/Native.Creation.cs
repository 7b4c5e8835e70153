using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor nas_zeros(ReadOnlySpan<long> size, int count, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_zeros_like(Tensor self, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_ones(ReadOnlySpan<long> size, int count, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_ones_like(Tensor self, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_empty(ReadOnlySpan<long> size, int count, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_empty_like(Tensor self, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_full(ReadOnlySpan<long> size, int count, Number value, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_full_like(Tensor self, Number value, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_empty_strided(ReadOnlySpan<long> size, ReadOnlySpan<long> stride, int count, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_scalar_tensor(Number value, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_arange(Number start, Number stop, Number step, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_linspace(double start, double end, long steps, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_eye(long rows, long columns, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_tril_indices(long rows, long columns, long offset, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_triu_indices(long rows, long columns, long offset, Placement placement);
    [LibraryImport(Library)] internal static unsafe partial Tensor nas_from_memory(void* data, sbyte type, ReadOnlySpan<long> size, int count, Placement placement);
    [LibraryImport(Library)] internal static unsafe partial Tensor nas_over_memory(void* data, sbyte type, ReadOnlySpan<long> size, int count, delegate* unmanaged<void*, void> release, void* context);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial Tensor nas_from_file(string path, Flag shared, long count, Placement placement);
}
