using NasPlatform.Benchmarks.Cases;
using NasPlatform.Benchmarks.Measuring;

namespace NasPlatform.Benchmarks.Results;

/// <summary>Measurements as the rows of a table.</summary>
internal static class ResultTable
{
    public const string Head =
        """
        | case | batch | ours ms | PyTorch ms | ratio | examples/s, ours | least ms | share of it, ours / PyTorch | peak MiB, ours / PyTorch | of that the work's | steps | date | load |
        | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
        """;

    /// <param name="load">The machine's when the measurement began.</param>
    public static string Row(Case work, Measurement measured, Peaks peaks, Comparison comparison, string load)
    {
        var (ours, theirs) = (measured.OurMilliseconds, measured.TheirMilliseconds);
        var least = work.Roofline?.Milliseconds(peaks, comparison.Precision);
        string[] cells =
        [
            work.Name,
            $"{work.Batch} {work.Examples}",
            Time(ours),
            Time(theirs),
            $"**{theirs / ours:0.00}**",
            $"{1000 * work.Batch / ours:0}",
            least is { } time ? Time(time) : "–",
            least is { } floor ? $"{100 * floor / ours:0} % / {100 * floor / theirs:0} %" : "–",
            $"{measured.OurMemory.PeakMebibytes:0} / {measured.TheirMemory.PeakMebibytes:0}",
            $"{measured.OurMemory.GrowthMebibytes:0} / {measured.TheirMemory.GrowthMebibytes:0}",
            $"{measured.Steps}",
            $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}",
            load,
        ];
        return $"| {string.Join(" | ", cells)} |";

        static string Time(double milliseconds) => milliseconds < 10 ? $"{milliseconds:0.00}" : milliseconds < 1000 ? $"{milliseconds:0.0}" : $"{milliseconds:0}";
    }
}
