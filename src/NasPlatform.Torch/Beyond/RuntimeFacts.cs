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
/// <param name="BlasThreads">Threads that OpenBLAS uses for one product, beside libtorch's; null for others.</param>
/// <param name="CpuCapability">The instructions libtorch's own kernels use: AVX512, AVX2 or DEFAULT.</param>
/// <param name="Threads">Threads that one operator may use on the calling thread.</param>
/// <param name="HasFastBFloat16">Whether this processor computes faster in bfloat16 than in float32.</param>
/// <param name="CudaDevices">CUDA devices that libtorch sees; 0 with a build for processors only.</param>
public sealed record RuntimeFacts(string Libtorch, string Blas, string? BlasCore, string? BlasFile, int? BlasThreads, string CpuCapability, int Threads, bool HasFastBFloat16, int CudaDevices)
{
    private const string Reference = "reference BLAS";

    /// <summary>Names that OpenBLAS has for processors with AVX-512.</summary>
    private static readonly string[] WideCores = ["SkylakeX", "Cooperlake", "Sapphirerapids"];

    /// <summary>What makes things slow here and what to do about it; empty if nothing does.</summary>
    public IReadOnlyList<string> Advice => [.. FindAdvice()];

    /// <summary>Loads libtorch if need be, and looks.</summary>
    public static RuntimeFacts Read()
    {
        int threads = get_num_threads();
        (string blas, OpenBlas? open, string? file) = FindBlas();
        return new RuntimeFacts(__version__, blas, open?.Core, file, open?.Threads, Capability(), threads, Autocast.Pays(DeviceType.CPU), cuda.device_count());
    }

    private IEnumerable<string> FindAdvice()
    {
        if (Blas == Reference)
            yield return "Matrices are multiplied by the reference BLAS, ten times slower than need be; install OpenBLAS (apt-get install libopenblas0-pthread, or ./run.sh).";
        if (BlasCore is not null && Avx512BW.IsSupported && !WideCores.Contains(BlasCore, StringComparer.OrdinalIgnoreCase))
            yield return $"OpenBLAS multiplies matrices as {BlasCore} would, without this processor's AVX-512; start with OPENBLAS_CORETYPE=SkylakeX.";
        if (BlasThreads > 1)
            yield return $"OpenBLAS uses {BlasThreads} threads of its own beside libtorch's, and small products are many times slower for it; start with OPENBLAS_NUM_THREADS=1.";
        if (Threads > Environment.ProcessorCount)
            yield return $"libtorch starts with {Threads} threads, more than this machine's {Environment.ProcessorCount} cores; unset OMP_NUM_THREADS.";
    }

    private static (string blas, OpenBlas? open, string? file) FindBlas()
    {
        foreach (string file in LoadedLibraries().OrderByDescending(file => Path.GetFileName(file).Contains("openblas", StringComparison.Ordinal)))
        {
            string name = Path.GetFileName(file);
            if (name.StartsWith("libmkl", StringComparison.Ordinal)) return ("MKL", null, file);
            if (name.StartsWith("libblis", StringComparison.Ordinal)) return ("BLIS", null, file);
            if (!name.StartsWith("libblas", StringComparison.Ordinal) && !name.Contains("openblas", StringComparison.Ordinal)) continue;
            return FindOpenBlas(file) is { } open ? ("OpenBLAS", open, file) : (Reference, null, file);
        }
        return (Config().Contains("USE_MKL=ON", StringComparison.Ordinal) ? "MKL" : "a part of libtorch", null, null);
    }

    /// <summary>What OpenBLAS says of itself; null if the file is not OpenBLAS.</summary>
    private static unsafe OpenBlas? FindOpenBlas(string file)
    {
        if (!NativeLibrary.TryLoad(file, out IntPtr library)
            || !NativeLibrary.TryGetExport(library, "openblas_get_corename", out IntPtr core)
            || !NativeLibrary.TryGetExport(library, "openblas_get_num_threads", out IntPtr threads)) return null;
        return new(Marshal.PtrToStringUTF8((IntPtr)((delegate* unmanaged<byte*>)core)())!, ((delegate* unmanaged<int>)threads)()); // not null: a text there
    }

    /// <param name="Core">The name it gives the processor.</param>
    /// <param name="Threads">For one product.</param>
    private sealed record OpenBlas(string Core, int Threads);

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
