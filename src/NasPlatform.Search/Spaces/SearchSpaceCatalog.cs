using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces.AutoDlDesign;
using NasPlatform.Search.Spaces.Chain;
using NasPlatform.Search.Spaces.Conv1d;
using NasPlatform.Search.Spaces.Darts;
using NasPlatform.Search.Spaces.Eas;
using NasPlatform.Search.Spaces.Enas;
using NasPlatform.Search.Spaces.Hierarchical;
using NasPlatform.Search.Spaces.Mlp;
using NasPlatform.Search.Spaces.Mobile;
using NasPlatform.Search.Spaces.NasBench101;
using NasPlatform.Search.Spaces.NasBench201;
using NasPlatform.Search.Spaces.NasBenchGraph;
using NasPlatform.Search.Spaces.NasBenchMacro;
using NasPlatform.Search.Spaces.NasNet;
using NasPlatform.Search.Spaces.NasRlRecurrent;

namespace NasPlatform.Search.Spaces;

/// <summary>The known search spaces, by name.</summary>
public static class SearchSpaceCatalog
{
    private static readonly Dictionary<string, Func<Settings, SearchSpace>> Factories = new()
    {
        ["autodl-design"] = settings => new AutoDlDesignSpace(settings),
        ["chain"] = settings => new ChainSpace(settings),
        ["conv1d"] = settings => new Conv1dSpace(settings),
        ["darts"] = settings => new DartsSpace(settings),
        ["darts-rnn"] = settings => new DartsRecurrentSpace(settings),
        ["eas-dense"] = settings => new EasDenseSpace(settings),
        ["eas-plain"] = settings => new EasPlainSpace(settings),
        ["enas-macro"] = settings => new EnasMacroSpace(settings),
        ["enas-micro"] = settings => new EnasMicroSpace(settings),
        ["enas-rnn"] = settings => new EnasRecurrentSpace(settings),
        ["hierarchical"] = settings => new HierarchicalSpace(settings),
        ["mlp"] = settings => new MlpSpace(settings),
        ["mnasnet"] = settings => new MnasNetSpace(settings),
        ["mobile"] = settings => new MobileSpace(settings),
        ["nasbench101"] = settings => new NasBench101Space(settings),
        ["nasbench201"] = settings => new NasBench201Space(settings),
        ["nasbenchmacro"] = settings => new NasBenchMacroSpace(settings),
        ["nasnet"] = settings => new NasNetSpace(settings),
        ["nasrl-rnn"] = settings => new NasRlRecurrentSpace(settings),
    };

    /// <summary>Spaces whose networks are not trained here, so that only tables tell what their architectures are worth.</summary>
    private static readonly Dictionary<string, Func<Settings, SearchSpace>> TableFactories = new()
    {
        ["nasbenchgraph"] = settings => new NasBenchGraphSpace(settings),
    };

    /// <summary>The spaces whose networks can be trained.</summary>
    public static IReadOnlyCollection<string> Names => Factories.Keys;

    /// <summary>The names of the spaces whose networks can learn this.</summary>
    public static IEnumerable<string> For(TaskKind task) => Names.Where(name => Create(name).Tasks.Contains(task));

    /// <param name="name">One of <see cref="Names"/>, or that of a space that is known by tables only.</param>
    /// <param name="settings">Null for the defaults.</param>
    /// <exception cref="UserErrorException">The name or a setting is unknown, or a setting is out of range.</exception>
    public static SearchSpace Create(string name, IReadOnlyDictionary<string, string>? settings = null) =>
        FactoryOf(name)(new Settings($"Space '{name}'", settings ?? new Dictionary<string, string>()));

    /// <summary>The words of each of a space's settings that is one of a few.</summary>
    /// <exception cref="UserErrorException">There is no such space.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> ChoicesOf(string name)
    {
        var settings = new Settings($"Space '{name}'", new Dictionary<string, string>());
        FactoryOf(name)(settings);
        return settings.Choices;
    }

    private static Func<Settings, SearchSpace> FactoryOf(string name) =>
        Factories.TryGetValue(name, out var factory) || TableFactories.TryGetValue(name, out factory) ? factory : throw NearestName.Unknown("space", name, Names);
}
