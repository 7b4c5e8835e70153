namespace NasPlatform.Search.Evaluation;

/// <summary>What trials are compared by where the score alone is not all that matters: an experiment's objective, or the reward engine of a strategy that has its own.</summary>
public interface IReward
{
    /// <param name="evaluation">Of a trial; one that did not complete is rewarded with 0.</param>
    /// <returns>Not negative.</returns>
    double Of(Evaluation evaluation);
}
