using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Architectures;
using NasPlatform.Web.Experiments;
using NasPlatform.Web.Experiments.Charts;
using NasPlatform.Web.Progress;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Trials;

/// <summary>A trial as its page shows it.</summary>
/// <param name="Row">The trial itself.</param>
/// <param name="Diagram">Its architecture.</param>
/// <param name="Curve">How its training went; of the trial whose result it has, where it was not trained itself.</param>
/// <param name="Attempts">Oldest first.</param>
/// <param name="SameNetwork">Other trials with the same network.</param>
/// <param name="Previous">The number of the trial before; null for the first.</param>
/// <param name="Next">The number of the trial after; null for the last.</param>
public sealed record TrialView(
    StoredTrial Row, ArchitectureDiagram Diagram, LearningCurve Curve, IReadOnlyList<Attempt> Attempts, IReadOnlyList<int> SameNetwork, int? Previous, int? Next)
{
    /// <summary>The most that are named of trials with the same network.</summary>
    private const int MostSame = 20;

    /// <returns>Null: there is no such trial. The right to see the experiment is the caller's to check before.</returns>
    internal static async Task<TrialView?> FindAsync(StoreContext context, ExperimentView experiment, int number, OverviewReading reading, CancellationToken cancellation)
    {
        var id = experiment.Row.Id;
        if (await context.Trials.SingleOrDefaultAsync(trial => trial.ExperimentId == id && trial.Number == number, cancellation) is not { } row)
        {
            return null;
        }

        var attempts = await context.Attempts
            .Where(attempt => context.Jobs.Any(job => job.Id == attempt.JobId && job.ExperimentId == id && job.Kind == JobKind.Trial && job.TrialNumber == number))
            .OrderBy(attempt => attempt.StartedAt).ToListAsync(cancellation);
        var same = await context.Trials.Where(trial => trial.ExperimentId == id && trial.Key == row.Key && trial.Number != number)
            .OrderBy(trial => trial.Number).Take(MostSame).Select(trial => trial.Number).ToListAsync(cancellation);
        var previous = await context.Trials.Where(trial => trial.ExperimentId == id && trial.Number < number).MaxAsync(trial => (int?)trial.Number, cancellation);
        var next = await context.Trials.Where(trial => trial.ExperimentId == id && trial.Number > number).MinAsync(trial => (int?)trial.Number, cancellation);
        var curve = await OverviewReading.CurveAsync(context, id, row.ReusedFromTrial ?? number, CurveRole.Best, cancellation);
        if (row.State == StoredTrialState.Running)
        {
            curve = curve with { Running = (await RunningWork.ReadAsync(context, [id], cancellation)).Select(running => running.Work).FirstOrDefault(work => work.TrialNumber == number)?.Progress };
        }

        return new(row, reading.DiagramOf(experiment.Spec, row.ReadDecisions()), curve, attempts, same, previous, next);
    }
}
