using System.Collections.Immutable;

namespace NasPlatform.Web.Experiments.Charts;

/// <summary>Score against what a network costs.</summary>
/// <param name="Points">Trials that no other makes needless are always among them; of the others no more than can be told apart.</param>
/// <param name="Front">The Pareto front, from cheap to dear: nothing is both as cheap and more accurate, or as accurate and cheaper.</param>
/// <param name="TrialCount">Trials that completed, shown or not.</param>
public sealed record CostScatter(ImmutableArray<TrialPoint> Points, ImmutableArray<TrialPoint> Front, int TrialCount)
{
    /// <summary>More points than this only make a cloud darker.</summary>
    public const int MostPoints = 1_000;

    /// <param name="trials">In any order.</param>
    /// <param name="cost">What is dear: parameters or multiply-adds.</param>
    public static CostScatter Of(IReadOnlyList<TrialPoint> trials, Func<TrialPoint, long> cost)
    {
        var front = ImmutableArray.CreateBuilder<TrialPoint>();
        foreach (var trial in trials.OrderBy(cost).ThenByDescending(trial => trial.Score).ThenBy(trial => trial.Number))
        {
            if (front.Count == 0 || trial.Score > front[^1].Score)
            {
                front.Add(trial);
            }
        }

        return new([.. Thinned.Evenly(trials, MostPoints).Union(front)], front.ToImmutable(), trials.Count);
    }
}
