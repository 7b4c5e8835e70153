using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static partial class Native
{
    [LibraryImport(Library)] internal static partial int nas_num_threads();
    [LibraryImport(Library)] internal static partial Done nas_set_num_threads(int count);
    [LibraryImport(Library)] internal static partial int nas_num_interop_threads();
    [LibraryImport(Library)] internal static partial Done nas_set_num_interop_threads(int count);
    [LibraryImport(Library)] internal static partial int nas_cuda_device_count();
    [LibraryImport(Library)] internal static partial Flag nas_cuda_has_cudnn();
    [LibraryImport(Library)] internal static partial Flag nas_cuda_has_bfloat16();
    [LibraryImport(Library)] internal static partial Done nas_cuda_synchronize(int index);
}
