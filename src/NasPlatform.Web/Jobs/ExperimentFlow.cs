using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Experiments;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>
/// The states of an experiment and the one way through them. Every change is within the caller's transaction and says in the experiment's log why.
/// </summary>
internal static class ExperimentFlow
{
    /// <summary>Moves an experiment; what has ended or is paused has no live job afterwards.</summary>
    /// <param name="text">For the log: a sentence for people.</param>
    public static void Move(StoreContext context, StoredExperiment experiment, ExperimentState state, string? reason, string text, DateTimeOffset now)
    {
        experiment.State = state;
        experiment.Reason = reason;
        if (state is ExperimentState.Completed or ExperimentState.Failed or ExperimentState.Cancelled)
        {
            experiment.EndedAt = now;
        }

        context.Happened(experiment.Id, EventKind.StateChanged, text);
    }

    /// <summary>Puts the job that an experiment needs next into the queue: its search, or the final training once the search is over.</summary>
    public static StoredJob Enqueue(StoreContext context, StoredExperiment experiment, DateTimeOffset now)
    {
        var job = new StoredJob
        {
            Id = Guid.CreateVersion7(now),
            Kind = experiment.IsSearched ? JobKind.Final : JobKind.Search,
            Group = experiment.IsSearched ? JobGroups.Of(experiment.ReadSpec().Device) : JobGroups.Search,
            ExperimentId = experiment.Id,
            State = JobState.Waiting,
            CreatedAt = now,
        };
        context.Jobs.Add(job);
        return job;
    }

    /// <summary>Cancels an experiment's jobs that wait or run; whoever runs one sees it at once and stops.</summary>
    /// <param name="except">The job whose holder is calling; it ends that itself.</param>
    public static async Task CancelJobsAsync(StoreContext context, Guid experimentId, Guid? except, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        await context.Attempts
            .Where(attempt => attempt.EndedAt == null && context.Jobs.Any(job =>
                job.Id == attempt.JobId && job.ExperimentId == experimentId && job.Id != except && (job.State == JobState.Waiting || job.State == JobState.Running)))
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(attempt => attempt.EndedAt, now)
                    .SetProperty(attempt => attempt.Outcome, AttemptOutcome.Cancelled)
                    .SetProperty(attempt => attempt.Reason, reason),
                cancellation);
        await context.Jobs
            .Where(job => job.ExperimentId == experimentId && job.Id != except && (job.State == JobState.Waiting || job.State == JobState.Running))
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(job => job.State, JobState.Cancelled)
                    .SetProperty(job => job.Reason, reason)
                    .SetProperty(job => job.EndedAt, now)
                    .SetProperty(job => job.Owner, (string?)null)
                    .SetProperty(job => job.Progress, (string?)null),
                cancellation);
        await context.Trials
            .Where(trial => trial.ExperimentId == experimentId && (trial.State == StoredTrialState.Waiting || trial.State == StoredTrialState.Running))
            .ExecuteUpdateAsync(
                set => set.SetProperty(trial => trial.State, StoredTrialState.Cancelled).SetProperty(trial => trial.Reason, reason),
                cancellation);
    }

    /// <summary>Does what the owner wants of an experiment whose work has stopped: pauses it or ends it.</summary>
    public static async Task StopAsync(StoreContext context, StoredExperiment experiment, Guid? except, DateTimeOffset now, CancellationToken cancellation)
    {
        await CancelJobsAsync(context, experiment.Id, except, "The experiment was stopped.", now, cancellation);
        if (experiment.Wish == Wish.Cancel)
        {
            Move(context, experiment, ExperimentState.Cancelled, null, "The experiment was cancelled; what was found is kept.", now);
        }
        else
        {
            Move(context, experiment, ExperimentState.Paused, null, "The experiment was paused.", now);
        }
    }

    /// <summary>Takes over how a trial ended: its row, the best so far, the count, the log.</summary>
    public static void EndTrial(StoreContext context, StoredExperiment experiment, StoredTrial trial, Search.Evaluation.Evaluation evaluation, DateTimeOffset now)
    {
        trial.End(evaluation, now);
        experiment.EndedCount++;
        var isBest = trial.State == StoredTrialState.Completed
            && (experiment.BestAccuracy is not { } best || trial.Accuracy > best || (trial.Accuracy == best && trial.Number < experiment.BestTrial));
        if (isBest)
        {
            (experiment.BestTrial, experiment.BestAccuracy) = (trial.Number, trial.Accuracy);
        }

        context.Happened(experiment.Id, EventKind.TrialEnded, Text(), trial.Number);

        string Text() => trial switch
        {
            { State: StoredTrialState.Failed } => $"Trial {trial.Number} failed: {trial.Reason}",
            { ReusedFromTrial: { } same } => $"Trial {trial.Number} is the network of trial {same} again: {Percent(trial.Accuracy)} on validation.",
            _ => $"Trial {trial.Number} reached {Percent(trial.Accuracy)} on validation{(isBest ? ", the best so far" : "")}.",
        };
    }

    private static string Percent(double? share) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{100 * (share ?? 0):0.00} %");
}
