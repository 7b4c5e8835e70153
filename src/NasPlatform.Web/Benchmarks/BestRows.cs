using NasPlatform.Search.Benchmarks;

namespace NasPlatform.Web.Benchmarks;

/// <summary>The best architectures of a table.</summary>
internal static class BestRows
{
    /// <summary>Rows by the accuracy that is reported after the most epochs, best first, the earlier of equals.</summary>
    public static IReadOnlyList<int> Of(BenchmarkDataset dataset, int count)
    {
        var reported = dataset.Full.Reported;
        return [.. Enumerable.Range(0, reported.Count).Where(row => !double.IsNaN(reported[row])).OrderByDescending(row => reported[row]).Take(count)];
    }
}
