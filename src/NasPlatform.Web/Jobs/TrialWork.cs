using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Evaluation;
using NasPlatform.Web.Jobs.Runners;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>Trains and measures one architecture in a runner.</summary>
internal sealed class TrialWork(PlatformStore store, JobQueue queue, RunnerPool runners, Spool spool, TimeProvider time, ILogger<TrialWork> log) : IJobWork
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    public JobKind Kind => JobKind.Trial;

    public async Task RunAsync(AttemptContext attempt)
    {
        var lease = attempt.Lease;
        var order = await OrderAsync(lease, attempt.Stop);
        await using var rent = await runners.RentAsync(lease.Group, order.Spec.ThreadsPerTrial, lease.ExperimentId, attempt.Stop);
        await StartAsync(attempt);
        rent.Runner.IsBusy = true;
        using var file = spool.Begin(lease);
        var reported = time.GetTimestamp();
        await foreach (var message in rent.Runner.WorkAsync(order, attempt.Stop))
        {
            switch (message)
            {
                case RunnerMessage.Progressed({ Finished: { } epoch }):
                    await KeepAsync(attempt, file, new(Epoch: epoch));
                    break;
                case RunnerMessage.Progressed(var progress) when time.GetElapsedTime(reported) >= ReportInterval:
                    reported = time.GetTimestamp();
                    await queue.ReportAsync(lease, progress);
                    break;
                case RunnerMessage.TrialEnded(var evaluation):
                    await KeepAsync(attempt, file, new(Evaluation: evaluation));
                    break;
                case RunnerMessage.Refused(var reason):
                    await KeepAsync(attempt, file, new(Evaluation: new() { Outcome = Outcome.Failed, Reason = reason }));
                    break;
                case RunnerMessage.Broke(var reason, var isOutOfMemory):
                    file.Delete();
                    throw new RunnerFailureException(isOutOfMemory ? AttemptOutcome.OutOfMemory : AttemptOutcome.Failed, reason);
                case RunnerMessage.Stopped:
                    file.Delete();
                    throw new OperationCanceledException(attempt.Stop);
            }
        }

        file.Delete();
    }

    public async Task GiveUpAsync(StoreContext context, StoredJob job, string reason, CancellationToken cancellation)
    {
        var experiment = await context.Experiments.SingleAsync(experiment => experiment.Id == job.ExperimentId, cancellation);
        var trial = await context.Trials.SingleAsync(trial => trial.ExperimentId == job.ExperimentId && trial.Number == job.TrialNumber, cancellation);
        ExperimentFlow.EndTrial(context, experiment, trial, new() { Outcome = Outcome.Failed, Reason = reason }, time.GetUtcNow());
    }

    private async Task<RunnerOrder.TryArchitecture> OrderAsync(JobLease lease, CancellationToken cancellation)
    {
        await using var context = store.Open();
        var experiment = await context.Experiments.SingleAsync(experiment => experiment.Id == lease.ExperimentId, cancellation);
        var trial = await context.Trials.SingleAsync(trial => trial.ExperimentId == lease.ExperimentId && trial.Number == lease.TrialNumber, cancellation);
        return new(experiment.ReadSpec(), trial.Number, trial.ReadDecisions());
    }

    private Task StartAsync(AttemptContext attempt) => store.WriteAsync(
        async (context, again) =>
        {
            if (!await JobQueue.Held(context, attempt.Lease).AnyAsync(again))
            {
                throw new OperationCanceledException("The lease is another's.");
            }

            var trial = await context.Trials.SingleAsync(trial => trial.ExperimentId == attempt.Lease.ExperimentId && trial.Number == attempt.Lease.TrialNumber, again);
            trial.State = StoredTrialState.Running;
            trial.StartedAt = time.GetUtcNow();
            trial.AttemptCount = attempt.Lease.AttemptCount;
            context.Happened(trial.ExperimentId, EventKind.TrialStarted, $"Trial {trial.Number} began to train.", trial.Number);
        },
        attempt.Stop);

    /// <summary>First to the disk, then to the database, however long that is away.</summary>
    private async Task KeepAsync(AttemptContext attempt, Spool.SpoolFile file, SpoolEntry entry)
    {
        file.Add(entry);
        if (!await Persistence.UntilDoneAsync(again => spool.CommitAsync(attempt.Lease, [entry], again), log, time, CancellationToken.None))
        {
            file.Delete();
            throw new OperationCanceledException("The lease is another's.");
        }
    }
}
