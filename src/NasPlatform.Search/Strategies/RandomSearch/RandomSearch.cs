using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.RandomSearch;

/// <summary>
/// Random search. With <c>over=networks</c> (the default) a draw whose network was drawn before is thrown away and drawn again, up to
/// 1,000 times, so that every trial tells something new, until there seems to be none left; with <c>over=encodings</c> every draw counts. Both draw encodings uniformly.
/// </summary>
public sealed class RandomSearch : Strategy
{
    private const int Redraws = 1000;

    private readonly SearchSpace _space;
    private readonly RandomSource _random;
    private readonly Screen _screen;
    private bool _isDistinct;
    private readonly HashSet<ArchitectureKey> _drawn = [];
    private readonly List<Genotype> _proposals = [];

    /// <param name="settings"><c>over</c> (<c>networks</c> or <c>encodings</c>), and those of <see cref="Screen"/>.</param>
    public RandomSearch(SearchSpace space, Settings settings, RandomSource random, ProxyScore? proxies)
    {
        _space = space;
        _random = random;
        _isDistinct = settings.Word("over", "networks", "networks", "encodings") == "networks";
        _screen = new(settings, proxies);
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "random";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override Genotype Propose(int number)
    {
        while (_proposals.Count < number)
        {
            _proposals.Add(Draw(_space.At(_proposals.Count + 1), _random.Split("proposal", _proposals.Count + 1)));
        }

        return _proposals[number - 1];
    }

    /// <summary>Nothing is learned.</summary>
    public override void Observe(Proposal proposal, Evaluation.Evaluation evaluation)
    {
    }

    private Genotype Draw(SearchSpace space, RandomSource random)
    {
        var genotype = _screen.Sample(space, random);
        for (var redraw = 0; _isDistinct && !_drawn.Add(space.Key(genotype)); redraw++)
        {
            genotype = _screen.Sample(space, random);
            _isDistinct = redraw + 1 < Redraws;
        }

        return genotype;
    }
}
