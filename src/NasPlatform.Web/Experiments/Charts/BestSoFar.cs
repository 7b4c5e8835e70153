using System.Collections.Immutable;

namespace NasPlatform.Web.Experiments.Charts;

/// <summary>The best validation accuracy as the search went on: its improvements, in the order in which trials ended.</summary>
/// <param name="Steps">Each better than the one before.</param>
/// <param name="Last">The trial that ended last, to which the line goes on; null while none has.</param>
internal sealed record BestSoFar(ImmutableArray<TrialPoint> Steps, TrialPoint? Last)
{
    public static BestSoFar Of(IEnumerable<TrialPoint> trials)
    {
        var steps = ImmutableArray.CreateBuilder<TrialPoint>();
        TrialPoint? last = null;
        foreach (var trial in trials.OrderBy(trial => trial.ElapsedSeconds).ThenBy(trial => trial.Number))
        {
            last = trial;
            if (steps.Count == 0 || trial.Accuracy > steps[^1].Accuracy)
            {
                steps.Add(trial);
            }
        }

        return new(steps.ToImmutable(), last);
    }
}
