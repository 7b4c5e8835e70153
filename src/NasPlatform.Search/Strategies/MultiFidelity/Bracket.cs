using System.Collections.Immutable;

namespace NasPlatform.Search.Strategies.MultiFidelity;

/// <summary>How many architectures a bracket has on each rung, and for how many epochs they are trained there.</summary>
/// <param name="Configurations">⌊n·η^−k⌋ on rung k, at least 1.</param>
/// <param name="Epochs">Of rung k.</param>
internal sealed record BracketSizes(ImmutableArray<int> Configurations, ImmutableArray<int> Epochs)
{
    /// <summary>Successive halving's (Jamieson &amp; Talwalkar 2016), from a rung on.</summary>
    /// <param name="count">n, at least 1; rungs that no architecture would reach are left out.</param>
    /// <param name="first">The lowest rung, 0-based.</param>
    public static BracketSizes Of(int count, Rungs rungs, int first, int eta)
    {
        var (configurations, epochs) = (ImmutableArray.CreateBuilder<int>(), ImmutableArray.CreateBuilder<int>());
        for (var rung = first; rung < rungs.Count && count > 0; rung++, count /= eta)
        {
            configurations.Add(count);
            epochs.Add(rungs[rung]);
        }

        return new(configurations.ToImmutable(), epochs.ToImmutable());
    }
}

/// <summary>A run of successive halving: when all of a rung have ended, the best of them go on to the next.</summary>
/// <param name="number">0-based.</param>
internal sealed class Bracket(int number, BracketSizes sizes)
{
    private readonly List<(Configuration Configuration, double? Score)>[] _ended = [.. sizes.Epochs.Select(_ => new List<(Configuration, double?)>())];

    // How many there are on each rung: fewer than planned where trainings failed.
    private readonly int[] _expected = [.. sizes.Configurations];

    public BracketSizes Sizes => sizes;

    /// <summary>Whether all the architectures that it begins with have ended their first training.</summary>
    public bool IsFilled => _ended[0].Count == _expected[0];

    public bool HasEnded => _ended.Zip(_expected).All(rung => rung.First.Count == rung.Second);

    /// <summary>Takes in how a training ended.</summary>
    /// <param name="score">Null where it did not complete; such an architecture goes no further.</param>
    /// <returns>Who goes on: the best first, the earlier of equals; empty unless the rung is complete with it.</returns>
    public IEnumerable<Promotion> End(int rung, Configuration configuration, double? score)
    {
        _ended[rung].Add((configuration, score));
        if (_ended[rung].Count < _expected[rung] || rung + 1 == _ended.Length)
        {
            return [];
        }

        Configuration[] best = [.. _ended[rung].Where(entry => entry.Score is not null).OrderByDescending(entry => entry.Score).Select(entry => entry.Configuration).Take(_expected[rung + 1])];
        _expected[rung + 1] = best.Length;
        for (var above = rung + 2; above < _expected.Length; above++)
        {
            _expected[above] = Math.Min(_expected[above], best.Length);
        }

        return best.Select(one => new Promotion(one, number, rung + 1, sizes.Epochs[rung + 1]));
    }
}
