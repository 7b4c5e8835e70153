using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Jobs.Runners;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>Trains the supernet of an experiment's one-shot strategy in a runner, keeps what it learns epoch by epoch, and has what it found searched.</summary>
internal sealed class SupernetWork(
    PlatformStore store, JobQueue queue, RunnerPool runners, QueueSignal signal, DataFolders folders, TimeProvider time) : IJobWork
{
    private const string Stage = "training of the supernet";

    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    public JobKind Kind => JobKind.Supernet;

    public async Task RunAsync(AttemptContext attempt)
    {
        var lease = attempt.Lease;
        var order = await BeginAsync(lease);
        await using var rent = await runners.RentAsync(lease.Group, order.Spec.Threads, lease.ExperimentId, attempt.Stop);
        using var over = new CancellationTokenSource();
        var watching = WatchAsync(lease, rent.Runner, over.Token);
        try
        {
            await foreach (var message in rent.Runner.WorkAsync(order, attempt.Stop))
            {
                await HearAsync(attempt, message);
            }
        }
        finally
        {
            await over.CancelAsync();
            await watching;
        }
    }

    public async Task GiveUpAsync(StoreContext context, StoredJob job, string reason, CancellationToken cancellation)
    {
        var experiment = await context.Experiments.SingleAsync(experiment => experiment.Id == job.ExperimentId, cancellation);
        await ExperimentFlow.FailAsync(context, experiment, Stage, reason, time.GetUtcNow(), cancellation);
    }

    private async Task<RunnerOrder.TrainSupernet> BeginAsync(JobLease lease)
    {
        StoredExperiment? begun = null;
        await queue.WriteAsync(lease, (context, experiment, _) =>
        {
            if (experiment.State != ExperimentState.Searching)
            {
                experiment.StartedAt ??= time.GetUtcNow();
                experiment.Task = folders.Report(experiment.Dataset)?.Task ?? experiment.Task;
                ExperimentFlow.Move(context, experiment, ExperimentState.Searching, null, "The supernet is being trained.", time.GetUtcNow());
            }

            begun = experiment;
            return Task.CompletedTask;
        });
        var folder = folders.Experiment(lease.ExperimentId!.Value); // not null: a supernet is an experiment's
        Directory.CreateDirectory(folder);

        // As a final training's: each attempt has a file of its own, and begins with a copy of the last one's.
        var checkpoint = Path.Join(folder, $"supernet.{lease.JobId:N}.{lease.Token}.safetensors");
        if (new DirectoryInfo(folder).GetFiles("supernet.*.safetensors").MaxBy(file => file.LastWriteTimeUtc) is { } last && last.FullName != checkpoint)
        {
            last.CopyTo(checkpoint, overwrite: true);
        }

        return new(begun!.ReadSpec(), checkpoint); // not null: the unit of work has run
    }

    private async Task HearAsync(AttemptContext attempt, RunnerMessage message)
    {
        var lease = attempt.Lease;
        switch (message)
        {
            case RunnerMessage.SupernetStarted(_, var done):
                await queue.WriteAsync(lease, (context, experiment, again) => ExperimentFlow.KeepAsync(context, experiment, done, again));
                break;
            case RunnerMessage.SupernetEpochEnded(var epoch):
                await queue.WriteAsync(lease, async (context, experiment, again) =>
                {
                    await ExperimentFlow.KeepAsync(context, experiment, [epoch], again);
                    experiment.SearchSeconds = Math.Max(experiment.SearchSeconds, epoch.Seconds);
                });
                break;
            case RunnerMessage.Progressed(var progress):
                await queue.ReportAsync(lease, progress);
                break;
            case RunnerMessage.SupernetEnded(var result):
                await queue.WriteAsync(lease, async (context, experiment, again) =>
                {
                    await JobQueue.EndAsync(context, lease, JobState.Completed, AttemptOutcome.Completed, null, time.GetUtcNow(), again);
                    ExperimentFlow.Derive(context, experiment, result);
                    await ExperimentFlow.EnqueueAsync(context, experiment, time.GetUtcNow(), again);
                });
                signal.Wake();
                break;
            case RunnerMessage.Refused(var reason):
                await queue.WriteAsync(lease, async (context, experiment, again) =>
                {
                    await JobQueue.EndAsync(context, lease, JobState.Failed, AttemptOutcome.Failed, reason, time.GetUtcNow(), again);
                    await ExperimentFlow.FailAsync(context, experiment, Stage, reason, time.GetUtcNow(), again);
                });
                break;
            case RunnerMessage.Broke(var reason, var isOutOfMemory):
                throw new RunnerFailureException(isOutOfMemory ? AttemptOutcome.OutOfMemory : AttemptOutcome.Failed, reason);
            case RunnerMessage.Stopped:
                throw new OperationCanceledException(attempt.Stop);
        }
    }

    /// <summary>Tells the runner when the search is to end now.</summary>
    private async Task WatchAsync(JobLease lease, RunnerProcess runner, CancellationToken over)
    {
        try
        {
            while (true)
            {
                try
                {
                    await using var context = store.Open();
                    if (await context.Experiments.AnyAsync(row => row.Id == lease.ExperimentId && row.Wish == Wish.Finish, over))
                    {
                        runner.Send(new RunnerOrder.FinishSearch());
                        return;
                    }
                }
                catch (Exception error) when (Persistence.IsOfTheDatabase(error))
                {
                    // Looked at again in a second.
                }

                await Task.Delay(Glance, time, over);
            }
        }
        catch (Exception) when (over.IsCancellationRequested)
        {
            // The training is over.
        }
    }
}
