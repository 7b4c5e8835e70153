using System.Text.Json.Serialization;

namespace NasPlatform.Search.Evaluation;

/// <summary>What a search maximises where a network's cost matters beside its score: one number, the reward, that strategies are told in place of the score and by which the best trial is chosen.</summary>
/// <param name="Cost">What is to be kept down.</param>
/// <param name="Target">T: what it may be, above 0, in the cost's unit; the reward of a network at the target is its score, but for <see cref="Tradeoff.Sum"/>.</param>
/// <param name="Tradeoff">How score and cost make one number.</param>
/// <param name="Weight">Of the cost in a <see cref="Tradeoff.Sum"/>, not negative; of no effect otherwise.</param>
public sealed record Objective(Cost Cost, double Target, Tradeoff Tradeoff = Tradeoff.Soft, double Weight = 0.1) : IReward
{
    /// <summary>MnasNet's w of a soft constraint: twice the latency is worth 5 % of the accuracy (Tan et al. 2019, arXiv 1807.11626, §3).</summary>
    private const double SoftExponent = -0.07;

    /// <summary>The evaluation as strategies are told it: scores are rewards.</summary>
    public Evaluation Told(Evaluation evaluation) => evaluation.Outcome != Outcome.Completed
        ? evaluation
        : evaluation with { Score = Reward(evaluation.Score, Cost.Of(evaluation)), BestOfLastFive = Reward(evaluation.BestOfLastFive, Cost.Of(evaluation)) };

    public double Of(Evaluation evaluation) => Told(evaluation).Score;

    /// <param name="score">0 to 1.</param>
    /// <param name="cost">In the cost's unit; null where it is not known, which rewards nothing.</param>
    /// <returns>Not negative.</returns>
    public double Reward(double score, double? cost) => cost is not { } value ? 0 : Tradeoff switch
    {
        Tradeoff.Soft => score * Math.Pow(value / Target, SoftExponent),
        Tradeoff.Hard => value <= Target ? score : score * Target / value,
        Tradeoff.Sum => Math.Max(0, score - (Weight * value / Target)),
    };

    /// <summary>All that is wrong; empty when it will do.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(Target > 0 && double.IsFinite(Target)))
        {
            yield return $"The target of the {Cost.Words} is {Target}; it must be above 0.";
        }

        if (!(Weight >= 0 && double.IsFinite(Weight)))
        {
            yield return $"The weight of the {Cost.Words} is {Weight}; it must not be negative.";
        }
    }
}

/// <summary>How a score and a cost make one number.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Tradeoff>))]
public enum Tradeoff
{
    /// <summary>score · (cost / T)^−0.07: MnasNet's soft constraint, which pays for being below the target, too.</summary>
    Soft,

    /// <summary>score up to the target, score · T / cost above it: MnasNet's hard constraint. That its exponents are 0 and −1 is unverified.</summary>
    Hard,

    /// <summary>score − weight · cost / T, at least 0: a weighted sum.</summary>
    Sum,
}

/// <summary>What follows from a trade-off.</summary>
public static class Tradeoffs
{
    extension(Tradeoff tradeoff)
    {
        /// <summary>The reward as a formula, for people.</summary>
        public string Formula => tradeoff switch
        {
            Tradeoff.Soft => "score · (cost / target)^−0.07",
            Tradeoff.Hard => "score up to the target, score · target / cost above it",
            Tradeoff.Sum => "score − weight · cost / target",
        };
    }
}
