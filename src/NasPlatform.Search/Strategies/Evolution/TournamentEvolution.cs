using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.Evolution;

/// <summary>
/// Tournament evolution: Liu et al. 2018, arXiv 1711.00436, §3.3. Of the population a share is drawn, without replacement; the best of those is mutated, and the child joins the population, which nothing
/// ever leaves. Asynchronous: proposals are made from whatever has been told.
/// </summary>
/// <remarks>The first architectures are the space's random ones; the paper's are trivial ones mutated 1,000 times, which is about as good as uniform.</remarks>
public sealed class TournamentEvolution : Strategy
{
    private readonly SearchSpace _space;
    private readonly RandomSource _random;
    private readonly int _initial;
    private readonly double _share;
    private readonly Screen _screen;
    private readonly List<(int Number, Genotype Genotype, double Score)> _population = [];
    private int? _parent;

    /// <param name="settings"><c>initial</c> (N₀, 20: sized for searches of tens of trials; the paper has 200) and <c>share</c> (of the population in a tournament, 0.05), and those of <see cref="Screen"/>.</param>
    public TournamentEvolution(SearchSpace space, Settings settings, RandomSource random, ProxyScore? proxies)
    {
        _space = space;
        _random = random;
        _initial = settings.Whole("initial", 20, 1, 1_000_000);
        _share = settings.Real("share", 0.05, 0, 1);
        _screen = new(settings, proxies);
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "tournament";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override IReadOnlyDictionary<string, double> Diagnostics => _population.Count == 0
        ? base.Diagnostics
        : new Dictionary<string, double>
        {
            ["population"] = _population.Count,
            ["tournament"] = TournamentSize(_population.Count, _share),
            ["population_mean_score"] = _population.Average(member => member.Score),
        };

    /// <summary>How many of a population take part: the share, rounded down, at least one.</summary>
    public static int TournamentSize(int population, double share) => Math.Max(1, (int)(population * share));

    public override Genotype Propose(int number)
    {
        var random = _random.Split("proposal", number);
        _parent = null;
        if (number <= _initial || _population.Count == 0)
        {
            return _screen.Sample(_space.At(number), random);
        }

        // The first of a shuffle, which is as far as it need go.
        var places = Enumerable.Range(0, _population.Count).ToArray();
        var size = TournamentSize(places.Length, _share);
        for (var drawn = 0; drawn < size; drawn++)
        {
            var other = drawn + random.Next(places.Length - drawn);
            (places[drawn], places[other]) = (places[other], places[drawn]);
        }

        var parent = places.Take(size).Select(place => _population[place])
            .Aggregate((best, rival) => _screen.Beats((rival.Genotype, rival.Score), (best.Genotype, best.Score)) ? rival : best);
        _parent = parent.Number;
        return _screen.Mutate(_space.At(number), parent.Genotype, random);
    }

    public override bool HasParents => true;

    public override int? ParentOf(int number) => _parent;

    public override IReadOnlyList<Genotype> ChosenFrom => _screen.Candidates;

    public override Explanation Explain() => new() { Population = [.. _population.Select(member => new PopulationMember(member.Number, member.Score))] };

    public override void Observe(Proposal proposal, Evaluation.Evaluation evaluation) => _population.Add((proposal.Number, proposal.Genotype, evaluation.Score));
}
