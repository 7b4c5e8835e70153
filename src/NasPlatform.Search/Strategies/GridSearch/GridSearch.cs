using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.GridSearch;

/// <summary>
/// Grid search: every combination of the decisions' options, or of some evenly spaced ones of each, one after the other; the last decision moves fastest. It ends with the last combination, or after
/// <see cref="Most"/>: it is for small spaces.
/// </summary>
public sealed class GridSearch : Strategy
{
    /// <summary>More combinations are not gone through.</summary>
    public const int Most = 20_000;

    private readonly Lazy<Genotype[]> _grid;

    /// <param name="settings"><c>points</c> (of each decision, evenly spaced, the first and the last option among them; 0, the default, for all).</param>
    /// <exception cref="UserErrorException">A setting is wrong.</exception>
    public GridSearch(SearchSpace space, Settings settings)
    {
        var points = settings.Whole("points", 0, 0, 1_000_000);
        settings.RefuseUnknown();
        Settings = settings.Effective;
        if (points == 1)
        {
            throw new UserErrorException("Strategy 'grid': setting 'points' is '1'; it must be at least 2, or 0 for all options.");
        }

        _grid = new(() => [.. space.Enumerate(points == 0 ? int.MaxValue : points).Where(space.IsValid).Take(Most)]);
    }

    public override string Name => "grid";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override int? MostProposals => _grid.Value.Length;

    public override Genotype Propose(int number) => _grid.Value[number - 1];

    /// <summary>Nothing is learned.</summary>
    public override void Observe(Proposal proposal, Evaluation.Evaluation evaluation)
    {
    }
}
