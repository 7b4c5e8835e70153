using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace TorchSharp;

/// <summary>Finds and sets up libnas_torch.so, and says what is missing when it cannot be loaded.</summary>
internal static partial class NativeLoader
{
    private const string FileName = "libnas_torch.so";

    // Not a static constructor: a declaration without marshalling code is called without running one.
#pragma warning disable CA2255
    [ModuleInitializer]
    internal static void Register() =>
        NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, (name, _, _) => name == Native.Library ? Load() : IntPtr.Zero);
#pragma warning restore CA2255

    private static IntPtr Load()
    {
        PreferWideVectors();
        LeaveThreadsToLibtorch();
        string beside = Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location) ?? "", FileName);
        string[] places = [beside, Path.Combine(AppContext.BaseDirectory, FileName)];
        string? path = places.FirstOrDefault(File.Exists);
        IntPtr library = LoadFrom(path);
        if (!NativeLibrary.TryGetExport(library, "nas_trim_memory", out _) || !NativeLibrary.TryGetExport(library, "nas_keep_memory", out IntPtr keepMemory))
            throw new DllNotFoundException($"{path ?? FileName} is not of this version of the program. Run ./run.sh; it builds it anew.");
        unsafe
        {
            // Freed blocks stay with the process: a training step asks for the same ones as the step before.
            ((delegate* unmanaged<void>)keepMemory)();
        }
        return library;
    }

    private static IntPtr LoadFrom(string? path)
    {
        try
        {
            return NativeLibrary.Load(path ?? FileName);
        }
        catch (DllNotFoundException failure) when (path is null)
        {
            throw new DllNotFoundException($"The native part of the torch binding, {FileName}, has not been built. Run ./run.sh once; it builds it.", failure);
        }
        catch (DllNotFoundException failure) when (failure.Message.Contains("libtorch", StringComparison.Ordinal) || failure.Message.Contains("libc10", StringComparison.Ordinal))
        {
            throw new DllNotFoundException($"libtorch is not installed, or not the version that {path} was built against ({Reason(failure)}). Run ./run.sh; it installs libtorch and builds what needs it.", failure);
        }
        catch (DllNotFoundException failure)
        {
            throw new DllNotFoundException($"{path} cannot be loaded: {Reason(failure)}. Run ./run.sh; it installs what is missing and builds it anew.", failure);
        }
    }

    /// <summary>What the system's loader said: its words stand among other tries' in the exception's message.</summary>
    private static string Reason(DllNotFoundException failure) =>
        failure.Message.Split('\n').FirstOrDefault(line => line.Contains(": cannot ", StringComparison.Ordinal) || line.Contains("undefined symbol", StringComparison.Ordinal))?.Trim()
        ?? failure.Message.Trim();

    /// <summary>
    /// AMD's processors with AVX-512 do it at full width, but libtorch leaves its AVX-512 kernels out unless asked: tanh,
    /// exp and softmax take half the time with them. An OpenBLAS older than the processor (0.3.21 and Zen 5) multiplies matrices
    /// by AVX2: a recurrent cell takes 1.3 times as long. Both read the environment when they are loaded; what the user has set stays.
    /// </summary>
    private static void PreferWideVectors()
    {
        if (!OperatingSystem.IsLinux() || !Avx512BW.IsSupported || !IsAmd()) return;
        setenv("ATEN_CPU_CAPABILITY", "avx512", 0);
        setenv("OPENBLAS_CORETYPE", "SkylakeX", 0);
    }

    /// <summary>
    /// OpenBLAS would multiply small matrices with threads of its own, as many as there are cores, beside libtorch's and those of other trials: a recurrent cell trained twelve times slower so. It reads
    /// the environment when it is loaded; what the user has set stays.
    /// </summary>
    private static void LeaveThreadsToLibtorch()
    {
        if (OperatingSystem.IsLinux()) setenv("OPENBLAS_NUM_THREADS", "1", 0);
    }

    private static bool IsAmd()
    {
        (_, int ebx, _, _) = X86Base.CpuId(0, 0);
        return ebx == 0x68747541; // "Auth", of AuthenticAMD
    }

    /// <summary>The C library's, because .NET keeps an environment of its own.</summary>
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
