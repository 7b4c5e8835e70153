using System.Text.RegularExpressions;
using NasPlatform.Torch;

namespace NasPlatform.Benchmarks.Results;

/// <summary>What was measured on.</summary>
/// <param name="Processor">Its model.</param>
/// <param name="Cores">Those that this process may use.</param>
/// <param name="Rows">All that is told, by name.</param>
internal sealed partial record MachineFacts(string Processor, int Cores, IReadOnlyList<(string Name, string Value)> Rows)
{
    /// <summary>The name of its results' file.</summary>
    public string FileName => $"{NoWord().Replace(Processor.ToLowerInvariant(), "-").Trim('-')}-{Cores}.md";

    /// <summary>How many processes want to run, in the mean of the last minute.</summary>
    public static string Load => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    public static MachineFacts Read()
    {
        var lines = File.ReadLines("/proc/cpuinfo").TakeWhile(line => line.Length > 0).Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries)).ToLookup(pair => pair[0], pair => pair[^1]);
        var processor = lines["model name"].FirstOrDefault("processor");
        var runtime = RuntimeFacts.Read();
        var kernel = Kernels.limit(Instructions.Avx512);
        return new(processor, Environment.ProcessorCount,
        [
            ("processor", $"{processor}, family {lines["cpu family"].FirstOrDefault("?")}, model {lines["model"].FirstOrDefault("?")}"),
            ("cores", $"{Environment.ProcessorCount}"),
            ("instructions", $"{kernel} in our kernels, {runtime.CpuCapability} in libtorch's"),
            ("libtorch and PyTorch", runtime.Libtorch),
            ("matrix products", runtime.BlasCore is null ? runtime.Blas : $"{runtime.Blas} for {runtime.BlasCore}"),
            (".NET", $"{Environment.Version}"),
        ]);
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NoWord();
}
