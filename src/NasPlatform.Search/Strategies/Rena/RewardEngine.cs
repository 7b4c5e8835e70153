using NasPlatform.Search.Evaluation;

namespace NasPlatform.Search.Strategies.Rena;

/// <summary>
/// What RENA's policy is paid: accuracy, compute and time in one number, <c>score^a · ∏ min(1, limit / value)^w</c> over what has a limit; or, soft, with MnasNet's factor <c>(value / limit)^−w</c>, which
/// pays for staying below the limit, too (Zhou et al. 2018, arXiv 1806.07912; Tan et al. 2019, arXiv 1807.11626, §3). RENA's own penalty is unverified: this form has what its abstract says, constraints
/// on compute and on size.
/// </summary>
/// <param name="ScorePower">a, above 0.</param>
/// <param name="Limits">By resource; none for the score alone.</param>
/// <param name="IsSoft">MnasNet's factor.</param>
public sealed record RewardEngine(double ScorePower, IReadOnlyList<ResourceLimit> Limits, bool IsSoft) : IReward
{
    /// <summary>MnasNet's exponent: twice the latency is worth 5 % of the accuracy.</summary>
    private const double SoftWeight = 0.07;

    /// <param name="settings">
    /// <c>form</c> (<c>hard</c> or <c>soft</c>), <c>score_power</c> (1), and of each resource its limit, 0 for none, and its weight w (1, or 0.07 where soft): <c>parameters</c>, <c>multiply_adds</c>,
    /// <c>latency_ms</c>, <c>seconds</c>, each with <c>_weight</c>.
    /// </param>
    /// <exception cref="UserErrorException">One is out of range.</exception>
    public static RewardEngine Of(Settings settings)
    {
        var isSoft = settings.Word("form", "hard", "hard", "soft") == "soft";
        var power = settings.Real("score_power", 1, 0.01, 100);
        var limits = new List<ResourceLimit>();
        foreach (var resource in Enum.GetValues<Resource>())
        {
            var most = settings.Real(resource.Setting, 0, 0, 1e15);
            var weight = settings.Real($"{resource.Setting}_weight", isSoft ? SoftWeight : 1, 0, 100);
            limits.AddRange(most > 0 ? [new ResourceLimit(resource, most, weight)] : []);
        }

        return new(power, limits, isSoft);
    }

    public double Of(Evaluation.Evaluation evaluation) => evaluation.Outcome == Outcome.Completed ? Of(evaluation.Score, limit => limit.Resource.Of(evaluation)) : 0;

    /// <param name="score">0 to 1.</param>
    /// <param name="value">Of what has a limit; null where it is not known, which rewards nothing.</param>
    public double Of(double score, Func<ResourceLimit, double?> value) =>
        Limits.Aggregate(OfScore(score), (reward, limit) => reward * Factor(limit, value(limit)));

    /// <summary>The score's factor.</summary>
    public double OfScore(double score) => Math.Pow(Math.Max(0, score), ScorePower);

    /// <summary>A resource's factor, not negative; at the limit it is 1.</summary>
    public double Factor(ResourceLimit limit, double? value) => value is not { } taken ? 0
        : Math.Pow(IsSoft ? limit.Most / taken : Math.Min(1, limit.Most / taken), limit.Weight);
}

/// <summary>How much of a resource there is.</summary>
/// <param name="Resource">Of what.</param>
/// <param name="Most">In the resource's unit, above 0.</param>
/// <param name="Weight">How hard it counts, not negative.</param>
public sealed record ResourceLimit(Resource Resource, double Most, double Weight);
