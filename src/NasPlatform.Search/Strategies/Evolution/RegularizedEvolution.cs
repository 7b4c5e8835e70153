using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.Evolution;

/// <summary>
/// Regularised (ageing) evolution: Real et al. 2019, arXiv 1802.01548, Algorithm 1. The population is a queue; a proposal is a mutation
/// of the best of <c>sample</c> draws, with replacement as in the reference code; what is told enters on the right and, once the
/// population is full, the oldest leaves on the left, whatever its fitness. Asynchronous: proposals are made from whatever has been told.
/// </summary>
public sealed class RegularizedEvolution : Strategy
{
    private readonly SearchSpace _space;
    private readonly RandomSource _random;
    private readonly int _populationSize;
    private readonly int _sampleSize;
    private readonly double _crossover;
    private readonly Screen _screen;
    private readonly Queue<Member> _population = [];
    private int? _parent;

    /// <param name="settings">
    /// <c>population</c> (P, 10) and <c>sample</c> (S, 3): sized for searches of tens of trials; the paper's main setting is 100 and 25.
    /// <c>crossover</c> (0, as in the paper): how often a child has two parents, each the best of its own draws, before it is mutated. And those of <see cref="Screen"/>.
    /// </param>
    public RegularizedEvolution(SearchSpace space, Settings settings, RandomSource random, ProxyScore? proxies)
    {
        _space = space;
        _random = random;
        _populationSize = settings.Whole("population", 10, 1, 1_000_000);
        _sampleSize = settings.Whole("sample", 3, 1, 1_000_000);
        _crossover = settings.Real("crossover", 0, 0, 1);
        _screen = new(settings, proxies);
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "evolution";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override IReadOnlyDictionary<string, double> Diagnostics => _population.Count == 0
        ? base.Diagnostics
        : new Dictionary<string, double>
        {
            ["population"] = _population.Count,
            ["population_mean_score"] = _population.Average(member => member.Score),
        };

    public override Genotype Propose(int number)
    {
        var random = _random.Split("proposal", number);
        _parent = null;
        if (number <= _populationSize || _population.Count == 0)
        {
            return _screen.Sample(_space.At(number), random);
        }

        var members = _population.ToArray();
        var space = _space.At(number);
        var parent = Tournament();
        _parent = parent.Number;
        var child = _crossover > 0 && random.NextDouble() < _crossover ? space.Cross(parent.Genotype, Tournament().Genotype, random) : parent.Genotype;
        return _screen.Mutate(space, child, random);

        Member Tournament()
        {
            var best = members[random.Next(members.Length)];
            for (var draw = 1; draw < _sampleSize; draw++)
            {
                var rival = members[random.Next(members.Length)];
                best = _screen.Beats((rival.Genotype, rival.Score), (best.Genotype, best.Score)) ? rival : best;
            }

            return best;
        }
    }

    public override bool HasParents => true;

    public override int? ParentOf(int number) => _parent;

    public override IReadOnlyList<Genotype> ChosenFrom => _screen.Candidates;

    public override Explanation Explain() => new() { Population = [.. _population.Select(member => new PopulationMember(member.Number, member.Score))] };

    public override void Observe(Proposal proposal, Evaluation.Evaluation evaluation)
    {
        _population.Enqueue(new(proposal.Number, proposal.Genotype, evaluation.Score));
        if (_population.Count > _populationSize)
        {
            _population.Dequeue();
        }
    }

    private readonly record struct Member(int Number, Genotype Genotype, double Score);
}
