using NasPlatform.Search.Evaluation.TrainingFree;
using System.Collections.Immutable;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.MultiFidelity;

/// <summary>Brackets of successive halving, one after the other. While the last trainings of a rung run, side by side, free places begin with the next bracket.</summary>
public abstract class BracketSearch : MultiFidelityStrategy
{
    private readonly List<Bracket> _begun = [];
    private readonly Queue<Promotion> _promotions = [];

    private protected BracketSearch(string name, SearchSpace space, Settings settings, RandomSource random, int epochs, ProxyScore? proxies)
        : base(name, space, settings, random, epochs, proxies)
    {
    }

    public override IReadOnlyDictionary<string, double> Diagnostics => new Dictionary<string, double>(base.Diagnostics)
    {
        ["brackets_begun"] = _begun.Count,
        ["brackets_ended"] = _begun.Count(bracket => bracket.HasEnded),
    };

    /// <summary>The brackets that follow one another, again and again.</summary>
    internal ImmutableArray<BracketSizes> Cycle { get; private protected init; }

    private protected sealed override int FirstEpochs(int count)
    {
        var left = (count - 1) % Cycle.Sum(sizes => sizes.Configurations[0]);
        var place = 0;
        while (left >= Cycle[place].Configurations[0])
        {
            left -= Cycle[place++].Configurations[0];
        }

        return Cycle[place].Epochs[0];
    }

    private protected sealed override void Enter(Configuration configuration, int epochs, double? score)
    {
        var place = _begun.FindIndex(bracket => bracket.Sizes.Epochs[0] == epochs && !bracket.IsFilled);
        while (place < 0)
        {
            _begun.Add(new(_begun.Count, Cycle[_begun.Count % Cycle.Length]));
            place = _begun[^1].Sizes.Epochs[0] == epochs ? _begun.Count - 1 : -1;
        }

        Promote(_begun[place].End(0, configuration, score));
    }

    private protected sealed override void Place(Promotion promotion, double? score) => Promote(_begun[promotion.Bracket].End(promotion.Rung, promotion.Configuration, score));

    private protected sealed override Promotion? NextPromotion() => _promotions.TryDequeue(out var promotion) ? promotion : null;

    private void Promote(IEnumerable<Promotion> promotions)
    {
        foreach (var promotion in promotions)
        {
            _promotions.Enqueue(promotion);
        }
    }
}
