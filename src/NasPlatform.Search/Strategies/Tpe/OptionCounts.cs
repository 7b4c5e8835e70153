using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.Tpe;

/// <summary>How often each option of each decision was chosen in some genotypes, and the probabilities that follow.</summary>
/// <param name="genotypes">Counted once each.</param>
/// <param name="prior">What is spread over the options of a decision beforehand, above 0.</param>
internal sealed class OptionCounts(IEnumerable<Genotype> genotypes, double prior)
{
    private readonly Dictionary<string, Dictionary<int, int>> _counts = genotypes.SelectMany(genotype => genotype.Decisions)
        .GroupBy(decision => decision.Name).ToDictionary(group => group.Key, group => group.CountBy(decision => decision.Value).ToDictionary());

    /// <summary>Above 0; all options of a decision together have 1.</summary>
    public double Probability(string name, int option, int options) => _counts.TryGetValue(name, out var counts)
        ? (counts.GetValueOrDefault(option) + (prior / options)) / (counts.Values.Sum() + prior)
        : 1.0 / options;

    public double LogProbability(Genotype genotype) => genotype.Decisions.Sum(decision => Math.Log(Probability(decision.Name, decision.Value, decision.Choice.Options.Length)));
}
