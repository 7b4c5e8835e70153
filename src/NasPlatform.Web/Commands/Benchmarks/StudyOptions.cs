using System.CommandLine;
using NasPlatform.Search.Benchmarks;

namespace NasPlatform.Web.Commands.Benchmarks;

/// <summary>The options that running one strategy and comparing several share.</summary>
internal sealed class StudyOptions
{
    private const int MostSeeds = 100_000;
    private const int MostWorkers = 1_000_000;

    private readonly Option<string?> _dataset = BenchmarkCommand.DatasetOption();
    private readonly Option<int?> _epochs = Options.Whole("--epochs", "n", "Trainings of how many epochs the strategy sees (default: the most; it is judged by these in any case)");
    private readonly Option<int?> _queries = Options.Whole("--queries", "n", "Queries a run (default 300, none where --seconds is given); an architecture seen before counts");
    private readonly Option<double?> _seconds = Options.Real("--seconds", "s", "Simulated time of a run, by the table's times");
    private readonly Option<int?> _workers = Options.Whole("--workers", "n", "Simulated workers (default 1)");
    private readonly Option<bool> _mean = Options.Flag("--mean", "Show the strategy the mean of an architecture's trainings, not one of them");
    private readonly Option<int?> _seeds = Options.Whole("--seeds", "n", "Runs, each with a seed of its own (default 200)");
    private readonly Option<ulong?> _seed = Options.Seed("Of the first run (default 1)");

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _dataset, _epochs, _queries, _seconds, _workers, _mean, _seeds, _seed })
        {
            command.Add(option);
        }
    }

    /// <summary>Runs a strategy as the command line says, and shows how far that is.</summary>
    public BenchmarkStudy Study(BenchmarkTable table, string strategy, IReadOnlyDictionary<string, string> settings, ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        var seconds = parsed.GetValue(_seconds);
        var options = new BenchmarkRunOptions
        {
            Strategy = strategy,
            StrategySettings = settings,
            Dataset = parsed.GetValue(_dataset),
            Epochs = parsed.GetValue(_epochs),
            Queries = parsed.GetValue(_queries) is { } queries ? InRange("--queries", queries, int.MaxValue) : seconds is null ? 300 : null,
            Seconds = seconds is null or > 0 ? seconds : throw new UsageErrorException($"--seconds is {seconds}; give more than 0."),
            Workers = InRange("--workers", parsed.GetValue(_workers) ?? 1, MostWorkers),
            MeanOfRepeats = parsed.GetValue(_mean),
        };
        var runs = InRange("--seeds", parsed.GetValue(_seeds) ?? 200, MostSeeds);
        using var progress = new ProgressLine(terminal);
        return BenchmarkStudy.Of(table, options, parsed.GetValue(_seed) ?? 1, runs, new CountLine(progress, $"runs of {strategy}", runs), cancellation: cancellation);
    }

    private static int InRange(string option, int value, int most) => value >= 1 && value <= most
        ? value
        : throw new UsageErrorException($"{option} is {value}; give 1 to {most}.");
}
