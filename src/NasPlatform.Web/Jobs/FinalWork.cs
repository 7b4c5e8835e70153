using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Evaluation;
using NasPlatform.Web.Artifacts;
using NasPlatform.Web.Commands;
using NasPlatform.Web.Jobs.Runners;
using NasPlatform.Web.Models;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>Trains an experiment's winner in full, tests it once, exports it, has the export checked, and keeps the files.</summary>
internal sealed class FinalWork(
    PlatformStore store, JobQueue queue, RunnerPool runners, ArtifactStore artifacts, DataFolders folders, TimeProvider time) : IJobWork
{
    private const string Stage = "final training";

    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    public JobKind Kind => JobKind.Final;

    public async Task RunAsync(AttemptContext attempt)
    {
        var lease = attempt.Lease;
        var folder = folders.Experiment(lease.ExperimentId!.Value); // not null: a final training is an experiment's
        var order = await OrderAsync(lease, folder, attempt.Stop);
        await using var rent = await runners.RentAsync(lease.Group, order.Spec.Threads, lease.ExperimentId, attempt.Stop);
        var reported = time.GetTimestamp();
        await foreach (var message in rent.Runner.WorkAsync(order, attempt.Stop))
        {
            switch (message)
            {
                case RunnerMessage.FinalStarted(var epochs, var done):
                    await queue.WriteAsync(lease, (context, experiment, again) =>
                    {
                        var behind = done.Count == 0 ? "" : $" {Figures.Many(done.Count, "epoch is", "epochs are")} behind it already.";
                        context.Happened(experiment.Id, EventKind.FinalStarted, $"Trial {order.Winner.Number} is trained in full: {Figures.Many(epochs, "epoch is", "epochs are")} planned.{behind}", 0);
                        return KeepAsync(context, experiment, lease, epochs, done, again);
                    });
                    break;
                case RunnerMessage.Progressed({ Finished: { } epoch, Epochs: var planned }):
                    await queue.WriteAsync(lease, async (context, experiment, again) =>
                    {
                        await KeepAsync(context, experiment, lease, planned, [epoch], again);
                        context.Happened(experiment.Id, EventKind.EpochEnded, Spool.Text(0, epoch, experiment.Metric), 0);
                    });
                    break;
                case RunnerMessage.Progressed(var progress) when time.GetElapsedTime(reported) >= ReportInterval:
                    reported = time.GetTimestamp();
                    await queue.ReportAsync(lease, progress);
                    break;
                case RunnerMessage.FinalEnded ended:
                    await EndAsync(lease, order, ended);
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
    }

    public async Task GiveUpAsync(StoreContext context, StoredJob job, string reason, CancellationToken cancellation)
    {
        var experiment = await context.Experiments.SingleAsync(experiment => experiment.Id == job.ExperimentId, cancellation);
        await ExperimentFlow.FailAsync(context, experiment, Stage, reason, time.GetUtcNow(), cancellation);
    }

    private async Task<RunnerOrder.TrainFully> OrderAsync(JobLease lease, string folder, CancellationToken cancellation)
    {
        await using var context = store.Open();
        var experiment = await context.Experiments.SingleAsync(experiment => experiment.Id == lease.ExperimentId, cancellation);
        var winner = await context.Trials.SingleAsync(trial => trial.ExperimentId == lease.ExperimentId && trial.Number == experiment.BestTrial, cancellation);
        var spec = experiment.ReadSpec();
        var available = spec.Budget.Minutes is { } minutes ? Math.Max(1, (minutes * 60) - experiment.SearchSeconds) : (double?)null;
        Directory.CreateDirectory(folder);

        // Each attempt has files of its own, so that two can never write to one; it begins with a copy of the last one's checkpoint, which tells itself whether it is of the same network.
        var checkpoint = Path.Join(folder, $"final.{lease.JobId:N}.{lease.Token}.safetensors");
        if (new DirectoryInfo(folder).GetFiles("final.*.safetensors").MaxBy(file => file.LastWriteTimeUtc) is { } last)
        {
            last.CopyTo(checkpoint, overwrite: true);
        }

        return new(spec, winner.ToTrial(), experiment.EndedCount, available, checkpoint, Path.Join(folder, $"model.{lease.JobId:N}.{lease.Token}"));
    }

    /// <summary>Keeps epochs under this attempt's token, those too that an earlier attempt trained: the points of one token are the whole curve.</summary>
    private static async Task KeepAsync(
        StoreContext context, StoredExperiment experiment, JobLease lease, int planned, IReadOnlyList<EpochResult> epochs, CancellationToken cancellation)
    {
        experiment.FinalEpochs = planned;
        var (id, token) = (experiment.Id, lease.Token);
        var last = await context.MetricPoints.Where(point => point.ExperimentId == id && point.TrialNumber == 0 && point.Token == token).MaxAsync(point => (int?)point.Epoch, cancellation) ?? 0;
        context.MetricPoints.AddRange(epochs.Where(epoch => epoch.Epoch > last).Select(epoch => Spool.Point(id, 0, token, epoch)));
    }

    private async Task EndAsync(JobLease lease, RunnerOrder.TrainFully order, RunnerMessage.FinalEnded ended)
    {
        var now = time.GetUtcNow();
        var kept = await KeptModel.KeepAsync(artifacts, order.ModelFolder, ended.Parity, CancellationToken.None);
        await queue.WriteAsync(lease, async (context, experiment, again) =>
        {
            await JobQueue.EndAsync(context, lease, JobState.Completed, AttemptOutcome.Completed, null, now, again);
            kept.AddTo(context, experiment, order.Winner, ended.Result.TestScore, ended.Result.TestLoss, now);
            experiment.FinalEpochs = ended.Result.Epochs;
            experiment.TestScore = ended.Result.TestScore;
            context.Happened(experiment.Id, EventKind.ModelWritten, $"The model was tested and exported. {ended.Parity.Summary}", 0);
            ExperimentFlow.Move(
                context, experiment, ExperimentState.Completed, null,
                $"Completed: {experiment.Metric.Words} {experiment.Metric.Text(ended.Result.TestScore)} on the test split.", now);
        });
        Clear(lease.ExperimentId!.Value); // not null: see RunAsync
    }

    /// <summary>What was made on the way is not needed any more; what cannot be deleted now, the housekeeping deletes.</summary>
    private void Clear(Guid experimentId)
    {
        try
        {
            Directory.Delete(folders.Experiment(experimentId), recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // An earlier attempt still writes.
        }
    }
}
