using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static partial class Native
{
    [LibraryImport(Library), SuppressGCTransition] internal static partial long nas_dim(Tensor self);
    [LibraryImport(Library), SuppressGCTransition] internal static partial long nas_numel(Tensor self);
    [LibraryImport(Library), SuppressGCTransition] internal static partial long nas_storage_offset(Tensor self);
    [LibraryImport(Library), SuppressGCTransition] internal static partial long nas_element_size(Tensor self);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int nas_dtype(Tensor self);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int nas_device_type(Tensor self);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int nas_device_index(Tensor self);
    [LibraryImport(Library), SuppressGCTransition] internal static partial IntPtr nas_data_ptr(Tensor self);
    [LibraryImport(Library), SuppressGCTransition] internal static partial void nas_sizes(Tensor self, Span<long> sizes);
    [LibraryImport(Library), SuppressGCTransition] internal static partial void nas_strides(Tensor self, Span<long> strides);
    [LibraryImport(Library)] internal static partial Done nas_size(Tensor self, long dim, out long size);
    [LibraryImport(Library)] internal static partial Done nas_stride(Tensor self, long dim, out long stride);
    [LibraryImport(Library), SuppressGCTransition] internal static partial Flag nas_is_contiguous(Tensor self, int memoryFormat);
    [LibraryImport(Library), SuppressGCTransition] internal static partial Flag nas_is_sparse(Tensor self);
    [LibraryImport(Library)] internal static partial Flag nas_is_pinned(Tensor self);
    [LibraryImport(Library), SuppressGCTransition] internal static partial Flag nas_is_complex(Tensor self);
    [LibraryImport(Library)] internal static partial Done nas_item(Tensor self, out double real, out long integer);
}
