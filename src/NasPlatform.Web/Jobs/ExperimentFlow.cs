using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Training.Supernets;
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

    /// <summary>Puts the job that an experiment needs next into the queue: a one-shot strategy's supernet, the search, or the final training once the search is over.</summary>
    public static Task EnqueueAsync(StoreContext context, StoredExperiment experiment, DateTimeOffset now, CancellationToken cancellation) => experiment switch
    {
        { IsSearched: true } => EnqueueAsync(context, experiment.Id, JobKind.Final, null, JobGroups.Of(experiment.ReadSpec().Device), now, cancellation),
        { Derived: null } when StrategyCatalog.IsOneShot(experiment.Strategy) =>
            EnqueueAsync(context, experiment.Id, JobKind.Supernet, null, JobGroups.Of(experiment.ReadSpec().Device), now, cancellation),
        _ => EnqueueAsync(context, experiment.Id, JobKind.Search, null, JobGroups.Search, now, cancellation),
    };

    /// <summary>Puts a job of an experiment into the queue. Its tokens go on from those of earlier jobs of the kind, so that what two of them measured never mixes.</summary>
    /// <param name="trial">The trial's number, for a trial's job.</param>
    public static async Task EnqueueAsync(
        StoreContext context, Guid experimentId, JobKind kind, int? trial, string group, DateTimeOffset now, CancellationToken cancellation)
    {
        var last = await context.Jobs.Where(job => job.ExperimentId == experimentId && job.Kind == kind && job.TrialNumber == trial).MaxAsync(job => (long?)job.Token, cancellation);
        context.Jobs.Add(new()
        {
            Id = Guid.CreateVersion7(now),
            Kind = kind,
            Group = group,
            ExperimentId = experimentId,
            TrialNumber = trial,
            Token = last ?? 0,
            State = JobState.Waiting,
            CreatedAt = now,
        });
    }

    /// <summary>Says in the log, and keeps, what a supernet knew at the end of epochs; what an attempt that was lost had kept of them is replaced.</summary>
    public static async Task KeepAsync(StoreContext context, StoredExperiment experiment, IReadOnlyList<SupernetEpoch> epochs, CancellationToken cancellation)
    {
        foreach (var epoch in epochs)
        {
            var told = StoredSupernetEpoch.Write(epoch);
            if (await context.SupernetEpochs.FindAsync([experiment.Id, epoch.Epoch], cancellation) is { } known)
            {
                if (known.Told == told)
                {
                    continue;
                }

                known.Told = told;
            }
            else
            {
                context.SupernetEpochs.Add(new() { ExperimentId = experiment.Id, Epoch = epoch.Epoch, Told = told });
            }

            context.Happened(experiment.Id, EventKind.SupernetLearned, string.Create(
                CultureInfo.InvariantCulture,
                $"Supernet: epoch {epoch.Epoch} of {epoch.Epochs} ended, training loss {epoch.TrainLoss:0.000}, {experiment.Metric.Words} {experiment.Metric.Text(epoch.Score)} on validation; it would give {epoch.Genotype}"));
        }
    }

    /// <summary>The supernet has been trained: what it found is searched next.</summary>
    public static void Derive(StoreContext context, StoredExperiment experiment, SupernetResult result)
    {
        experiment.Derived = JsonSerializer.Serialize(result.Genotypes);
        experiment.SearchSeconds = Math.Max(experiment.SearchSeconds, result.Seconds);
        context.Happened(experiment.Id, EventKind.SupernetLearned, $"The supernet gave {(result.Genotypes.Count == 1 ? result.Genotypes[0] : $"{result.Genotypes.Count} architectures to try")}.");
    }

    /// <summary>Cancels an experiment's jobs that wait or run; whoever runs one sees it at once and stops.</summary>
    /// <param name="trial">Only this trial's; null for all, and then what waits or runs of the trials is cancelled with them.</param>
    public static async Task CancelJobsAsync(StoreContext context, Guid experimentId, int? trial, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        await context.Jobs
            .Where(job => job.ExperimentId == experimentId && (trial == null || job.TrialNumber == trial) && (job.State == JobState.Waiting || job.State == JobState.Running))
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(job => job.State, JobState.Cancelled)
                    .SetProperty(job => job.Reason, reason)
                    .SetProperty(job => job.EndedAt, now)
                    .SetProperty(job => job.Owner, (string?)null)
                    .SetProperty(job => job.Progress, (string?)null),
                cancellation);

        // Only now: a claim that came just before has committed its attempt.
        await context.Attempts
            .Where(attempt => attempt.EndedAt == null && context.Jobs.Any(job => job.Id == attempt.JobId && job.ExperimentId == experimentId && job.State == JobState.Cancelled))
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(attempt => attempt.EndedAt, now)
                    .SetProperty(attempt => attempt.Outcome, AttemptOutcome.Cancelled)
                    .SetProperty(attempt => attempt.Reason, reason),
                cancellation);
        if (trial is null)
        {
            await context.Trials
                .Where(row => row.ExperimentId == experimentId && (row.State == StoredTrialState.Waiting || row.State == StoredTrialState.Running))
                .ExecuteUpdateAsync(
                    set => set.SetProperty(row => row.State, StoredTrialState.Cancelled).SetProperty(row => row.Reason, reason),
                    cancellation);
        }
    }

    /// <summary>Does what the owner wants of an experiment whose work has stopped: pauses it or ends it.</summary>
    public static async Task StopAsync(StoreContext context, StoredExperiment experiment, DateTimeOffset now, CancellationToken cancellation)
    {
        await CancelJobsAsync(context, experiment.Id, null, "The experiment was stopped.", now, cancellation);
        if (experiment.Wish == Wish.Cancel)
        {
            Move(context, experiment, ExperimentState.Cancelled, null, "The experiment was cancelled; what was found is kept.", now);
        }
        else
        {
            Move(context, experiment, ExperimentState.Paused, null, "The experiment was paused.", now);
        }
    }

    /// <summary>Fails an experiment for a reason that a person can read, and what waits or runs of it with it.</summary>
    /// <param name="what">The stage: <c>search</c>, <c>final training</c>.</param>
    public static async Task FailAsync(StoreContext context, StoredExperiment experiment, string what, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        await CancelJobsAsync(context, experiment.Id, null, $"The {what} failed.", now, cancellation);
        Move(context, experiment, ExperimentState.Failed, reason, $"The {what} failed: {reason}", now);
    }

    /// <summary>Takes over how a trial ended: its row, the best so far, the count, the log.</summary>
    public static void EndTrial(StoreContext context, StoredExperiment experiment, StoredTrial trial, Search.Evaluation.Evaluation evaluation, DateTimeOffset now)
    {
        trial.End(evaluation, now);
        experiment.EndedCount++;
        var reward = experiment.ReadSpec().Reward;
        var isBest = trial.ToTrial().RankBy(reward) is { } rank && (experiment.BestRank is not { } best || rank.Beats(best));
        if (isBest)
        {
            (experiment.BestTrial, experiment.BestScore, experiment.BestEpochs) = (trial.Number, trial.Score, trial.Epochs);
            experiment.BestReward = reward?.Of(evaluation);
        }

        context.Happened(experiment.Id, EventKind.TrialEnded, Text(), trial.Number);

        string Text() => trial switch
        {
            { State: StoredTrialState.Failed } => $"Trial {trial.Number} failed: {trial.Reason}",
            { ReusedFromTrial: { } same } => $"Trial {trial.Number} is the network of trial {same} again: {experiment.Metric.Text(trial.Score ?? 0)} on validation.",
            _ => $"Trial {trial.Number} reached {experiment.Metric.Text(trial.Score ?? 0)} on validation{(isBest ? ", the best so far" : "")}.",
        };
    }
}
