using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.Tpe;

/// <summary>
/// The tree-structured Parzen estimator (Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization"): of what was tried the best share gives densities l over the options of each decision, the rest gives g;
/// of some draws from l the one with the greatest l / g is tried, of those that were not tried before, and a random one where all were. Decisions are taken as independent, and those that only some architectures have are counted where they are.
/// </summary>
/// <remarks>Beforehand the options of a decision count as seen <c>prior</c> times all together, so that nothing is ever ruled out.</remarks>
public sealed class TreeParzen : Strategy
{
    /// <summary>Draws for one candidate until it is a valid genotype; after that a uniform one is taken.</summary>
    private const int MostDraws = 100;

    private readonly SearchSpace _space;
    private readonly RandomSource _random;
    private readonly int _initial;
    private readonly double _gamma;
    private readonly int _candidates;
    private readonly double _prior;
    private readonly Screen _screen;
    private readonly List<(Genotype Genotype, double Score)> _told = [];

    /// <param name="settings">
    /// <c>initial</c> (random trials first, 10), <c>gamma</c> (γ: of n that were told, γ·√n count as good, rounded up, 0.25 as in the authors' Hyperopt), <c>candidates</c> (draws to choose from, 24), <c>prior</c> (weight of the uniform prior, in trials, 1); and those of <see cref="Screen"/>, for the random ones.
    /// </param>
    public TreeParzen(SearchSpace space, Settings settings, RandomSource random, ProxyScore? proxies)
    {
        _space = space;
        _random = random;
        _initial = settings.Whole("initial", 10, 1, 1_000_000);
        _gamma = settings.Real("gamma", 0.25, 0.01, 100);
        _candidates = settings.Whole("candidates", 24, 1, 100_000);
        _prior = settings.Real("prior", 1, 1e-6, 1e6);
        _screen = new(settings, proxies);
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "tpe";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override IReadOnlyDictionary<string, double> Diagnostics => new Dictionary<string, double> { ["good"] = GoodOf(_told.Count) };

    public override Genotype Propose(int number)
    {
        var random = _random.Split("proposal", number);
        var space = _space.At(number);
        if (_told.Count < _initial)
        {
            return _screen.Sample(space, random);
        }

        var ranked = _told.OrderByDescending(trial => trial.Score).Select(trial => trial.Genotype).ToList();
        var good = new OptionCounts(ranked.Take(GoodOf(ranked.Count)), _prior);
        var rest = new OptionCounts(ranked.Skip(GoodOf(ranked.Count)), _prior);
        var tried = ranked.ToHashSet();
        return Enumerable.Range(0, _candidates).Select(_ => Draw(space, good, random)).Where(candidate => !tried.Contains(candidate))
            .MaxBy(candidate => good.LogProbability(candidate) - rest.LogProbability(candidate)) ?? space.Sample(random);
    }

    public override void Observe(Proposal proposal, Evaluation.Evaluation evaluation) => _told.Add((proposal.Genotype, evaluation.Score));

    private static Genotype Draw(SearchSpace space, OptionCounts counts, RandomSource random)
    {
        for (var draw = 0; draw < MostDraws; draw++)
        {
            var answerer = new CountedAnswerer(counts, random);
            space.Decide(answerer);
            if (space.IsValid(answerer.Recorded))
            {
                return answerer.Recorded;
            }
        }

        return space.Sample(random);
    }

    /// <summary>How many of the told count as good.</summary>
    private int GoodOf(int told) => Math.Min(told, (int)Math.Ceiling(_gamma * Math.Sqrt(told)));

    private sealed class CountedAnswerer(OptionCounts counts, RandomSource random) : Answerer
    {
        protected override int Answer(string name, Choice choice)
        {
            var rest = random.NextDouble();
            for (var option = 0; option + 1 < choice.Options.Length; option++)
            {
                rest -= counts.Probability(name, option, choice.Options.Length);
                if (rest < 0)
                {
                    return option;
                }
            }

            return choice.Options.Length - 1;
        }
    }
}
