using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Evaluation;
using NasPlatform.Web.Jobs.Runners;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>Trains and measures one architecture in a runner.</summary>
internal sealed class TrialWork(PlatformStore store, JobQueue queue, RunnerPool runners, DataFolders folders, Spool spool, TimeProvider time) : IJobWork
{
    public JobKind Kind => JobKind.Trial;

    public async Task RunAsync(AttemptContext attempt)
    {
        var lease = attempt.Lease;
        var order = await OrderAsync(lease, attempt.Stop);
        await using var rent = await runners.RentAsync(lease.Group, order.Spec.ThreadsPerTrial, lease.ExperimentId, attempt.Stop);
        await StartAsync(lease);
        await using var keeper = new TrialKeeper(spool, queue, lease, time);
        await foreach (var message in rent.Runner.WorkAsync(order, attempt.Stop))
        {
            switch (message)
            {
                case RunnerMessage.Progressed({ Finished: { } epoch }):
                    keeper.Add(new(Epoch: epoch));
                    break;
                case RunnerMessage.Progressed(var progress):
                    keeper.Report(progress);
                    break;
                case RunnerMessage.TrialEnded(var evaluation):
                    keeper.Add(new(Evaluation: evaluation));
                    break;
                case RunnerMessage.Refused(var reason):
                    keeper.Add(new(Evaluation: new() { Outcome = Outcome.Failed, Reason = reason }));
                    break;
                case RunnerMessage.Broke(var reason, var isOutOfMemory):
                    throw new RunnerFailureException(isOutOfMemory ? AttemptOutcome.OutOfMemory : AttemptOutcome.Failed, reason);
                case RunnerMessage.Stopped:
                    throw new OperationCanceledException(attempt.Stop);
            }
        }

        await keeper.CompleteAsync();
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
        return new(experiment.ReadSpec(), trial.ToTrial(), Path.Join(folders.Experiment(experiment.Id), "start.safetensors"));
    }

    private Task StartAsync(JobLease lease) => queue.WriteAsync(lease, async (context, experiment, again) =>
    {
        var trial = await context.Trials.SingleAsync(trial => trial.ExperimentId == experiment.Id && trial.Number == lease.TrialNumber, again);
        trial.State = StoredTrialState.Running;
        trial.StartedAt = time.GetUtcNow();
        trial.AttemptCount++;
        context.Happened(experiment.Id, EventKind.TrialStarted, $"Trial {trial.Number} began to train.", trial.Number);
    });
}
