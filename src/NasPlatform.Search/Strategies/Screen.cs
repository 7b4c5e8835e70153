using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies;

/// <summary>
/// Chooses by a training-free score what is worth a trial (Abdelfattah et al. 2021, arXiv 2101.08134): of several random architectures the best, which is their warm-up, of several mutations of a parent the best, which
/// is their move proposal, and of members whose trials scored alike the better one. Off by default: then draws are what they would be without it.
/// </summary>
/// <remarks>Their warm-up scores a number of architectures at once and begins with the best; here each of the first proposals is the best of its own draws, so that what is proposed depends on nothing but its number.</remarks>
internal sealed class Screen
{
    /// <summary>The setting that turns it on.</summary>
    public const string Setting = "proxy";

    private const string Off = "none";

    private readonly Proxy? _proxy;
    private readonly int _count;
    private readonly ProxyScore? _scores;

    /// <param name="settings"><c>proxy</c> (the score, <c>none</c>) and <c>proxy_candidates</c> (architectures that are scored for each that is tried, 10).</param>
    /// <param name="scores">Null where nothing is to be tried, as where a strategy is described or told old trials: then the first draw is taken.</param>
    public Screen(Settings settings, ProxyScore? scores)
    {
        var words = settings.Word(Setting, Off, [Off, .. Proxies.AllWords]);
        _proxy = words == Off ? null : Proxies.Named(words);
        _count = settings.Whole("proxy_candidates", 10, 2, 100_000);
        _scores = scores;
    }

    /// <summary>What the last draw was chosen from; empty where nothing is scored.</summary>
    public IReadOnlyList<Genotype> Candidates { get; private set; } = [];

    public Genotype Sample(SearchSpace space, RandomSource random) => Best(random, space.Sample);

    public Genotype Mutate(SearchSpace space, Genotype parent, RandomSource random) => Best(random, stream => space.Mutate(parent, stream));

    /// <summary>Whether the first did better in its trial or, where trials tell no difference, scores better.</summary>
    public bool Beats((Genotype Genotype, double Score) one, (Genotype Genotype, double Score) other) =>
        one.Score > other.Score || (one.Score == other.Score && _proxy is { } proxy && _scores is not null && Score(proxy, one.Genotype) > Score(proxy, other.Genotype));

    /// <summary>In the order of their scores, the best first; as they come where nothing is scored.</summary>
    public IEnumerable<Genotype> Ranked(IEnumerable<Genotype> genotypes) =>
        _proxy is { } proxy && _scores is not null ? genotypes.OrderByDescending(genotype => Score(proxy, genotype)) : genotypes;

    private Genotype Best(RandomSource random, Func<RandomSource, Genotype> draw)
    {
        if (_proxy is not { } proxy)
        {
            return draw(random);
        }

        Candidates = [.. Enumerable.Range(0, _count).Select(_ => draw(random))]; // all of them first: what is drawn does not depend on the scores
        return _scores is null ? Candidates[0] : Candidates.MaxBy(candidate => Score(proxy, candidate))!; // not null: there are some
    }

    private double Score(Proxy proxy, Genotype genotype) => _scores!(proxy, genotype) ?? double.NegativeInfinity; // not null: the callers looked
}
