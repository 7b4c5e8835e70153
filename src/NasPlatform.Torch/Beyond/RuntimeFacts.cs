using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Torch;

/// <summary>What tensors are computed with here.</summary>
/// <param name="Libtorch">Version of libtorch.</param>
/// <param name="Blas">The library that multiplies matrices: OpenBLAS, MKL, BLIS, or the reference BLAS.</param>
/// <param name="BlasCore">The processor OpenBLAS has chosen its kernels for, such as SkylakeX; null for others.</param>
/// <param name="BlasFile">The file it was loaded from; null if it is a part of libtorch.</param>
/// <param name="CpuCapability">The instructions libtorch's own kernels use: AVX512, AVX2 or DEFAULT.</param>
/// <param name="Threads">Threads that one operator may use on the calling thread.</param>
/// <param name="CudaDevices">CUDA devices that libtorch sees; 0 with a build for processors only.</param>
public sealed record RuntimeFacts(string Libtorch, string Blas, string? BlasCore, string? BlasFile, string CpuCapability, int Threads, int CudaDevices)
{
    private const string Reference = "reference BLAS";

    /// <summary>What makes things slow here and what to do about it; null if nothing does.</summary>
    public string? Advice => Blas == Reference
        ? "Matrices are multiplied by the reference BLAS, ten times slower than need be; install OpenBLAS (apt-get install libopenblas0-pthread, or ./run.sh)."
        : null;

    /// <summary>Loads libtorch if need be, and looks.</summary>
    public static RuntimeFacts Read()
    {
        int threads = get_num_threads();
        (string blas, string? core, string? file) = FindBlas();
        return new RuntimeFacts(__version__, blas, core, file, Capability(), threads, cuda.device_count());
    }

    private static (string blas, string? core, string? file) FindBlas()
    {
        foreach (string file in LoadedLibraries().OrderByDescending(file => Path.GetFileName(file).Contains("openblas", StringComparison.Ordinal)))
        {
            string name = Path.GetFileName(file);
            if (name.StartsWith("libmkl", StringComparison.Ordinal)) return ("MKL", null, file);
            if (name.StartsWith("libblis", StringComparison.Ordinal)) return ("BLIS", null, file);
            if (!name.StartsWith("libblas", StringComparison.Ordinal) && !name.Contains("openblas", StringComparison.Ordinal)) continue;
            return OpenBlasCore(file) is { } core ? ("OpenBLAS", core, file) : (Reference, null, file);
        }
        return (Config().Contains("USE_MKL=ON", StringComparison.Ordinal) ? "MKL" : "a part of libtorch", null, null);
    }

    /// <summary>The name OpenBLAS gives the processor; null if the file is not OpenBLAS.</summary>
    private static unsafe string? OpenBlasCore(string file)
    {
        if (!NativeLibrary.TryLoad(file, out IntPtr library) || !NativeLibrary.TryGetExport(library, "openblas_get_corename", out IntPtr export)) return null;
        return Marshal.PtrToStringUTF8((IntPtr)((delegate* unmanaged<byte*>)export)());
    }

    private static IEnumerable<string> LoadedLibraries() => !OperatingSystem.IsLinux() ? [] :
        File.ReadLines("/proc/self/maps").Select(line => line.IndexOf('/') is >= 0 and int start ? line[start..] : "").Where(path => path.Contains(".so", StringComparison.Ordinal)).Distinct();

#if TORCH_PACKAGE
    private static string Capability() => Avx512F.IsSupported ? "AVX512" : Avx2.IsSupported ? "AVX2" : "DEFAULT";
    private static string Config() => "";
#else
    private static string Capability()
    {
        string? line = Config().Split('\n').FirstOrDefault(line => line.Contains("CPU capability usage:", StringComparison.Ordinal));
        return line?.Split(':')[^1].Trim() ?? (Avx512F.IsSupported ? "AVX512" : Avx2.IsSupported ? "AVX2" : "DEFAULT");
    }

    private static string Config() => Marshal.PtrToStringUTF8(Native.nas_config())!; // a text there
#endif
}
