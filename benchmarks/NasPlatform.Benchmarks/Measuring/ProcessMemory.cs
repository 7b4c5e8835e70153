using System.Globalization;

namespace NasPlatform.Benchmarks.Measuring;

/// <summary>The most memory that this process has from its making on.</summary>
internal sealed class ProcessMemory
{
    private readonly long _baseline;

    public ProcessMemory()
    {
        File.WriteAllText("/proc/self/clear_refs", "5"); // the high-water mark begins here
        _baseline = Field("VmRSS:");
    }

    /// <summary>In all, and above what there was at first.</summary>
    public (double PeakMebibytes, double GrowthMebibytes) Read()
    {
        var peak = Field("VmHWM:");
        return (peak / 1024.0, (peak - _baseline) / 1024.0);
    }

    private static long Field(string name) => long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
