using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Nodes;

/// <summary>An attempt at a job that did not complete.</summary>
/// <param name="ExperimentId">Of the job; null for one that takes in a dataset.</param>
/// <param name="Trial">The trial's number, for a trial's job.</param>
/// <param name="Dataset">The dataset's name, for one that takes it in.</param>
internal sealed record RecentFailure(
    Guid JobId, long Token, JobKind Kind, Guid? ExperimentId, string? Experiment, int? Trial, string? Dataset, string Node, AttemptOutcome Outcome, string? Reason, DateTimeOffset? EndedAt)
{
    /// <summary>The last ones that the caller sees.</summary>
    public static async Task<IReadOnlyList<RecentFailure>> LoadAsync(StoreContext context, Caller caller, int count, CancellationToken cancellation)
    {
        var (experiments, datasets) = (context.Experiments.VisibleTo(caller), context.Datasets.VisibleTo(caller));
        return await (
            from attempt in context.Attempts
            where attempt.Outcome != null && attempt.Outcome != AttemptOutcome.Completed && attempt.Outcome != AttemptOutcome.Cancelled
            join job in context.Jobs on attempt.JobId equals job.Id
            join experiment in experiments on job.ExperimentId equals experiment.Id into ofExperiment
            from experiment in ofExperiment.DefaultIfEmpty()
            join dataset in datasets on job.DatasetId equals dataset.Id into ofDataset
            from dataset in ofDataset.DefaultIfEmpty()
            where experiment != null || dataset != null
            orderby attempt.EndedAt descending
            select new RecentFailure(
                job.Id, attempt.Token, job.Kind, job.ExperimentId, experiment!.Name, job.TrialNumber, dataset!.Name, attempt.Node, attempt.Outcome!.Value, attempt.Reason, attempt.EndedAt))
            .Take(count).ToListAsync(cancellation);
    }
}
