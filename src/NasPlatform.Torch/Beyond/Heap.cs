using System.Runtime.InteropServices;

namespace NasPlatform.Torch;

/// <summary>The C heap, from which libtorch takes tensors on processors.</summary>
public static partial class Heap
{
    /// <summary>
    /// Gives free pages of the heap back to the system. Within a training it keeps them on purpose; between trainings of different
    /// networks what one left would not fit the next, and the process would grow. Takes milliseconds.
    /// </summary>
    public static void Trim()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = malloc_trim(0); // whether anything was given back
        }
    }

    [LibraryImport("libc")]
    private static partial int malloc_trim(nint pad);
}
