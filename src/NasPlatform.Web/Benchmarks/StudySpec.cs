using System.Text.Json.Serialization;
using NasPlatform.Search;
using NasPlatform.Search.Benchmarks;

namespace NasPlatform.Web.Benchmarks;

/// <summary>What strategies are compared on a table, and how: all that a study's outcome depends on.</summary>
internal sealed record StudySpec
{
    /// <summary>As many as the colours of a chart.</summary>
    public const int MostStrategies = 6;

    public const int MostQueries = 100_000;
    public const int MostSeeds = 1_000;
    public const int MostWorkers = 10_000;

    /// <summary>Queries of a strategy's runs together: what may be held in memory.</summary>
    public const int MostQueriesInAll = 2_000_000;

    /// <summary>At least one; the first is what the others are held against.</summary>
    public required IReadOnlyList<StudiedStrategy> Strategies { get; init; }

    /// <summary>One of the table's; null for its first.</summary>
    public string? Dataset { get; init; }

    /// <summary>Of the trainings that strategies see; null for the most. They are judged by the most in any case.</summary>
    public int? Epochs { get; init; }

    /// <summary>Queries that end a run.</summary>
    public int Queries { get; init; } = 300;

    /// <summary>Simulated time that ends a run, whichever comes first; null for none.</summary>
    public double? Seconds { get; init; }

    /// <summary>Simulated workers.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Whether strategies see the mean of an architecture's trainings, in place of one of them.</summary>
    public bool Mean { get; init; }

    /// <summary>Runs of each strategy, each with a seed of its own.</summary>
    public int Seeds { get; init; } = 100;

    /// <summary>Of the first run.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>All that the outcome depends on but the table, the same however it was written.</summary>
    [JsonIgnore]
    public string Question => StudyAddress.Of("study", this);

    /// <summary>Looks at what can be said without running anything.</summary>
    /// <exception cref="UserErrorException">Something is out of range.</exception>
    public void Validate()
    {
        DemandRange("strategies", Strategies.Count, 1, MostStrategies);
        DemandRange("queries", Queries, 1, MostQueries);
        DemandRange("seeds", Seeds, 1, MostSeeds);
        DemandRange("workers", Workers, 1, MostWorkers);
        if (Seconds is not (null or (> 0 and < double.PositiveInfinity)))
        {
            throw new UserErrorException($"'seconds' is {Seconds}; give more than 0.");
        }

        if ((long)Seeds * Queries > MostQueriesInAll)
        {
            throw new UserErrorException($"{Seeds:N0} seeds of {Queries:N0} queries are more than {MostQueriesInAll:N0} queries of a strategy; take fewer of either. The terminal has no such limit: nas benchmark compare.");
        }
    }

    /// <summary>The runs of one of the strategies.</summary>
    public BenchmarkRunOptions RunOptions(StudiedStrategy strategy) => new()
    {
        Strategy = strategy.Name,
        StrategySettings = strategy.Settings,
        Dataset = Dataset,
        Epochs = Epochs,
        Queries = Queries,
        Seconds = Seconds,
        Workers = Workers,
        MeanOfRepeats = Mean,
    };

    private static void DemandRange(string name, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw new UserErrorException($"'{name}' is {value:N0}; give {least} to {most:N0}.");
        }
    }
}

/// <summary>A strategy with the settings that differ from the usual ones.</summary>
/// <param name="Name">In the catalogue of strategies.</param>
internal sealed record StudiedStrategy(string Name, IReadOnlyDictionary<string, string>? Settings = null)
{
    public IReadOnlyDictionary<string, string> Settings { get; init; } = Settings ?? new Dictionary<string, string>();

    /// <summary>For people: <c>evolution (population 50, sample 10)</c>.</summary>
    [JsonIgnore]
    public string Label => Settings.Count == 0 ? Name : $"{Name} ({string.Join(", ", Settings.OrderBy(setting => setting.Key).Select(setting => $"{setting.Key.Replace('_', ' ')} {setting.Value}"))})";
}
