#if TORCH_PACKAGE
using System.Runtime.InteropServices;
#else
using TorchSharp;
#endif

namespace NasPlatform.Torch;

/// <summary>Where tensors on processors lie.</summary>
public static partial class Heap
{
    /// <summary>
    /// Gives free pages back to the system. Within a training they are kept on purpose; between trainings of different
    /// networks what one left would not fit the next, and the process would grow. Takes milliseconds.
    /// </summary>
    public static void Trim()
    {
#if TORCH_PACKAGE
        if (OperatingSystem.IsLinux())
        {
            _ = malloc_trim(0); // whether anything was given back
        }
#else
        Native.nas_trim_memory();
#endif
    }

#if TORCH_PACKAGE
    [LibraryImport("libc")]
    private static partial int malloc_trim(nint pad);
#endif
}
