using NasPlatform.Search;
using NasPlatform.Search.Benchmarks;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Training;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Benchmarks;

public sealed class BenchmarkRunTests : IDisposable
{
    private readonly MadeUpBenchmark _madeUp = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private BenchmarkTable Table => _madeUp.Table;

    public void Dispose() => _madeUp.Dispose();

    [Fact]
    public void A_run_is_the_same_for_a_seed_and_another_for_another()
    {
        var options = new BenchmarkRunOptions { Strategy = "evolution", Queries = 60, Workers = 3 };

        var first = Run(options, 7);
        var again = Run(options, 7);
        var other = Run(options, 8);

        Assert.Equal(first.Steps, again.Steps);
        Assert.Equal((first.Distinct, first.Missing), (again.Distinct, again.Missing));
        Assert.NotEqual(first.Steps, other.Steps);
    }

    [Fact]
    public void Many_seeds_give_what_each_gives_alone()
    {
        var options = new BenchmarkRunOptions { Strategy = "random", Queries = 20 };

        var study = BenchmarkStudy.Of(Table, options, seed: 5, runs: 10, cancellation: Cancellation);

        Assert.Equal(Enumerable.Range(5, 10).Select(seed => (ulong)seed), study.Runs.Select(run => run.Seed));
        Assert.All(study.Runs, run => Assert.Equal(Run(options, run.Seed).Steps, run.Steps));
        Assert.Equal(0.91, study.Optimum);
        Assert.Equal(study.Regrets(20), study.Chosen.Select(chosen => 0.91 - chosen).Order());
        Assert.Equal([1, 2, 5, 10, 20], study.Checkpoints());
    }

    [Fact]
    public void Time_is_the_sum_of_the_trainings_with_one_worker()
    {
        var run = Run(Listed(4, 2, 9), 1);

        Assert.Equal([new(27 * 4, 3), new(27 * 6, 3), new BenchmarkStep(27 * 15, 8)], run.Steps);
        Assert.Equal((3, 0), (run.Distinct, run.Missing));
    }

    [Fact]
    public void Workers_run_side_by_side_and_are_told_of_as_they_end()
    {
        var run = Run(Listed(9, 2, 4, 1) with { Workers = 2 }, 1);

        // 9 on one worker; 2, 4 and 1 one after the other on the other.
        Assert.Equal([new(27 * 2, 1), new(27 * 6, 3), new(27 * 7, 3), new BenchmarkStep(27 * 9, 8)], run.Steps);
    }

    [Fact]
    public void What_has_not_ended_when_the_simulated_time_is_over_does_not_count()
    {
        var run = Run(Listed(4, 2, 9) with { Queries = null, Seconds = 27 * 7 }, 1);

        Assert.Equal([new(27 * 4, 3), new BenchmarkStep(27 * 6, 3)], run.Steps);
    }

    [Fact]
    public void Fewer_epochs_cost_their_own_time_and_are_judged_by_the_most()
    {
        var study = BenchmarkStudy.Of(Table, Listed(4, 2) with { Epochs = 4 }, seed: 1, runs: 1, cancellation: Cancellation);

        Assert.Equal([new(4, 3), new BenchmarkStep(6, 3)], study.Runs[0].Steps);
        Assert.Equal([0.04], study.Chosen);
    }

    [Fact]
    public void A_query_of_what_was_seen_before_counts_and_is_answered_alike()
    {
        var run = Run(Listed(4, 4, 4) with { MeanOfRepeats = false }, 3);

        Assert.Equal((3, 1), (run.Steps.Count, run.Distinct));
        Assert.All(Enumerable.Range(1, 10), seed =>
        {
            var evaluator = new TableEvaluator(Table, Table.Dataset(null), new RandomSource((ulong)seed));
            Assert.Equal(Look(evaluator, 4).Score, Look(evaluator, 4).Score);
        });
    }

    [Fact]
    public void A_strategy_sees_one_of_the_trainings_and_they_differ_between_runs_and_architectures()
    {
        var scores = Enumerable.Range(1, 40).Select(seed => Look(new(Table, Table.Dataset(null), new RandomSource((ulong)seed)), 50).Score).ToList();
        var offsets = Enumerable.Range(1, 40).Select(n => Math.Round(Look(new(Table, Table.Dataset(null), new RandomSource(1)), n).Score - (n / 100.0), 3)).ToList();

        Assert.Equal([0.49, 0.50, 0.51], scores.Distinct().Order());
        Assert.Equal([-0.01, 0, 0.01], offsets.Distinct().Order());
        Assert.Equal(0.50, Look(new(Table, Table.Dataset(null), repeats: null), 50).Score, 12);
    }

    [Fact]
    public void An_architecture_that_the_table_lacks_is_a_failure_that_says_so()
    {
        _madeUp.Import(MadeUpBenchmark.Csv(5), "five");
        var five = _madeUp.Catalog.Open("five");

        var run = Run(Listed(80, 3), 1, five);

        Assert.Equal([new(0, -1), new BenchmarkStep(27 * 3, 2)], run.Steps);
        Assert.Equal((1, 1), (run.Distinct, run.Missing));
        var evaluation = new TableEvaluator(five, five.Dataset(null), null).Evaluate(new(1, five.Space.Parse(Text(80)), new(Epochs: 108)), new Progress<TrainingProgress>(), Cancellation);
        Assert.Equal((Outcome.Failed, "The table 'five' does not have this architecture."), (evaluation.Outcome, evaluation.Reason));
    }

    [Fact]
    public void A_fidelity_that_the_table_lacks_is_refused()
    {
        var evaluator = new TableEvaluator(Table, Table.Dataset(null), null);

        Assert.Equal("Nothing was trained for 5 epochs on cells; the table has 4, 108.", Assert.Throws<UserErrorException>(() => Evaluate(new(Epochs: 5))).Message);
        Assert.Contains("on all of the training split only", Assert.Throws<UserErrorException>(() => Evaluate(new(Epochs: 4, Fraction: 0.5))).Message);
        Assert.Equal((0.25, 50.0, 1050L), Evaluate(new(Epochs: 4)) is var seen ? (seen.Score, seen.DurationSeconds, seen.ParameterCount) : default);

        Evaluation Evaluate(Fidelity fidelity) => evaluator.Evaluate(new(1, Table.Space.Parse(Text(50)), fidelity), new Progress<TrainingProgress>(), Cancellation);
    }

    [Fact]
    public void A_table_without_times_cannot_end_a_run_by_time()
    {
        _madeUp.Import("architecture,valid\n01/00,0.5\n", "timeless");

        var error = Assert.Throws<UserErrorException>(() => Run(new() { Strategy = "random", Seconds = 5 }, 1, _madeUp.Catalog.Open("timeless")));

        Assert.Contains("'timeless' has no times for timeless", error.Message);
    }

    [Fact]
    public void Walks_of_a_table_that_is_whole_do_not_begin_anew_and_are_the_same_for_a_seed()
    {
        var first = Locality.Of(Table, Table.Dataset(null), steps: 5_000, mostEdits: 3, seed: 4, cancellation: Cancellation);
        var again = Locality.Of(Table, Table.Dataset(null), steps: 5_000, mostEdits: 3, seed: 4, cancellation: Cancellation);

        Assert.Equal(1, first.Walks);
        Assert.Equal(first.Autocorrelations, again.Autocorrelations);
        Assert.InRange(first.Autocorrelations[0], 0.4, 1);
        Assert.InRange(first.NoiseBand, 0.02, 0.1);
    }

    private static string Text(int n) => MadeUpBenchmark.Space.Format(MadeUpBenchmark.Space.EnumerateDistinct()!.ElementAt(n - 1)); // not null: the space knows how

    /// <summary>Asks for the n-th cells of the table, one after the other; what is seen is the mean of the trainings.</summary>
    private static BenchmarkRunOptions Listed(params int[] cells) => new()
    {
        Strategy = "listed",
        StrategySettings = new Dictionary<string, string> { ["genotypes"] = string.Join(';', cells.Select(Text)) },
        MeanOfRepeats = true,
    };

    private BenchmarkRunResult Run(BenchmarkRunOptions options, ulong seed, BenchmarkTable? table = null) => BenchmarkRun.Of(table ?? Table, options, seed, Cancellation);

    private Evaluation Look(TableEvaluator evaluator, int n) =>
        evaluator.Evaluate(new(1, Table.Space.Parse(Text(n)), new(Epochs: 108)), new Progress<TrainingProgress>(), Cancellation);
}
