using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.MultiFidelity;

/// <summary>Successive halving (Jamieson &amp; Talwalkar 2016, arXiv 1502.07943): n architectures on the lowest rung, and of all that have ended on a rung the best 1 / η on the next; then it begins again with new ones.</summary>
public sealed class SuccessiveHalving : BracketSearch
{
    /// <param name="settings">Those of every multi-fidelity strategy, and <c>configurations</c> (n); 0, the default, for as many as leave one on the highest rung.</param>
    public SuccessiveHalving(SearchSpace space, Settings settings, RandomSource random, int epochs, ProxyScore? proxies)
        : base("successive-halving", space, settings, random, epochs, proxies)
    {
        var configurations = settings.Whole("configurations", 0, 0, 1_000_000);
        Cycle = [BracketSizes.Of(configurations > 0 ? configurations : Rungs[Rungs.Last] / Rungs[0], Rungs, 0, Eta)];
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override IReadOnlyDictionary<string, string> Settings { get; }
}
