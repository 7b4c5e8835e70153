namespace NasPlatform.Search.Benchmarks;

/// <summary>The same run with many seeds, and what can be said of them together.</summary>
public sealed class BenchmarkStudy
{
    private readonly BenchmarkBudget _judged;

    private BenchmarkStudy(BenchmarkTable table, BenchmarkRunOptions options, IReadOnlyList<BenchmarkRunResult> runs)
    {
        var dataset = table.Dataset(options.Dataset);
        _judged = dataset.Full;
        Dataset = dataset;
        Options = options;
        Runs = runs;
        Chosen = [.. runs.Select(run => run.Steps.Count > 0 && run.Steps[^1].Incumbent is var row and >= 0 ? _judged.Reported[row] : double.NaN)];
    }

    public BenchmarkRunOptions Options { get; }

    public BenchmarkDataset Dataset { get; }

    /// <summary>In order of the seeds.</summary>
    public IReadOnlyList<BenchmarkRunResult> Runs { get; }

    /// <summary>What each run's chosen architecture is worth: mean test accuracy after the most epochs (validation where the table has no test), 0 to 1; NaN where a run found none.</summary>
    public IReadOnlyList<double> Chosen { get; }

    /// <summary>What the best architecture of the table is worth.</summary>
    public double Optimum => _judged.Reported[_judged.Best];

    /// <summary>The least number of queries that all runs made.</summary>
    public int Queries => Runs.Min(run => run.Steps.Count);

    /// <summary>Runs <paramref name="runs"/> seeds side by side, the first of them <paramref name="seed"/>.</summary>
    /// <param name="cores">How many run at once; null for one for each core of the machine.</param>
    /// <exception cref="UserErrorException">The options do not fit the table, or a setting is wrong.</exception>
    public static BenchmarkStudy Of(
        BenchmarkTable table, BenchmarkRunOptions options, ulong seed, int runs, IProgress<int>? progress = null, int? cores = null, CancellationToken cancellation = default)
    {
        // The first alone, so that what is wrong with the options is told once.
        var results = new BenchmarkRunResult[runs];
        results[0] = BenchmarkRun.Of(table, options, seed, cancellation);
        var done = 1;
        Parallel.For(1, runs, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = cores ?? Environment.ProcessorCount }, run =>
        {
            results[run] = BenchmarkRun.Of(table, options, seed + (ulong)run, cancellation);
            progress?.Report(Interlocked.Increment(ref done));
        });
        return new(table, options, results);
    }

    /// <summary>What the runs' incumbents lack to the optimum after so many queries, 0 to 1, ascending; runs without one are left out.</summary>
    /// <param name="query">1 to <see cref="Queries"/>.</param>
    public IReadOnlyList<double> Regrets(int query) =>
        [.. Runs.Select(run => run.Steps[query - 1].Incumbent).Where(row => row >= 0).Select(row => Optimum - _judged.Reported[row]).Order()];

    /// <summary>What the runs' incumbents lack to the optimum after so much simulated time, 0 to 1, ascending; runs without one by then are left out, and one that has ended keeps its last.</summary>
    /// <param name="seconds">Of a table that has times.</param>
    public IReadOnlyList<double> RegretsAt(double seconds) =>
        [.. Runs.Select(run => IncumbentAt(run.Steps, seconds)).Where(row => row >= 0).Select(row => Optimum - _judged.Reported[row]).Order()];

    /// <summary>The mean simulated time of so many queries, in seconds; NaN where the table has no times.</summary>
    public double MeanSeconds(int query) => Runs.Average(run => run.Steps[query - 1].Seconds);

    /// <summary>The numbers of queries at which a table shows how the runs stand: 1, 2, 5, 10, ... and the last.</summary>
    public IReadOnlyList<int> Checkpoints()
    {
        var checkpoints = new List<int>();
        for (var power = 1; power < Queries; power *= 10)
        {
            checkpoints.AddRange(new[] { 1, 2, 5 }.Select(times => times * power).Where(query => query < Queries));
        }

        return [.. checkpoints, Queries];
    }

    /// <summary>That of the last query that had ended by then.</summary>
    private static int IncumbentAt(IReadOnlyList<BenchmarkStep> steps, double seconds)
    {
        var (ended, rest) = (0, steps.Count);
        while (ended < rest)
        {
            var middle = (ended + rest) / 2;
            (ended, rest) = steps[middle].Seconds <= seconds ? (middle + 1, rest) : (ended, middle);
        }

        return ended == 0 ? -1 : steps[ended - 1].Incumbent;
    }
}
