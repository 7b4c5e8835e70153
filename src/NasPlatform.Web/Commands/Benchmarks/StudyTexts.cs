using System.Globalization;
using NasPlatform.Search.Benchmarks;

namespace NasPlatform.Web.Commands.Benchmarks;

/// <summary>What runs on a table came to, for people and programs.</summary>
internal static class StudyTexts
{
    private static readonly double[] Quartiles = [0.25, 0.5, 0.75];

    /// <summary>By what runs are judged: <c>test accuracy</c>.</summary>
    public static string Judged(BenchmarkStudy study) => study.Dataset.Full.HasTest ? "test accuracy" : "validation accuracy";

    /// <summary>The runs that found an architecture, and what the chosen ones are worth.</summary>
    public static (double Mean, double HalfWidth)? Chosen(BenchmarkStudy study) =>
        study.Chosen.Where(chosen => !double.IsNaN(chosen)).ToList() is { Count: > 0 } found ? Statistics.MeanWithConfidence(found) : null;

    /// <summary>The quartiles of regret after so many queries; null where no run had found anything.</summary>
    public static double[]? RegretQuartiles(BenchmarkStudy study, int query) =>
        study.Regrets(query) is { Count: > 0 } regrets ? [.. Quartiles.Select(share => Statistics.Quantile(regrets, share))] : null;

    /// <summary>A difference of accuracies in points of per cent: <c>0.27</c>.</summary>
    public static string Points(double share) => (100 * share).ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary><c>94.12 % ± 0.03</c></summary>
    public static string WithConfidence((double Mean, double HalfWidth)? chosen) => chosen is var (mean, halfWidth)
        ? Figures.Percent(mean) + (double.IsFinite(halfWidth) ? $" ± {Points(halfWidth)}" : "")
        : "–";

    /// <summary>Simulated seconds as <c>3:20:00</c>; a dash where the table has no times.</summary>
    public static string Simulated(double seconds) => double.IsNaN(seconds) ? "–" : Figures.Duration(TimeSpan.FromSeconds(seconds));

    /// <summary>One object for <c>--json</c>.</summary>
    public static object Json(BenchmarkTable table, BenchmarkStudy study, double wallSeconds) => new
    {
        Benchmark = table.Name,
        Dataset = study.Dataset.Name,
        study.Options.Strategy,
        study.Runs[0].StrategySettings,
        Epochs = study.Dataset.Budget(study.Options.Epochs).Epochs,
        study.Options.Workers,
        Runs = study.Runs.Count,
        study.Queries,
        Judged = Judged(study),
        Mean = Chosen(study)?.Mean,
        Confidence95 = Chosen(study)?.HalfWidth,
        study.Optimum,
        BestPossible = table.Architecture(study.Dataset.Full.Best),
        Distinct = study.Runs.Average(run => run.Distinct),
        Missing = study.Runs.Average(run => run.Missing),
        Checkpoints = study.Checkpoints().Select(query => new { Query = query, Seconds = study.MeanSeconds(query), Regret = RegretQuartiles(study, query) }),
        WallSeconds = wallSeconds,
    };
}
