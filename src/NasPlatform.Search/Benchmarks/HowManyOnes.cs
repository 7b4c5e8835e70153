using System.Globalization;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;

namespace NasPlatform.Search.Benchmarks;

/// <summary>
/// The demonstration of AutoDL Design (PaddlePaddle, released code's <c>simple_main.py</c>): nothing is trained, an architecture is worth as many points as there are ones among the twenty ids of its
/// operations. One sees a policy learn within seconds.
/// </summary>
public sealed class HowManyOnes : IDisposable
{
    /// <summary>Trials of a batch.</summary>
    public const int Batch = 10;

    private readonly int _options;
    private int _trials;

    /// <param name="strategy">By its name in <see cref="StrategyCatalog"/>.</param>
    /// <param name="settings">Of the strategy. <c>reinforce</c> has the preset <c>autodl-design</c> where they say nothing else, and plain advantages.</param>
    /// <param name="seed">Of the strategy; every value is a good one.</param>
    /// <exception cref="UserErrorException">The strategy or a setting is unknown, or a setting is out of range.</exception>
    public HowManyOnes(string strategy, IReadOnlyDictionary<string, string> settings, ulong seed)
    {
        var space = SearchSpaceCatalog.Create("autodl-design");
        var usual = strategy == "reinforce" ? new Dictionary<string, string> { ["preset"] = "autodl-design", ["advantage"] = "plain" } : [];
        Strategy = StrategyCatalog.Create(strategy, space, usual.Concat(settings).GroupBy(setting => setting.Key).ToDictionary(group => group.Key, group => group.Last().Value), new RandomSource(seed));
        var ids = Ids(space.Sample(new RandomSource(seed))).ToList();
        (Most, _options) = (ids.Count, ids[0].Choice.Options.Length);
    }

    public Strategy Strategy { get; }

    /// <summary>How many ones an architecture can have: 20.</summary>
    public int Most { get; }

    /// <summary>How many ones an architecture has by chance, on average: 2.</summary>
    public double ByChance => (double)Most / _options;

    /// <summary>How many ones an architecture has on average when a policy is as sure of them as its cap c on logits allows, which keeps each probability within e^c / (e^c + (n − 1)·e^−c): 18.86 for 2.5.</summary>
    public double MostLikely => Strategy.Settings.TryGetValue("cap", out var text) && double.Parse(text, CultureInfo.InvariantCulture) is var cap and > 0
        ? Most / (1 + ((_options - 1) * Math.Exp(-2 * cap)))
        : Most;

    /// <summary>Ones among the ids of an architecture.</summary>
    public static int Ones(Genotype genotype) => Ids(genotype).Count(id => id.Value == 1);

    /// <summary>Tries the next batch, and says how many ones its architectures have on average.</summary>
    public double Next()
    {
        var ones = new List<int>();
        while (ones.Count < Batch)
        {
            var genotype = Strategy.Propose(++_trials);
            ones.Add(Ones(genotype));
            var score = (double)ones[^1] / Most;
            Strategy.Observe(new(_trials, genotype, new()), new() { Outcome = Outcome.Completed, Score = score, BestOfLastFive = score });
        }

        return ones.Average();
    }

    public void Dispose() => (Strategy as IDisposable)?.Dispose();

    private static IEnumerable<Decision> Ids(Genotype genotype) => genotype.Decisions.Where(decision => decision.Choice != Choice.Connection);
}
