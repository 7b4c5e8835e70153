using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Experiments;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Experiments;

/// <summary>What every view of an experiment shows of it.</summary>
/// <param name="Row">The experiment itself.</param>
/// <param name="Spec">What it searches.</param>
/// <param name="Owner">The owner's displayed name; null where nobody in particular owns it.</param>
/// <param name="ModelId">Its newest model; null before there is one.</param>
/// <param name="CompletedCount">Trials that completed.</param>
/// <param name="FailedCount">Trials that failed.</param>
/// <param name="SearchedAt">When <c>Row.SearchSeconds</c> was measured last: the end of a trial, or the change of state since.</param>
public sealed record ExperimentView(
    StoredExperiment Row, ExperimentSpec Spec, string? Owner, Guid? ModelId, int CompletedCount, int FailedCount, DateTimeOffset? SearchedAt)
{
    public bool IsWorking => Row.State is ExperimentState.Waiting or ExperimentState.Searching or ExperimentState.Finishing;

    /// <param name="context">The store.</param>
    /// <param name="allowed">The experiments that may be seen: those <c>VisibleTo</c> the caller, or that of a share link.</param>
    /// <param name="id">Which.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null: there is none that may be seen.</returns>
    public static async Task<ExperimentView?> FindAsync(StoreContext context, IQueryable<StoredExperiment> allowed, Guid id, CancellationToken cancellation)
    {
        var found = await allowed.Where(experiment => experiment.Id == id)
            .Select(experiment => new
            {
                Row = experiment,
                Owner = context.Users.Where(user => user.Id == experiment.OwnerId).Select(user => user.DisplayName).FirstOrDefault(),
                ModelId = context.Models.Where(model => model.ExperimentId == experiment.Id).OrderByDescending(model => model.CreatedAt).Select(model => (Guid?)model.Id).FirstOrDefault(),
            })
            .SingleOrDefaultAsync(cancellation);
        if (found is null)
        {
            return null;
        }

        var counts = await context.Trials.Where(trial => trial.ExperimentId == id)
            .GroupBy(trial => trial.State)
            .Select(group => new { State = group.Key, Count = group.Count(), Ended = group.Max(trial => trial.EndedAt) })
            .ToListAsync(cancellation);
        var moved = await context.Events.Where(happened => happened.ExperimentId == id && happened.Kind == EventKind.StateChanged)
            .OrderByDescending(happened => happened.Sequence).Select(happened => (DateTimeOffset?)happened.At).FirstOrDefaultAsync(cancellation);
        return new(
            found.Row,
            found.Row.ReadSpec(),
            found.Owner,
            found.ModelId,
            Count(StoredTrialState.Completed),
            Count(StoredTrialState.Failed),
            counts.Select(group => group.Ended).Append(moved).Max());

        int Count(StoredTrialState state) => counts.FirstOrDefault(group => group.State == state)?.Count ?? 0;
    }
}
