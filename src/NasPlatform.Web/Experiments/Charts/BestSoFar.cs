using System.Collections.Immutable;

namespace NasPlatform.Web.Experiments.Charts;

/// <summary>The best score on the validation split as the search went on: its improvements, in the order of the trials' numbers or of their ends.</summary>
/// <param name="Steps">Each better than the one before.</param>
/// <param name="Last">The last trial, to which the line goes on; null while none has completed.</param>
public sealed record BestSoFar(ImmutableArray<TrialPoint> Steps, TrialPoint? Last)
{
    public static BestSoFar ByTrial(IEnumerable<TrialPoint> trials) => Of(trials.OrderBy(trial => trial.Number));

    public static BestSoFar ByTime(IEnumerable<TrialPoint> trials) => Of(trials.OrderBy(trial => trial.ElapsedSeconds).ThenBy(trial => trial.Number));

    private static BestSoFar Of(IEnumerable<TrialPoint> ordered)
    {
        var steps = ImmutableArray.CreateBuilder<TrialPoint>();
        TrialPoint? last = null;
        foreach (var trial in ordered)
        {
            last = trial;
            if (steps.Count == 0 || trial.Rank.Beats(steps[^1].Rank))
            {
                steps.Add(trial);
            }
        }

        return new(steps.ToImmutable(), last);
    }
}
