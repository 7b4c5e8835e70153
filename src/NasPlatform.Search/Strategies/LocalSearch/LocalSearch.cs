using System.Runtime.InteropServices;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.LocalSearch;

/// <summary>
/// Local search (White, Nolen &amp; Savani 2021, arXiv 2005.02960; NASLib): from the best of a few random architectures, all that differ in one decision are tried, in random order; the search moves to the
/// best of them if it is better, and else starts again from new random ones. What was tried before is not tried again.
/// </summary>
/// <remarks>
/// While the last neighbours are still being tried, side by side, random architectures take the free places. A space whose architectures have very many neighbours takes very many trials for one move.
/// </remarks>
public sealed class LocalSearch : Strategy
{
    private readonly SearchSpace _space;
    private readonly RandomSource _random;
    private readonly int _initial;
    private readonly Screen _screen;
    private readonly Dictionary<Genotype, double> _known = [];

    // Where the search stands; null while it looks for a start. Its neighbours in the order in which they are tried, and those that have not been told yet.
    private Genotype? _current;
    private List<Genotype> _neighbours = [];
    private HashSet<Genotype> _open = [];

    // The best start of this round, and how many there were.
    private Genotype? _start;
    private int _starts;
    private int _told;
    private int _toldBefore;
    private int _moves;
    private int _restarts;

    /// <param name="settings"><c>initial</c> (random architectures at each start, 10), and those of <see cref="Screen"/>, by which neighbours are tried in the order of their scores.</param>
    public LocalSearch(SearchSpace space, Settings settings, RandomSource random, ProxyScore? proxies)
    {
        _space = space;
        _random = random;
        _initial = settings.Whole("initial", 10, 1, 1_000_000);
        _screen = new(settings, proxies);
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "local-search";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override IReadOnlyDictionary<string, double> Diagnostics => new Dictionary<string, double>
    {
        ["current_score"] = _current is null ? 0 : _known[_current],
        ["neighbours_left"] = _open.Count,
        ["moves"] = _moves,
        ["restarts"] = _restarts,
    };

    public override Genotype Propose(int number)
    {
        // One trial is proposed for each that is told, so that the n-th result since the last move asks for the n-th neighbour.
        var place = _told - _toldBefore;
        return _current is not null && place < _neighbours.Count ? _neighbours[place] : _screen.Sample(_space.At(number), _random.Split("proposal", number));
    }

    public override void Observe(Proposal proposal, Evaluation.Evaluation evaluation)
    {
        var genotype = proposal.Genotype;
        _told++;
        _known.TryAdd(genotype, evaluation.Score);
        if (_current is null)
        {
            _start = _start is null || _known[genotype] > _known[_start] ? genotype : _start;
            if (++_starts == _initial)
            {
                MoveTo(_start);
            }

            return;
        }

        _open.Remove(genotype);
        Climb();
    }

    // Moves as long as all neighbours are known and one is better.
    private void Climb()
    {
        while (_current is not null && _open.Count == 0)
        {
            var best = _space.Neighbours(_current).MaxBy(neighbour => _known[neighbour]);
            if (best is not null && _known[best] > _known[_current])
            {
                _moves++;
                MoveTo(best);
            }
            else
            {
                _restarts++;
                (_current, _start, _starts) = (null, null, 0);
            }
        }
    }

    private void MoveTo(Genotype current)
    {
        _current = current;
        _neighbours = [.. _space.Neighbours(current).Where(neighbour => !_known.ContainsKey(neighbour)).Distinct()];
        _random.Split("neighbours", _told).Shuffle(CollectionsMarshal.AsSpan(_neighbours));
        _neighbours = [.. _screen.Ranked(_neighbours)];
        _open = [.. _neighbours];
        _toldBefore = _told;
        Climb();
    }
}
