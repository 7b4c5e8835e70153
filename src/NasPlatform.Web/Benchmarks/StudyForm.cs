using NasPlatform.Search;
using NasPlatform.Search.Strategies;
using NasPlatform.Web.Experiments.Starting;

namespace NasPlatform.Web.Benchmarks;

/// <summary>A study as it is being filled in.</summary>
internal sealed class StudyForm
{
    /// <summary>What is compared first: chance, and what is most used.</summary>
    private static readonly string[] Usual = ["random", "evolution"];

    public List<StudyFormStrategy> Strategies { get; } = [];

    public string? Dataset { get; set; }

    public int? Epochs { get; set; }

    public int? Queries { get; set; }

    public double? Seconds { get; set; }

    public int? Workers { get; set; }

    public bool Mean { get; set; }

    public int? Seeds { get; set; }

    public ulong Seed { get; set; }

    /// <exception cref="UserErrorException">A strategy or a setting of it is not known.</exception>
    public static StudyForm Of(StudySpec spec)
    {
        var form = new StudyForm
        {
            Dataset = spec.Dataset,
            Epochs = spec.Epochs,
            Queries = spec.Queries,
            Seconds = spec.Seconds,
            Workers = spec.Workers,
            Mean = spec.Mean,
            Seeds = spec.Seeds,
            Seed = spec.Seed,
        };
        form.Strategies.AddRange(spec.Strategies.Count > 0
            ? spec.Strategies.Select(strategy => new StudyFormStrategy(strategy.Name, strategy.Settings))
            : Usual.Select(name => new StudyFormStrategy(name, null)));
        return form;
    }

    /// <summary>The study that it makes. Fields that are empty become values that <see cref="StudySpec.Validate"/> names.</summary>
    public StudySpec ToSpec() => new()
    {
        Strategies = [.. Strategies.Select(strategy => new StudiedStrategy(strategy.Name, strategy.Changed()))],
        Dataset = Dataset,
        Epochs = Epochs,
        Queries = Queries ?? 0,
        Seconds = Seconds,
        Workers = Workers ?? 0,
        Mean = Mean,
        Seeds = Seeds ?? 0,
        Seed = Seed,
    };
}

/// <summary>A strategy of a study as it is being filled in.</summary>
internal sealed class StudyFormStrategy
{
    /// <param name="name">In the catalogue of strategies.</param>
    /// <param name="settings">Those that differ from the usual ones; null for none.</param>
    /// <exception cref="UserErrorException">The strategy or a setting is not known.</exception>
    public StudyFormStrategy(string name, IReadOnlyDictionary<string, string>? settings)
    {
        Name = name;
        Settings = new(StrategyCatalog.SettingsOf(name, settings));
    }

    public string Name { get; private set; }

    /// <summary>All of them.</summary>
    public Dictionary<string, string> Settings { get; private set; }

    public void Choose(string name) => (Name, Settings) = (name, new(StrategyCatalog.SettingsOf(name)));

    /// <summary>Changes a setting; another preset brings its own values of all, another sampler its settings.</summary>
    public void Set(string setting, string value) => Settings = UsualSettings.After(Name, Settings, setting, value);

    /// <summary>The settings that differ from the usual ones.</summary>
    public Dictionary<string, string> Changed() => UsualSettings.Changed(Name, Settings);
}
