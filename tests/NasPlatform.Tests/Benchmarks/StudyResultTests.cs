using NasPlatform.Search.Benchmarks;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Benchmarks;
using NasPlatform.Web.Benchmarks.Charts;

namespace NasPlatform.Tests.Benchmarks;

public sealed class StudyResultTests : IDisposable
{
    private readonly MadeUpBenchmark _madeUp = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _madeUp.Dispose();

    [Fact]
    public void A_study_holds_its_strategies_against_the_first()
    {
        StudySpec spec = new() { Strategies = [new("random"), new("evolution"), new("random")], Queries = 40, Seeds = 15 };
        var shares = new List<double>();

        var result = StudyResult.Of(_madeUp.Table, spec, TimeProvider.System, 1, shares.Add, Cancellation);

        Assert.Equal(("cells", 108, 0.91), (result.Benchmark, result.JudgedEpochs, result.Optimum));
        Assert.Equal(new double?[] { null, null, 0 }, result.Strategies.Select(strategy => strategy.Name == "evolution" ? null : strategy.Difference));
        Assert.Equal(result.Strategies[1].Mean - result.Strategies[0].Mean ?? 0, result.Strategies[1].Difference ?? 1, 12);
        Assert.Equal(shares.Order(), shares);
        Assert.Equal(1, shares[^1]);
    }

    [Fact]
    public void Curves_tell_the_quartiles_of_regret_after_queries_and_after_simulated_time()
    {
        StudySpec spec = new() { Strategies = [new("random")], Queries = 30, Seeds = 9, Mean = true };
        var study = BenchmarkStudy.Of(_madeUp.Table, spec.RunOptions(spec.Strategies[0]), 1, 9, cancellation: Cancellation);

        var result = StudyResult.Of(_madeUp.Table, spec, TimeProvider.System, 1, _ => { }, Cancellation).Strategies[0];

        Assert.Equal([.. Enumerable.Range(1, 30).Select(query => (double)query)], result.ByQuery.Select(point => point.At));
        Assert.Equal(study.Regrets(30)[4], result.ByQuery[^1].Median);
        Assert.All(result.ByQuery.Concat(result.ByTime), point => Assert.True(point.Low <= point.Median && point.Median <= point.High));
        Assert.All(result.ByTime.Zip(result.ByTime.Skip(1)), pair => Assert.True(pair.First.At < pair.Second.At && pair.First.Median >= pair.Second.Median));
        Assert.Equal(study.Runs.Max(run => run.Steps[0].Seconds), result.ByTime[0].At, 9);
        Assert.Equal(study.Runs.Min(run => run.Steps[^1].Seconds), result.ByTime[^1].At, 9);
    }

    [Fact]
    public void Regret_at_a_time_is_that_of_the_last_query_that_had_ended()
    {
        // The n-th architecture is worth n/100 and takes 27·n seconds.
        var study = BenchmarkStudy.Of(_madeUp.Table, new() { Strategy = "listed", StrategySettings = Listed(4, 2, 9), MeanOfRepeats = true }, 1, 1, cancellation: Cancellation);

        Assert.Empty(study.RegretsAt(107));
        Assert.Equal([0.91 - 0.04], study.RegretsAt(108));
        Assert.Equal([0.91 - 0.04], study.RegretsAt(404));
        Assert.Equal([0.91 - 0.09], study.RegretsAt(405));
        Assert.Equal([0.91 - 0.09], study.RegretsAt(1e9));
    }

    [Fact]
    public void A_table_answers_each_training_and_the_mean()
    {
        var answers = BenchmarkAnswer.Of(_madeUp.Table.Datasets, 49).ToList();

        Assert.Equal([(4, null, false), (108, 1, false), (108, 2, false), (108, 3, false), (108, null, true)], answers.Select(answer => (answer.Epochs, answer.Training, answer.IsMean)));
        Assert.Equal([0.25, 0.49, 0.5, 0.51, 0.5], answers.Select(answer => Math.Round(answer.Figures.Valid ?? 0, 12)));
    }

    [Fact]
    public void Architectures_are_counted_in_bins_of_one_width()
    {
        var bins = AccuracyChart.Count([0.1, double.NaN, 0.7, 0.7, 0.4]);

        Assert.Equal(4, bins.Sum(bin => bin.Count));
        Assert.Equal((1, 2), (bins[0].Count, bins[^1].Count));
        Assert.Equal([(0.5, 2)], AccuracyChart.Count([0.5, 0.5]));
    }

    private static Dictionary<string, string> Listed(params int[] numbers)
    {
        var all = MadeUpBenchmark.Space.EnumerateDistinct()!.ToList(); // not null: the space knows how
        return new() { ["genotypes"] = string.Join(';', numbers.Select(number => MadeUpBenchmark.Space.Format(all[number - 1]))) };
    }
}
