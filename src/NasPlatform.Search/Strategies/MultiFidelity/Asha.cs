using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.MultiFidelity;

/// <summary>
/// Asynchronous successive halving, ASHA (Li et al. 2020, arXiv 1810.05934, Algorithm 2): whoever is free promotes, from the highest rung that has one, an architecture among the best 1 / η of those that have ended
/// there, and tries a new one where there is none. Nobody waits for the others of a rung.
/// </summary>
public sealed class Asha : MultiFidelityStrategy
{
    private readonly int _bracket;
    private readonly List<(Configuration Configuration, double? Score)>[] _ended;
    private readonly HashSet<(Configuration Configuration, int Rung)> _promoted = [];

    /// <param name="settings">Those of every multi-fidelity strategy, and <c>bracket</c> (s, the early-stopping rate, 0): the rungs that are left out at the low end.</param>
    public Asha(SearchSpace space, Settings settings, RandomSource random, int epochs, ProxyScore? proxies)
        : base("asha", space, settings, random, epochs, proxies)
    {
        _bracket = settings.Whole("bracket", 0, 0, Rungs.Last - 1);
        settings.RefuseUnknown();
        Settings = settings.Effective;
        _ended = [.. Enumerable.Range(_bracket, Rungs.Count - _bracket).Select(_ => new List<(Configuration, double?)>())];
    }

    public override IReadOnlyDictionary<string, string> Settings { get; }

    private protected override int FirstEpochs(int count) => Rungs[_bracket];

    private protected override void Enter(Configuration configuration, int epochs, double? score) => _ended[0].Add((configuration, score));

    private protected override void Place(Promotion promotion, double? score) => _ended[promotion.Rung].Add((promotion.Configuration, score));

    private protected override Promotion? NextPromotion()
    {
        for (var rung = _ended.Length - 2; rung >= 0; rung--)
        {
            var best = _ended[rung].Where(entry => entry.Score is not null).OrderByDescending(entry => entry.Score).Take(_ended[rung].Count / Eta);
            foreach (var (configuration, _) in best)
            {
                if (_promoted.Add((configuration, rung)))
                {
                    return new(configuration, 0, rung + 1, Rungs[_bracket + rung + 1]);
                }
            }
        }

        return null;
    }
}
