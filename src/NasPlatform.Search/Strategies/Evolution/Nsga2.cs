using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.Evolution;

/// <summary>
/// NSGA-II (Deb et al. 2002, IEEE Transactions on Evolutionary Computation 6): evolution towards the Pareto front of score and cost. Of parents and children together the next generation are the first fronts, of the
/// last one that has room those in the emptiest places (crowding distance). Parents are chosen by tournaments of two; a child is crossed and mutated.
/// </summary>
/// <remarks>A generation ends when as many results as it has members have been told; trials that run side by side meanwhile are children of the generation before.</remarks>
public sealed class Nsga2 : Strategy
{
    private readonly SearchSpace _space;
    private readonly RandomSource _random;
    private readonly int _size;
    private readonly Cost _cost;
    private readonly double _crossover;
    private readonly Screen _screen;
    private readonly List<Member> _children = [];
    private Member[] _parents = [];
    private int _generations;
    private int? _parent;

    /// <param name="settings"><c>population</c> (N, 20: sized for searches of a hundred trials), <c>cost</c> (parameters), <c>crossover</c> (0.9, of the paper's real-coded runs), and those of <see cref="Screen"/>.</param>
    public Nsga2(SearchSpace space, Settings settings, RandomSource random, ProxyScore? proxies)
    {
        _space = space;
        _random = random;
        _size = settings.Whole("population", 20, 2, 1_000_000);
        _cost = Costs.Named(settings.Word("cost", Cost.Parameters.Words, [.. Costs.AllWords]));
        _crossover = settings.Real("crossover", 0.9, 0, 1);
        _screen = new(settings, proxies);
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "nsga2";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override IReadOnlyDictionary<string, double> Diagnostics => new Dictionary<string, double>
    {
        ["generation"] = _generations,
        ["front_size"] = _parents.Count(member => member.Front == 0),
    };

    public override Genotype Propose(int number)
    {
        var random = _random.Split("proposal", number);
        var space = _space.At(number);
        _parent = null;
        if (_parents.Length == 0)
        {
            return _screen.Sample(space, random);
        }

        var parent = Tournament();
        _parent = parent.Number;
        return _screen.Mutate(space, random.NextDouble() < _crossover ? space.Cross(parent.Genotype, Tournament().Genotype, random) : parent.Genotype, random);

        Member Tournament()
        {
            var (one, other) = (_parents[random.Next(_parents.Length)], _parents[random.Next(_parents.Length)]);
            return (one.Front, -one.Crowding).CompareTo((other.Front, -other.Crowding)) <= 0 ? one : other;
        }
    }

    public override bool HasParents => true;

    public override int? ParentOf(int number) => _parent;

    public override IReadOnlyList<Genotype> ChosenFrom => _screen.Candidates;

    public override Explanation Explain() => new() { Population = [.. _parents.Where(member => double.IsFinite(member.Score)).Select(member => new PopulationMember(member.Number, member.Score))] };

    public override void Observe(Proposal proposal, Evaluation.Evaluation evaluation)
    {
        // What failed, or has no known cost, is worse than everything else.
        var (score, cost) = evaluation.Outcome == Outcome.Completed && _cost.Of(evaluation) is { } known ? (evaluation.Score, known) : (double.NegativeInfinity, double.PositiveInfinity);
        _children.Add(new(proposal.Number, proposal.Genotype, score, cost));
        if (_children.Count == _size)
        {
            _parents = [.. Ranked([.. _parents, .. _children]).Take(_size)];
            _children.Clear();
            _generations++;
        }
    }

    /// <summary>Front by front, the least crowded of each first; equals in their order.</summary>
    internal static IEnumerable<Member> Ranked(IReadOnlyList<Member> members)
    {
        var left = members.ToList();
        for (var front = 0; left.Count > 0; front++)
        {
            var best = left.Where(one => !left.Any(other => other.Dominates(one))).ToList();
            left.RemoveAll(best.Contains);
            foreach (var member in Crowded(best).OrderByDescending(member => member.Crowding))
            {
                yield return member with { Front = front };
            }
        }
    }

    /// <summary>How empty it is around each: over both objectives the distance of its neighbours, as a share of the front's width; those at the ends have infinite room.</summary>
    private static Member[] Crowded(List<Member> front)
    {
        var distances = new double[front.Count];
        foreach (var objective in new Func<Member, double>[] { member => member.Score, member => member.Cost })
        {
            int[] order = [.. Enumerable.Range(0, front.Count).OrderBy(place => objective(front[place]))];
            var width = objective(front[order[^1]]) - objective(front[order[0]]);
            (distances[order[0]], distances[order[^1]]) = (double.PositiveInfinity, double.PositiveInfinity);
            for (var place = 1; place + 1 < order.Length; place++)
            {
                distances[order[place]] += width > 0 && double.IsFinite(width) ? (objective(front[order[place + 1]]) - objective(front[order[place - 1]])) / width : 0;
            }
        }

        return [.. front.Select((member, place) => member with { Crowding = distances[place] })];
    }

    /// <param name="Number">Of the trial.</param>
    /// <param name="Score">The larger the better.</param>
    /// <param name="Cost">The smaller the better.</param>
    /// <param name="Front">0 for those that nothing dominates, 1 for those that only these dominate, and so on.</param>
    /// <param name="Crowding">How empty its surroundings are; the larger the better.</param>
    internal sealed record Member(int Number, Genotype Genotype, double Score, double Cost, int Front = 0, double Crowding = 0)
    {
        public bool Dominates(Member other) => Score >= other.Score && Cost <= other.Cost && (Score > other.Score || Cost < other.Cost);
    }
}
