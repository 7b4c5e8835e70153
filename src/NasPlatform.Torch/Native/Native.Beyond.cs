using System.Runtime.InteropServices;

namespace TorchSharp;

internal static partial class Native
{
    [LibraryImport(Library)] internal static partial Done nas_autocast_enter(int deviceType, int dtype, Flag enabled, out Flag enabledBefore, out int dtypeBefore);
    [LibraryImport(Library)] internal static partial Done nas_autocast_leave(int deviceType, int dtypeBefore, Flag enabledBefore);
    [LibraryImport(Library)] internal static partial Flag nas_set_flush_denormal(Flag flush);
    [LibraryImport(Library)] internal static partial void nas_keep_memory();
    [LibraryImport(Library)] internal static partial void nas_trim_memory();
    [LibraryImport(Library)] internal static partial IntPtr nas_version();
    [LibraryImport(Library)] internal static partial IntPtr nas_config();
}
