using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Tuned;
using NasPlatform.Search.Strategies.Darts;
using NasPlatform.Search.Strategies.Eas;
using NasPlatform.Search.Strategies.Enas;
using NasPlatform.Search.Strategies.Evolution;
using NasPlatform.Search.Strategies.Listed;
using NasPlatform.Search.Strategies.MultiFidelity;
using NasPlatform.Search.Strategies.Proxyless;
using NasPlatform.Search.Strategies.RandomSearch;
using NasPlatform.Search.Strategies.Reinforce;
using NasPlatform.Search.Strategies.Rena;

namespace NasPlatform.Search.Strategies;

/// <summary>The known strategies, by name.</summary>
public static class StrategyCatalog
{
    private static readonly Dictionary<string, (string Summary, Func<Parts, Strategy> Create)> Known = new()
    {
        ["random"] = ("Uniform random search", parts => new RandomSearch.RandomSearch(parts.Space, parts.Settings, parts.Random, parts.Proxies)),
        ["evolution"] = ("Regularised evolution (Real et al. 2019)", parts => new RegularizedEvolution(parts.Space, parts.Settings, parts.Random, parts.Proxies)),
        ["tournament"] = ("Tournament evolution, from which nothing dies (Liu et al. 2018)", parts => new TournamentEvolution(parts.Space, parts.Settings, parts.Random, parts.Proxies)),
        ["nsga2"] = ("NSGA-II: a front of networks, from small to accurate (Deb et al. 2002)", parts => new Nsga2(parts.Space, parts.Settings, parts.Random, parts.Proxies)),
        ["local-search"] = ("Local search: all neighbours, then the best of them (White et al. 2021)", parts => new LocalSearch.LocalSearch(parts.Space, parts.Settings, parts.Random, parts.Proxies)),
        ["bananas"] = ("Bayesian optimisation with an ensemble of neural predictors, BANANAS (White et al. 2021)", parts => new Bananas.Bananas(parts.Space, parts.Settings, parts.Random, parts.Proxies)),
        ["reinforce"] = ("LSTM controller trained by REINFORCE (Zoph & Le 2017), or by PPO as NASNet's", parts => new ReinforceStrategy(parts.Space, parts.Settings, parts.Random)),
        ["eas"] = ("A start network widened and deepened, its weights inherited, EAS (Cai et al. 2018)", parts => new EasStrategy(parts.Space, parts.Settings, parts.Random)),
        ["rena"] = ("Layers scaled, inserted and removed, paid by accuracy, compute and time, RENA (Zhou et al. 2018)", parts => new RenaStrategy(parts.Space, parts.Settings, parts.Random)),
        ["tpe"] = ("Tree-structured Parzen estimator, TPE (Bergstra et al. 2011)", parts => new Tpe.TreeParzen(parts.Space, parts.Settings, parts.Random, parts.Proxies)),
        ["grid"] = ("Every combination of options, or of some of each", parts => new GridSearch.GridSearch(parts.Space, parts.Settings)),
        ["successive-halving"] = ("Successive halving: many architectures trained short, the best of them longer", parts => new SuccessiveHalving(parts.Space, parts.Settings, parts.Random, parts.Epochs, parts.Proxies)),
        ["asha"] = ("Asynchronous successive halving, ASHA (Li et al. 2020)", parts => new Asha(parts.Space, parts.Settings, parts.Random, parts.Epochs, parts.Proxies)),
        ["hyperband"] = ("Hyperband: brackets of successive halving (Li et al. 2018)", parts => new Hyperband(parts.Space, parts.Settings, parts.Random, parts.Epochs, parts.Proxies)),
        ["darts"] = ("Architecture parameters learnt by gradient on a supernet, DARTS (Liu et al. 2019)", parts => new DartsStrategy(parts.Settings)),
        ["enas"] = ("Controller and shared weights trained in turns, ENAS (Pham et al. 2018)", parts => new EnasStrategy(parts.Settings, parts.Random)),
        ["proxylessnas"] = ("One path at a time, chosen by gradients of binary gates, with expected latency, ProxylessNAS (Cai et al. 2019)", parts => new ProxylessStrategy(parts.Settings)),
        ["listed"] = ("Given architectures, one after the other", parts => new ListedGenotypes(parts.Space, parts.Settings)),
    };

    /// <summary>The most that a trial may be trained for, for strategies that are only to be described.</summary>
    public const int MostEpochs = 100_000;

    private static readonly HashSet<string> Explained = ["evolution", "tournament", "nsga2", "bananas", "reinforce"];

    private static readonly HashSet<string> OneShot = ["darts", "enas", "proxylessnas"];

    private static readonly HashSet<string> MultiFidelity = ["successive-halving", "asha", "hyperband"];

    public static IReadOnlyCollection<string> Names => Known.Keys;

    public static string SummaryOf(string name) => Find(name).Summary;

    /// <summary>Whether the strategy shows what it makes of what it was told (<see cref="Strategy.Explain"/>).</summary>
    public static bool IsExplained(string name) => Explained.Contains(name);

    /// <summary>Whether the strategy trains a supernet before its first trial (<see cref="OneShotStrategy"/>).</summary>
    public static bool IsOneShot(string name) => OneShot.Contains(name);

    /// <summary>Whether trials begin with the weights of the first one, transformed (<see cref="EasStrategy"/>).</summary>
    public static bool Grows(string name) => name == "eas";

    /// <summary>Whether the strategy makes each network of another by editing its layers, so that it needs a space of networks that grow (<see cref="EditingStrategy"/>).</summary>
    public static bool IsEditing(string name) => name is "eas" or "rena";

    /// <summary>Whether the strategy chooses for how many epochs each trial is trained (<see cref="MultiFidelityStrategy"/>); the experiment's are the most.</summary>
    public static bool IsMultiFidelity(string name) => MultiFidelity.Contains(name);

    /// <param name="random">The experiment's stream for the strategy.</param>
    /// <param name="epochs">Of a trial; a strategy that chooses them itself stays within it.</param>
    /// <param name="proxies">Training-free scores, for a strategy whose settings ask for them; null where it is not asked for trials.</param>
    /// <exception cref="UserErrorException">The name or a setting is unknown, a setting is out of range, or the strategy cannot search the space.</exception>
    public static Strategy Create(string name, SearchSpace space, IReadOnlyDictionary<string, string>? settings, RandomSource random, int epochs = 1, ProxyScore? proxies = null)
    {
        var strategy = Find(name).Create(new(space, SettingsFor(name, settings), random, epochs, proxies));
        if (space is TunedSpace && (IsOneShot(name) || IsEditing(name)))
        {
            throw new UserErrorException(IsOneShot(name)
                ? $"Strategy '{name}' trains one network for all architectures, in one way, so it cannot search the training; tune nothing, or take another strategy, such as tpe."
                : $"Strategy '{name}' makes networks of one another by edits of their layers, so it cannot search the training; tune nothing, or take another strategy, such as tpe.");
        }

        strategy.Demand(space);
        return strategy;
    }

    /// <summary>All settings of a strategy, which do not depend on the space, with what is given in force.</summary>
    /// <exception cref="UserErrorException">The name or a setting is unknown, or a setting is out of range.</exception>
    public static IReadOnlyDictionary<string, string> SettingsOf(string name, IReadOnlyDictionary<string, string>? given = null) => Ask(name, given, strategy => strategy.Settings);

    /// <summary>How many proposals a strategy has to make; null for as many as are asked for.</summary>
    /// <exception cref="UserErrorException">As for <see cref="SettingsOf"/>.</exception>
    public static int? MostProposalsOf(string name, IReadOnlyDictionary<string, string>? settings) => Ask(name, settings, strategy => strategy.MostProposals);

    private static T Ask<T>(string name, IReadOnlyDictionary<string, string>? settings, Func<Strategy, T> question)
    {
        var strategy = Find(name).Create(AnyParts(SettingsFor(name, settings)));
        using var owned = strategy as IDisposable;
        return question(strategy);
    }

    private static Settings SettingsFor(string name, IReadOnlyDictionary<string, string>? given) => new($"Strategy '{name}'", given ?? new Dictionary<string, string>());

    // What does not depend on the space is asked of any.
    private static Parts AnyParts(Settings settings) => new(SearchSpaceCatalog.Create(SearchSpaceCatalog.Names.First()), settings, new RandomSource(1), MostEpochs, null);

    /// <summary>The words of each of a strategy's settings that is one of a few.</summary>
    /// <param name="settings">Those that decide which others there are, such as a sampler.</param>
    /// <exception cref="UserErrorException">There is no such strategy.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> ChoicesOf(string name, IReadOnlyDictionary<string, string> settings)
    {
        var asked = SettingsFor(name, null);
        using var made = Find(name).Create(AnyParts(asked)) as IDisposable;
        var choices = new Dictionary<string, IReadOnlyList<string>>(asked.Choices);
        if (settings.TryGetValue("sampler", out var sampler) && Known.ContainsKey(sampler))
        {
            foreach (var (setting, words) in ChoicesOf(sampler, new Dictionary<string, string>()))
            {
                choices[MultiFidelityStrategy.SamplerPrefix + setting] = words;
            }
        }

        return choices;
    }

    /// <summary>What strategies are made of.</summary>
    private sealed record Parts(SearchSpace Space, Settings Settings, RandomSource Random, int Epochs, ProxyScore? Proxies);

    private static (string Summary, Func<Parts, Strategy> Create) Find(string name) =>
        Known.TryGetValue(name, out var known) ? known : throw NearestName.Unknown("strategy", name, Names);
}
