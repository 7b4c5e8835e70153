using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Datasets;
using NasPlatform.Web.Datasets;
using NasPlatform.Web.Jobs.Runners;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>Takes in a dataset: an uploaded file, or one of the known ones. Foreign files are decoded in a runner.</summary>
internal sealed class IngestWork(PlatformStore store, JobQueue queue, RunnerPool runners, DataFolders folders, DatasetLimits limits, TimeProvider time, ILogger<IngestWork> log) : IJobWork
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(500);

    public JobKind Kind => JobKind.Ingest;

    public async Task RunAsync(AttemptContext attempt)
    {
        var lease = attempt.Lease;
        var (order, upload, fileName) = await OrderAsync(lease, attempt.Stop);
        await using var rent = await runners.RentAsync(lease.Group, 1, null, attempt.Stop);
        var reported = 0L;
        await foreach (var message in rent.Runner.WorkAsync(order, attempt.Stop))
        {
            switch (message)
            {
                case RunnerMessage.TakingIn(var progress) when time.GetElapsedTime(reported) >= ReportInterval:
                    reported = time.GetTimestamp();
                    await queue.ReportAsync(lease, progress);
                    break;
                case RunnerMessage.TakenIn(var report):
                    try
                    {
                        await EndAsync(attempt, JobState.Completed, AttemptOutcome.Completed, null, dataset => Ready(dataset, DatasetReport.Parse(report), time.GetUtcNow()));
                    }
                    catch (LeaseLostException)
                    {
                        await RemoveUnwantedAsync(DatasetReport.Parse(report).Name);
                        throw;
                    }

                    if (upload is { } id)
                    {
                        File.Delete(folders.Upload(id));
                    }

                    break;
                case RunnerMessage.Refused(var refusal):
                    var reason = Named(refusal, upload, fileName);
                    await EndAsync(attempt, JobState.Failed, AttemptOutcome.Failed, reason, dataset => Fail(dataset, reason));
                    break;
                case RunnerMessage.Broke(var fault, var isOutOfMemory):
                    throw new RunnerFailureException(isOutOfMemory ? AttemptOutcome.OutOfMemory : AttemptOutcome.Failed, Named(fault, upload, fileName));
                case RunnerMessage.Stopped:
                    throw new OperationCanceledException(attempt.Stop);
            }
        }
    }

    public async Task GiveUpAsync(StoreContext context, StoredJob job, string reason, CancellationToken cancellation) =>
        Fail(await context.Datasets.SingleAsync(dataset => dataset.Id == job.DatasetId, cancellation), reason);

    /// <summary>Takes over what a report says.</summary>
    public static void Ready(StoredDataset dataset, DatasetReport report, DateTimeOffset now)
    {
        dataset.State = DatasetState.Ready;
        dataset.Reason = null;
        dataset.ReadyAt = now;
        dataset.Task = report.Task;
        dataset.ExampleCount = report.Count;
        dataset.ClassCount = report.Classes.Count;
        dataset.Predicts = report.Output;
    }

    private static void Fail(StoredDataset dataset, string reason)
    {
        dataset.State = DatasetState.Failed;
        dataset.Reason = reason;
    }

    /// <summary>A dataset that was removed while it was taken in must not come back. Where the lease went to another attempt, its row is still there.</summary>
    private async Task RemoveUnwantedAsync(string name)
    {
        await using var context = store.Open();
        var catalog = new DatasetCatalog(folders.Root, time);
        if (!await context.Datasets.AnyAsync(dataset => dataset.Name == name, CancellationToken.None) && catalog.Exists(name))
        {
            catalog.Remove(name);
        }
    }

    /// <summary>A sentence that calls the file what its owner calls it, not by its place on the server.</summary>
    private string Named(string text, Guid? upload, string? fileName) => upload is { } id && fileName is not null
        ? text.Replace(folders.Upload(id), fileName, StringComparison.Ordinal).Replace(id.ToString("N"), fileName, StringComparison.Ordinal)
        : text;

    private async Task<(RunnerOrder.TakeIn Order, Guid? Upload, string? FileName)> OrderAsync(JobLease lease, CancellationToken cancellation)
    {
        await using var context = store.Open();
        var dataset = await context.Datasets.SingleAsync(dataset => dataset.Id == lease.DatasetId, cancellation);
        var options = dataset.IngestOptions is { } json ? JsonSerializer.Deserialize<IngestOptions>(json, JsonSerializerOptions.Web)! : new(); // not null: written so

        // An attempt that died between the last file and its row has left the dataset complete: it is replaced by the same.
        var fileName = await context.Uploads.Where(upload => upload.Id == dataset.UploadId).Select(upload => upload.FileName).SingleOrDefaultAsync(cancellation);
        options = options with { Name = dataset.Name, FileName = fileName, Limits = limits, Replace = lease.AttemptCount > 1 };
        return (new(dataset.UploadId is { } upload ? folders.Upload(upload) : null, options), dataset.UploadId, fileName);
    }

    private Task EndAsync(AttemptContext attempt, JobState state, AttemptOutcome outcome, string? reason, Action<StoredDataset> change) => Persistence.UntilDoneAsync(
        again => store.WriteAsync(
            async (context, once) =>
            {
                await JobQueue.EndAsync(context, attempt.Lease, state, outcome, reason, time.GetUtcNow(), once);
                change(await context.Datasets.SingleAsync(dataset => dataset.Id == attempt.Lease.DatasetId, once));
            },
            again),
        log,
        time,
        CancellationToken.None);
}
