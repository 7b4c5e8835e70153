using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies.Evolution;
using NasPlatform.Search.Strategies.Listed;
using NasPlatform.Search.Strategies.RandomSearch;
using NasPlatform.Search.Strategies.Reinforce;

namespace NasPlatform.Search.Strategies;

/// <summary>The known strategies, by name.</summary>
public static class StrategyCatalog
{
    private static readonly Dictionary<string, (string Summary, Func<SearchSpace, Settings, RandomSource, Strategy> Create)> Known = new()
    {
        ["random"] = ("Uniform random search", (space, settings, random) => new RandomSearch.RandomSearch(space, settings, random)),
        ["evolution"] = ("Regularised evolution (Real et al. 2019)", (space, settings, random) => new RegularizedEvolution(space, settings, random)),
        ["tournament"] = ("Tournament evolution, from which nothing dies (Liu et al. 2018)", (space, settings, random) => new TournamentEvolution(space, settings, random)),
        ["local-search"] = ("Local search: all neighbours, then the best of them (White et al. 2021)", (space, settings, random) => new LocalSearch.LocalSearch(space, settings, random)),
        ["bananas"] = ("Bayesian optimisation with an ensemble of neural predictors, BANANAS (White et al. 2021)", (space, settings, random) => new Bananas.Bananas(space, settings, random)),
        ["reinforce"] = ("LSTM controller trained by REINFORCE (Zoph & Le 2017), or by PPO as NASNet's", (space, settings, random) => new ReinforceStrategy(space, settings, random)),
        ["listed"] = ("Given architectures, one after the other", (space, settings, _) => new ListedGenotypes(space, settings)),
    };

    public static IReadOnlyCollection<string> Names => Known.Keys;

    public static string SummaryOf(string name) => Find(name).Summary;

    /// <param name="random">The experiment's stream for the strategy.</param>
    /// <exception cref="UserErrorException">The name or a setting is unknown, or a setting is out of range.</exception>
    public static Strategy Create(string name, SearchSpace space, IReadOnlyDictionary<string, string>? settings, RandomSource random) =>
        Find(name).Create(space, new Settings($"Strategy '{name}'", settings ?? new Dictionary<string, string>()), random);

    private static (string Summary, Func<SearchSpace, Settings, RandomSource, Strategy> Create) Find(string name) =>
        Known.TryGetValue(name, out var known) ? known : throw NearestName.Unknown("strategy", name, Names);
}
