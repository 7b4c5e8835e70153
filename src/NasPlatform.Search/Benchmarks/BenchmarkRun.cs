using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;

namespace NasPlatform.Search.Benchmarks;

/// <summary>
/// Runs a strategy on a table with simulated time. Each query takes the table's seconds on one of the simulated workers; a worker that is free gets a proposal at once, made from what has been
/// told by then, unless the strategy waits for more, and results are told in the order in which the simulated trainings end. Deterministic for a seed.
/// </summary>
public static class BenchmarkRun
{
    /// <summary>Ends a run whose time does not pass, as where the table has nothing that is asked for.</summary>
    private const int MostQueries = 1_000_000;

    /// <exception cref="UserErrorException">The options do not fit the table, or a setting is wrong.</exception>
    public static BenchmarkRunResult Of(BenchmarkTable table, BenchmarkRunOptions options, ulong seed, CancellationToken cancellation = default)
    {
        if (StrategyCatalog.IsOneShot(options.Strategy))
        {
            throw new UserErrorException($"Strategy '{options.Strategy}' trains a supernet, and on a table nothing is trained; take another, such as evolution.");
        }

        var dataset = table.Dataset(options.Dataset);
        var budget = dataset.Budget(options.Epochs);
        if (options.Seconds is not null && !budget.HasSeconds)
        {
            throw new UserErrorException($"'{table.Name}' has no times for {dataset.Name}, so simulated time cannot end a run; give a number of queries.");
        }

        var random = new RandomSource(seed);
        var evaluator = new TableEvaluator(table, dataset, options.MeanOfRepeats ? null : random.Split("table-repeat"));
        var strategy = StrategyCatalog.Create(options.Strategy, table.Space, options.StrategySettings, random.Split("strategy"), budget.Epochs, (proxy, genotype) => Score(table, dataset, proxy, genotype));
        using var owned = strategy as IDisposable;

        var queries = Math.Min(options.Queries ?? MostQueries, strategy.MostProposals ?? int.MaxValue);
        var mostSeconds = options.Seconds ?? double.PositiveInfinity;
        var running = new PriorityQueue<Query, (double End, int Number)>();
        var steps = new List<BenchmarkStep>();
        var seen = new HashSet<int>();
        var (clock, number, missing, incumbent) = (0.0, 0, 0, -1);
        TrialRank? best = null;
        while (true)
        {
            while (running.Count < options.Workers && number < queries && clock < mostSeconds && strategy.IsReadyFor(number + 1))
            {
                cancellation.ThrowIfCancellationRequested();
                var genotype = strategy.Propose(++number);
                var row = table.Find(genotype);
                var trained = strategy.EpochsOf(number) is { } epochs ? dataset.Budget(epochs) : budget;
                var evaluation = evaluator.Of(row, trained);
                running.Enqueue(new(new(number, genotype, new(trained.Epochs)), row, evaluation), (clock + (budget.HasSeconds ? evaluation.DurationSeconds : 1), number));
            }

            if (!running.TryDequeue(out var query, out var ended) || ended.End > mostSeconds)
            {
                break;
            }

            clock = ended.End;
            strategy.Observe(query.Proposal, query.Evaluation);
            if (query.Row is not { } known || query.Evaluation.Outcome != Outcome.Completed)
            {
                missing++;
            }
            else
            {
                seen.Add(known);
                var rank = new TrialRank(query.Proposal.Fidelity.Epochs, query.Evaluation.Score, query.Proposal.Number);
                if (best is not { } other || rank.Beats(other))
                {
                    (best, incumbent) = (rank, known);
                }
            }

            steps.Add(new(budget.HasSeconds ? clock : double.NaN, incumbent));
        }

        return new(seed, strategy.Settings, steps, seen.Count, missing);
    }

    private static double? Score(BenchmarkTable table, BenchmarkDataset dataset, Proxy proxy, Genotype genotype)
    {
        var figure = proxy.Figures.FirstOrDefault(dataset.Figures.ContainsKey)
            ?? throw new UserErrorException($"'{table.Name}' has no {string.Join(" or ", proxy.Figures)} of {dataset.Name}, so nothing can be chosen by {proxy.Words}; its figures are {string.Join(", ", dataset.Figures.Keys)}.");
        return table.Find(genotype) is { } row && dataset.Figures[figure][row] is var score && !double.IsNaN(score) ? score : null;
    }

    private sealed record Query(Proposal Proposal, int? Row, Evaluation.Evaluation Evaluation);
}

/// <summary>What is run on a table.</summary>
public sealed record BenchmarkRunOptions
{
    /// <summary>By its name in <see cref="StrategyCatalog"/>.</summary>
    public required string Strategy { get; init; }

    public IReadOnlyDictionary<string, string> StrategySettings { get; init; } = new Dictionary<string, string>();

    /// <summary>Null for the table's first.</summary>
    public string? Dataset { get; init; }

    /// <summary>Of the trainings that the strategy sees; null for the most. It is judged by the most in any case.</summary>
    public int? Epochs { get; init; }

    /// <summary>How many queries end a run; null for as many as the time allows. Queries of an architecture that was seen before count.</summary>
    public int? Queries { get; init; } = 300;

    /// <summary>How much simulated time ends a run; null for as much as the queries take. What has not ended by then does not count.</summary>
    public double? Seconds { get; init; }

    /// <summary>Simulated workers, at least 1.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Whether a strategy sees the mean of an architecture's trainings, in place of one of them.</summary>
    public bool MeanOfRepeats { get; init; }
}

/// <summary>How a run stood when a query had ended.</summary>
/// <param name="Seconds">Simulated time since the start; NaN where the table has no times.</param>
/// <param name="Incumbent">The row of the best architecture so far by what the strategy saw, the earlier of equals; −1 while there is none.</param>
public readonly record struct BenchmarkStep(double Seconds, int Incumbent);

/// <summary>What came of a run.</summary>
/// <param name="Seed">Of the run.</param>
/// <param name="StrategySettings">The strategy's settings, all of them.</param>
/// <param name="Steps">An entry for each query, in the order in which they ended.</param>
/// <param name="Distinct">Different rows among the queries.</param>
/// <param name="Missing">Queries of architectures that the table does not have.</param>
public sealed record BenchmarkRunResult(ulong Seed, IReadOnlyDictionary<string, string> StrategySettings, IReadOnlyList<BenchmarkStep> Steps, int Distinct, int Missing);
