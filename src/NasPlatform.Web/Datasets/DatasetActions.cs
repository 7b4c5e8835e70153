using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Jobs;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Datasets;

/// <summary>What people do with datasets, for pages, REST and the terminal alike.</summary>
internal sealed class DatasetActions(PlatformStore store, DataFolders folders, QueueSignal signal, TimeProvider time)
{
    /// <summary>Takes in an uploaded file, or a known dataset, in the background.</summary>
    /// <param name="name">As <see cref="IngestOptions.Name"/>; unique.</param>
    /// <param name="uploadId">A complete upload of the caller's; null for one of <see cref="KnownDatasets"/>.</param>
    /// <exception cref="UserErrorException">The name or an option will not do.</exception>
    /// <exception cref="RefusedException">The caller may not, the name is taken, or there is no such upload.</exception>
    public async Task<Guid> TakeInAsync(Caller caller, string name, Guid? uploadId, IngestOptions options, Visibility visibility, CancellationToken cancellation)
    {
        caller.Demand(Role.Member);
        DatasetCatalog.CheckName(name);
        options.Validate();
        var id = await store.WriteAsync(
            async (context, again) =>
            {
                if (await context.Datasets.AnyAsync(dataset => dataset.Name == name, again))
                {
                    throw RefusedException.Conflict($"There is a dataset '{name}' already; choose another name or remove it first.");
                }

                if (uploadId is { } wanted)
                {
                    var upload = await context.Uploads.SingleOrDefaultAsync(upload => upload.Id == wanted && (caller.Role == Role.Administrator || upload.OwnerId == caller.UserId), again)
                        ?? throw RefusedException.NotFound("upload");
                    if (upload.Received < upload.Length)
                    {
                        throw RefusedException.Conflict($"The upload of '{upload.FileName}' is not complete: {upload.Received:N0} of {upload.Length:N0} bytes arrived.");
                    }
                }

                var now = time.GetUtcNow();
                var dataset = new StoredDataset
                {
                    Id = Guid.CreateVersion7(now),
                    Name = name,
                    OwnerId = caller.UserId,
                    Visibility = visibility,
                    State = DatasetState.Ingesting,
                    CreatedAt = now,
                    UploadId = uploadId,
                    IngestOptions = JsonSerializer.Serialize(options, JsonSerializerOptions.Web),
                };
                context.Datasets.Add(dataset);
                context.Jobs.Add(new()
                {
                    Id = Guid.CreateVersion7(now),
                    Kind = JobKind.Ingest,
                    Group = JobGroups.Ingest,
                    DatasetId = dataset.Id,
                    State = JobState.Waiting,
                    CreatedAt = now,
                });
                context.Audit(caller, "dataset.add", dataset.Id, $"Added the dataset '{name}'.", now);
                return dataset.Id;
            },
            cancellation);
        signal.Wake();
        return id;
    }

    /// <summary>Removes a dataset; experiments on it keep what they found, and cannot be repeated without it.</summary>
    /// <exception cref="RefusedException">The caller may not, there is none, or an experiment needs it now.</exception>
    public async Task RemoveAsync(Caller caller, string name, CancellationToken cancellation)
    {
        await store.WriteAsync(
            async (context, again) =>
            {
                var dataset = await context.Datasets.VisibleTo(caller).SingleOrDefaultAsync(dataset => dataset.Name == name, again)
                    ?? throw RefusedException.NotFound($"dataset '{name}'");
                caller.DemandChange(dataset);
                var needing = await context.Experiments
                    .Where(experiment => experiment.Dataset == name
                        && (experiment.State == ExperimentState.Waiting || experiment.State == ExperimentState.Searching || experiment.State == ExperimentState.Finishing))
                    .Select(experiment => experiment.Name).FirstOrDefaultAsync(again);
                if (needing is not null)
                {
                    throw RefusedException.Conflict($"The experiment '{needing}' needs it now; wait for it, pause it or cancel it first.");
                }

                await context.Attempts.Where(attempt => context.Jobs.Any(job => job.Id == attempt.JobId && job.DatasetId == dataset.Id)).ExecuteDeleteAsync(again);
                await context.Jobs.Where(job => job.DatasetId == dataset.Id).ExecuteDeleteAsync(again);
                context.Datasets.Remove(dataset);
                if (dataset.UploadId is { } upload)
                {
                    await context.Uploads.Where(row => row.Id == upload).ExecuteDeleteAsync(again);
                    File.Delete(folders.Upload(upload));
                }

                context.Audit(caller, "dataset.remove", dataset.Id, $"Removed the dataset '{name}'.", time.GetUtcNow());
            },
            cancellation);
        var catalog = new DatasetCatalog(folders.Root, time);
        if (catalog.Exists(name))
        {
            catalog.Remove(name);
        }
    }

    /// <summary>Says who sees it.</summary>
    /// <exception cref="RefusedException">The caller may not, or there is none.</exception>
    public Task ShowToAsync(Caller caller, string name, Visibility visibility, CancellationToken cancellation) => store.WriteAsync(
        async (context, again) =>
        {
            var dataset = await context.Datasets.VisibleTo(caller).SingleOrDefaultAsync(dataset => dataset.Name == name, again)
                ?? throw RefusedException.NotFound($"dataset '{name}'");
            caller.DemandChange(dataset);
            dataset.Visibility = visibility;
            context.Audit(caller, "dataset.visibility", dataset.Id, $"Made the dataset '{name}' {(visibility == Visibility.Team ? "visible to the team" : "private")}.", time.GetUtcNow());
        },
        cancellation);

    /// <summary>Brings the rows into step with the data folder: each dataset that the terminal added there gets one, and one that it replaced is described anew.</summary>
    public async Task AdoptAsync(CancellationToken cancellation)
    {
        var reports = new DatasetCatalog(folders.Root, time).List();
        await store.WriteAsync(
            async (context, again) =>
            {
                var known = await context.Datasets.ToDictionaryAsync(dataset => dataset.Name, again);
                foreach (var report in reports)
                {
                    if (known.TryGetValue(report.Name, out var row))
                    {
                        if (row.State == DatasetState.Failed || (row.State == DatasetState.Ready && (row.Task, row.ExampleCount, row.ClassCount, row.Predicts) != (report.Task, report.Count, report.Classes.Count, report.Output)))
                        {
                            IngestWork.Ready(row, report, time.GetUtcNow());
                        }

                        continue;
                    }

                    var dataset = new StoredDataset { Id = Guid.CreateVersion7(report.CreatedAt), Name = report.Name, State = DatasetState.Ready, CreatedAt = report.CreatedAt };
                    IngestWork.Ready(dataset, report, time.GetUtcNow());
                    context.Datasets.Add(dataset);
                }
            },
            cancellation);
    }

    /// <summary>Has the known datasets of this machine taken in, so that a new platform has one to begin with.</summary>
    public async Task TakeInKnownAsync(CancellationToken cancellation)
    {
        foreach (var dataset in KnownDatasets.All.Where(dataset => dataset.IsInstalled(folders.SystemDatasets)))
        {
            await TakeInKnownAsync(dataset.Name, cancellation);
        }
    }

    /// <summary>Has a known dataset taken in unless it is there, or was and somebody removed it.</summary>
    private async Task TakeInKnownAsync(string name, CancellationToken cancellation)
    {
        await using (var context = store.Open())
        {
            var mention = $"the dataset '{name}'";
            if (await context.Datasets.AnyAsync(dataset => dataset.Name == name, cancellation)
                || await context.AuditEntries.AnyAsync(entry => entry.Action.StartsWith("dataset.") && entry.Text.Contains(mention), cancellation))
            {
                return;
            }
        }

        try
        {
            await TakeInAsync(Caller.Program, name, null, new(), Visibility.Team, cancellation);
        }
        catch (Exception error) when (error is RefusedException or DbUpdateException)
        {
            // Another server that starts now was faster.
        }
    }
}
