using NasPlatform.Search.Benchmarks;

namespace NasPlatform.Web.Benchmarks;

/// <summary>What a study came to. Accuracies, regrets and differences are shares from 0 to 1; times are the table's seconds.</summary>
/// <param name="Dataset">On which it was searched.</param>
/// <param name="Epochs">Of the trainings that the strategies saw.</param>
/// <param name="JudgedEpochs">Of the trainings by which they are judged.</param>
/// <param name="Judged">By what they are judged: test or validation accuracy.</param>
/// <param name="Optimum">That of the best architecture of the table.</param>
/// <param name="Best">That architecture.</param>
/// <param name="Strategies">In the order in which they were named.</param>
public sealed record StudyResult(string Benchmark, string Dataset, int Epochs, int JudgedEpochs, string Judged, double Optimum, string Best, IReadOnlyList<StrategyResult> Strategies)
{
    /// <summary>Runs a study, the same seeds for each strategy.</summary>
    /// <param name="share">Told how much of it is done, 0 to 1.</param>
    /// <param name="cores">Runs side by side.</param>
    /// <exception cref="Search.UserErrorException">It does not fit the table.</exception>
    internal static StudyResult Of(BenchmarkTable table, StudySpec spec, TimeProvider time, int cores, Action<double> share, CancellationToken cancellation)
    {
        var all = spec.Strategies.Count * spec.Seeds;
        var studies = new List<(BenchmarkStudy Study, double WallSeconds)>();
        foreach (var strategy in spec.Strategies)
        {
            var before = studies.Count * spec.Seeds;
            var began = time.GetTimestamp();
            var study = BenchmarkStudy.Of(table, spec.RunOptions(strategy), spec.Seed, spec.Seeds, new RunsDone(runs => share((before + runs) / (double)all)), cores, cancellation);
            studies.Add((study, time.GetElapsedTime(began).TotalSeconds));
        }

        var first = studies[0].Study;
        return new(
            table.Name,
            first.Dataset.Name,
            first.Dataset.Budget(spec.Epochs).Epochs,
            first.Dataset.Full.Epochs,
            first.Dataset.Full.HasTest ? "test accuracy" : "validation accuracy",
            first.Optimum,
            table.Architecture(first.Dataset.Full.Best),
            [.. studies.Zip(spec.Strategies, (study, strategy) => StrategyResult.Of(strategy, study.Study, first, study.WallSeconds))]);
    }

    private sealed class RunsDone(Action<int> tell) : IProgress<int>
    {
        public void Report(int value) => tell(value);
    }
}

/// <summary>What the runs of a strategy came to.</summary>
/// <param name="Name">Of the strategy.</param>
/// <param name="Label">With the settings that differ from the usual ones.</param>
/// <param name="Settings">All of them.</param>
/// <param name="Runs">How many, each with its seed.</param>
/// <param name="Queries">The least number of queries that all runs made.</param>
/// <param name="Seconds">The mean simulated time of so many queries; null where the table has no times.</param>
/// <param name="Mean">What the chosen architectures are worth on average; null where no run found one.</param>
/// <param name="Confidence95">Half the width of the mean's 95 % interval; null for a single run.</param>
/// <param name="Difference">The mean difference from the first strategy, run by run; null for the first itself.</param>
/// <param name="DifferenceConfidence95">Half the width of its 95 % interval.</param>
/// <param name="Distinct">Different architectures of a run, on average.</param>
/// <param name="Missing">Queries of architectures that the table does not have, on average.</param>
/// <param name="ByQuery">How regret falls with the number of queries.</param>
/// <param name="ByTime">How it falls with simulated time, in seconds; empty where the table has no times.</param>
/// <param name="WallSeconds">How long the runs took here.</param>
public sealed record StrategyResult(
    string Name,
    string Label,
    IReadOnlyDictionary<string, string> Settings,
    int Runs,
    int Queries,
    double? Seconds,
    double? Mean,
    double? Confidence95,
    double? Difference,
    double? DifferenceConfidence95,
    double Distinct,
    double Missing,
    IReadOnlyList<RegretPoint> ByQuery,
    IReadOnlyList<RegretPoint> ByTime,
    double WallSeconds)
{
    /// <summary>Places of a curve at which regret is told.</summary>
    private const int Places = 100;

    internal static StrategyResult Of(StudiedStrategy strategy, BenchmarkStudy study, BenchmarkStudy first, double wallSeconds)
    {
        var (mean, confidence) = Mean(study.Chosen);
        var (difference, differenceConfidence) = study == first ? default : Mean(study.Chosen.Zip(first.Chosen, (own, other) => own - other));
        return new(
            strategy.Name,
            strategy.Label,
            study.Runs[0].StrategySettings,
            study.Runs.Count,
            study.Queries,
            study.Queries > 0 && study.MeanSeconds(study.Queries) is var seconds && double.IsFinite(seconds) ? seconds : null,
            mean,
            confidence,
            difference,
            differenceConfidence,
            study.Runs.Average(run => run.Distinct),
            study.Runs.Average(run => run.Missing),
            RegretsByQuery(study),
            RegretsByTime(study),
            wallSeconds);

        static (double? Mean, double? HalfWidth) Mean(IEnumerable<double> values)
        {
            var known = values.Where(value => !double.IsNaN(value)).ToList();
            var (mean, halfWidth) = known.Count == 0 ? (double.NaN, double.NaN) : Statistics.MeanWithConfidence(known);
            return (double.IsFinite(mean) ? mean : null, double.IsFinite(halfWidth) ? halfWidth : null);
        }
    }

    private static List<RegretPoint> RegretsByQuery(BenchmarkStudy study) => study.Queries == 0 ? [] :
    [
        .. Spread(1, study.Queries).Select(place => (int)Math.Round(place)).Distinct().SelectMany(query => Quartiles(query, study.Regrets(query))),
    ];

    /// <summary>From when all runs have found something until the first of them ends.</summary>
    private static List<RegretPoint> RegretsByTime(BenchmarkStudy study)
    {
        if (study.Queries == 0 || !study.Dataset.Budget(study.Options.Epochs).HasSeconds)
        {
            return [];
        }

        var begins = study.Runs.Max(run => run.Steps[0].Seconds);
        var ends = study.Runs.Min(run => run.Steps[^1].Seconds);
        return begins <= 0 || ends < begins ? [] : [.. Spread(begins, ends).SelectMany(seconds => Quartiles(seconds, study.RegretsAt(seconds)))];
    }

    /// <summary>Evenly on a logarithmic scale, both ends among them.</summary>
    private static IEnumerable<double> Spread(double first, double last) => first == last
        ? [first]
        : Enumerable.Range(0, Places).Select(place => place == Places - 1 ? last : first * Math.Pow(last / first, place / (Places - 1.0)));

    private static IEnumerable<RegretPoint> Quartiles(double at, IReadOnlyList<double> regrets) => regrets.Count == 0
        ? []
        : [new(at, Statistics.Quantile(regrets, 0.25), Statistics.Quantile(regrets, 0.5), Statistics.Quantile(regrets, 0.75))];
}

/// <summary>Quartiles of what the incumbents of the runs lack to the optimum.</summary>
/// <param name="At">Queries, or seconds of simulated time.</param>
public readonly record struct RegretPoint(double At, double Low, double Median, double High);
