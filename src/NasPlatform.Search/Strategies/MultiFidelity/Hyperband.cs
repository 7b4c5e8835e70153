using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.MultiFidelity;

/// <summary>
/// Hyperband (Li et al. 2018, arXiv 1603.06560): brackets s = s_max, ..., 0 of successive halving, from many architectures trained very short to few trained in full at once, so that it does not depend on one
/// guess of how early a good one shows; then from the first again.
/// </summary>
public sealed class Hyperband : BracketSearch
{
    /// <param name="settings">
    /// Those of every multi-fidelity strategy, and <c>rule</c>, for how many architectures bracket s begins with: <c>ceil</c> ⌈(s_max + 1)·η^s / (s + 1)⌉ or <c>floor</c> ⌊(s_max + 1) / (s + 1)⌋·η^s. Both are in
    /// use; which of them the paper's printed table has is unverified.
    /// </param>
    public Hyperband(SearchSpace space, Settings settings, RandomSource random, int epochs, ProxyScore? proxies)
        : base("hyperband", space, settings, random, epochs, proxies)
    {
        var isCeiling = settings.Word("rule", "ceil", "ceil", "floor") == "ceil";
        settings.RefuseUnknown();
        Settings = settings.Effective;
        var (brackets, power) = (Rungs.Count, 1L);
        var cycle = new BracketSizes[brackets];
        for (var s = 0; s < brackets; s++, power *= Eta)
        {
            var count = isCeiling ? ((brackets * power) + s) / (s + 1) : brackets / (s + 1) * power;
            cycle[Rungs.Last - s] = BracketSizes.Of((int)count, Rungs, Rungs.Last - s, Eta);
        }

        Cycle = [.. cycle];
    }

    public override IReadOnlyDictionary<string, string> Settings { get; }
}
