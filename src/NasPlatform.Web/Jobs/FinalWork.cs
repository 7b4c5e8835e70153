using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Export;
using NasPlatform.Web.Artifacts;
using NasPlatform.Web.Jobs.Runners;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>Trains an experiment's winner in full, tests it once, exports it, has the export checked, and keeps the files.</summary>
internal sealed class FinalWork(
    PlatformStore store, JobQueue queue, RunnerPool runners, ArtifactStore artifacts, DataFolders folders, TimeProvider time, ILogger<FinalWork> log) : IJobWork
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    public JobKind Kind => JobKind.Final;

    public async Task RunAsync(AttemptContext attempt)
    {
        var lease = attempt.Lease;
        var folder = folders.Experiment(lease.ExperimentId!.Value); // not null: a final training is an experiment's
        var order = await OrderAsync(lease, folder, attempt.Stop);
        await using var rent = await runners.RentAsync(lease.Group, order.Spec.Threads, lease.ExperimentId, attempt.Stop);
        rent.Runner.IsBusy = true;
        var reported = time.GetTimestamp();
        await foreach (var message in rent.Runner.WorkAsync(order, attempt.Stop))
        {
            switch (message)
            {
                case RunnerMessage.FinalStarted(var epochs):
                    await WriteAsync(attempt, (context, experiment) =>
                    {
                        experiment.FinalEpochs = epochs;
                        context.Happened(experiment.Id, EventKind.FinalStarted, $"Trial {order.Winner.Number} is trained in full: {epochs} epochs are planned.", 0);
                    });
                    break;
                case RunnerMessage.Progressed({ Finished: { } epoch, Epochs: var planned }):
                    await WriteAsync(attempt, (context, experiment) =>
                    {
                        experiment.FinalEpochs = planned;
                        context.MetricPoints.Add(Spool.Point(experiment.Id, 0, lease.Token, epoch));
                        context.Happened(experiment.Id, EventKind.EpochEnded, Spool.Text(0, epoch), 0);
                    });
                    break;
                case RunnerMessage.Progressed(var progress) when time.GetElapsedTime(reported) >= ReportInterval:
                    reported = time.GetTimestamp();
                    await queue.ReportAsync(lease, progress);
                    break;
                case RunnerMessage.FinalEnded ended:
                    await EndAsync(attempt, order, ended);
                    break;
                case RunnerMessage.Refused(var reason):
                    await EndAsync(attempt, JobState.Failed, AttemptOutcome.Failed, reason, (context, experiment, again) => FailAsync(context, experiment, reason));
                    break;
                case RunnerMessage.Broke(var reason, var isOutOfMemory):
                    throw new RunnerFailureException(isOutOfMemory ? AttemptOutcome.OutOfMemory : AttemptOutcome.Failed, reason);
                case RunnerMessage.Stopped when attempt.Why() == StopReason.Wish:
                    await EndAsync(attempt, JobState.Cancelled, AttemptOutcome.Cancelled, null, (context, experiment, again) =>
                        ExperimentFlow.StopAsync(context, experiment, lease.JobId, time.GetUtcNow(), again));
                    break;
                case RunnerMessage.Stopped:
                    throw new OperationCanceledException(attempt.Stop);
            }
        }
    }

    public async Task GiveUpAsync(StoreContext context, StoredJob job, string reason, CancellationToken cancellation) =>
        await FailAsync(context, await context.Experiments.SingleAsync(experiment => experiment.Id == job.ExperimentId, cancellation), reason);

    private async Task<RunnerOrder.TrainFully> OrderAsync(JobLease lease, string folder, CancellationToken cancellation)
    {
        await using var context = store.Open();
        var experiment = await context.Experiments.SingleAsync(experiment => experiment.Id == lease.ExperimentId, cancellation);
        var winner = await context.Trials.SingleAsync(trial => trial.ExperimentId == lease.ExperimentId && trial.Number == experiment.BestTrial, cancellation);
        var spec = experiment.ReadSpec();
        var available = spec.Budget.Minutes is { } minutes ? Math.Max(1, (minutes * 60) - experiment.SearchSeconds) : (double?)null;
        Directory.CreateDirectory(folder);

        // Each attempt has files of its own, so that two can never write to one; it begins with a copy of the last one's checkpoint.
        var checkpoint = Checkpoint(folder, lease.Token);
        for (var earlier = lease.Token - 1; earlier > 0 && !File.Exists(checkpoint); earlier--)
        {
            if (File.Exists(Checkpoint(folder, earlier)))
            {
                File.Copy(Checkpoint(folder, earlier), checkpoint);
            }
        }

        return new(spec, winner.ToTrial(), experiment.EndedCount, available, checkpoint, Path.Join(folder, $"model.{lease.JobId:N}.{lease.Token}"));

        string Checkpoint(string within, long token) => Path.Join(within, $"final.{lease.JobId:N}.{token}.safetensors");
    }

    private async Task EndAsync(AttemptContext attempt, RunnerOrder.TrainFully order, RunnerMessage.FinalEnded ended)
    {
        var now = time.GetUtcNow();
        var json = await File.ReadAllTextAsync(Path.Join(order.ModelFolder, ModelPackage.DescriptionFile), CancellationToken.None);
        var description = ModelDescription.FromJson(json);
        var files = new List<(string Name, string Sha256, long Length)>();
        foreach (var path in Directory.GetFiles(order.ModelFolder).Order(StringComparer.Ordinal))
        {
            var (sha256, length) = await artifacts.WriteAsync(path, CancellationToken.None);
            files.Add((Path.GetFileName(path), sha256, length));
        }

        await EndAsync(attempt, JobState.Completed, AttemptOutcome.Completed, null, (context, experiment, again) =>
        {
            var model = new StoredModel
            {
                Id = Guid.CreateVersion7(now),
                ExperimentId = experiment.Id,
                Name = experiment.Name,
                TrialNumber = order.Winner.Number,
                Genotype = order.Winner.Genotype,
                TestAccuracy = ended.Result.TestAccuracy,
                TestLoss = Number64.Split(ended.Result.TestLoss).Value,
                ParameterCount = description.ParameterCount,
                MultiplyAdds = description.MultiplyAdds,
                Description = json,
                Parity = ended.Parity.ToJson(),
                CreatedAt = now,
            };
            context.Models.Add(model);
            context.Artifacts.AddRange(files.Select(file => new Artifact
            {
                Id = Guid.CreateVersion7(now),
                ModelId = model.Id,
                FileName = file.Name,
                Format = FormatOf(file.Name),
                Length = file.Length,
                Sha256 = file.Sha256,
            }));
            experiment.FinalEpochs = ended.Result.Epochs;
            experiment.TestAccuracy = ended.Result.TestAccuracy;
            context.Happened(experiment.Id, EventKind.ModelWritten, $"The model was tested and exported. {ended.Parity.Summary}", 0);
            ExperimentFlow.Move(
                context, experiment, ExperimentState.Completed, null,
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Completed: {100 * ended.Result.TestAccuracy:0.00} % on the test split."), now);
            return Task.CompletedTask;
        });
        Directory.Delete(folders.Experiment(attempt.Lease.ExperimentId!.Value), recursive: true); // not null: see RunAsync
    }

    private static string FormatOf(string fileName) => fileName switch
    {
        "model.onnx" => "onnx",
        "model.safetensors" => "safetensors",
        "model.py" => "pytorch",
        ModelPackage.DescriptionFile => "json",
        "README.md" => "card",
        _ => "parity",
    };

    private Task FailAsync(StoreContext context, StoredExperiment experiment, string reason)
    {
        ExperimentFlow.Move(context, experiment, ExperimentState.Failed, reason, $"The final training failed: {reason}", time.GetUtcNow());
        return Task.CompletedTask;
    }

    private Task EndAsync(
        AttemptContext attempt, JobState state, AttemptOutcome outcome, string? reason, Func<StoreContext, StoredExperiment, CancellationToken, Task> change) =>
        Persistence.UntilDoneAsync(
            again => store.WriteAsync(
                async (context, once) =>
                {
                    if (!await JobQueue.EndAsync(context, attempt.Lease, state, outcome, reason, time.GetUtcNow(), once))
                    {
                        throw new OperationCanceledException("The lease is another's.");
                    }

                    await change(context, await context.Experiments.SingleAsync(experiment => experiment.Id == attempt.Lease.ExperimentId, once), once);
                },
                again),
            log,
            time,
            CancellationToken.None);

    private Task WriteAsync(AttemptContext attempt, Action<StoreContext, StoredExperiment> change) => Persistence.UntilDoneAsync(
        again => store.WriteAsync(
            async (context, once) =>
            {
                if (!await JobQueue.Held(context, attempt.Lease).AnyAsync(once))
                {
                    throw new OperationCanceledException("The lease is another's.");
                }

                change(context, await context.Experiments.SingleAsync(experiment => experiment.Id == attempt.Lease.ExperimentId, once));
            },
            again),
        log,
        time,
        CancellationToken.None);
}
