using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>
/// Removes, each hour, what processes that died and objects that were deleted have left: uploads that nobody goes on with, artifacts that no row names, folders of experiments
/// that train nothing in full. Only what is old enough that nobody can be about to use it.
/// </summary>
internal sealed partial class Housekeeping(PlatformStore store, DataFolders folders, TimeProvider time, ILogger<Housekeeping> log) : BackgroundService
{
    /// <summary>The age from which a file that nothing names is nobody's.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromHours(24);

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>One round.</summary>
    /// <returns>How many files and folders went.</returns>
    public async Task<int> TidyAsync(CancellationToken cancellation) =>
        await TidyUploadsAsync(cancellation) + await TidyArtifactsAsync(cancellation) + await TidyExperimentsAsync(cancellation);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                try
                {
                    if (await TidyAsync(stoppingToken) is var removed and > 0)
                    {
                        Tidied(log, removed);
                    }
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException || Persistence.IsOfTheDatabase(error))
                {
                    NotTidied(log, error.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    /// <summary>Files that no row names any more; rows that are given up go with <see cref="Uploads.UploadActions"/>.</summary>
    private async Task<int> TidyUploadsAsync(CancellationToken cancellation)
    {
        var known = await NamesAsync(context => context.Uploads.Select(upload => upload.Id), cancellation);
        var needed = await NamesAsync(context => context.Datasets.Where(dataset => dataset.UploadId != null).Select(dataset => dataset.UploadId!.Value), cancellation); // not null: asked for
        return Remove(Old(folders.Uploads), file => !known.Contains(file.Name) && !needed.Contains(file.Name));
    }

    private async Task<int> TidyArtifactsAsync(CancellationToken cancellation)
    {
        // The files first: one that is written after this is not in the list.
        var old = Old(folders.Artifacts);
        await using var context = store.Open();
        var named = (await context.Artifacts.Select(artifact => artifact.Sha256).Distinct().ToListAsync(cancellation)).ToHashSet();
        return Remove(old, file => !named.Contains(file.Name));
    }

    private async Task<int> TidyExperimentsAsync(CancellationToken cancellation)
    {
        if (!Directory.Exists(folders.Experiments))
        {
            return 0;
        }

        // A paused one goes on from its checkpoint.
        var needed = await NamesAsync(
            context => context.Experiments
                .Where(experiment => experiment.State != ExperimentState.Completed && experiment.State != ExperimentState.Cancelled && experiment.State != ExperimentState.Failed)
                .Select(experiment => experiment.Id),
            cancellation);
        var removed = 0;
        foreach (var folder in new DirectoryInfo(folders.Experiments).GetDirectories())
        {
            if (!needed.Contains(folder.Name) && IsOld(folder) && folder.GetFiles("*", SearchOption.AllDirectories).All(IsOld))
            {
                folder.Delete(recursive: true);
                removed++;
            }
        }

        return removed;
    }

    private async Task<HashSet<string>> NamesAsync(Func<StoreContext, IQueryable<Guid>> ids, CancellationToken cancellation)
    {
        await using var context = store.Open();
        return [.. (await ids(context).ToListAsync(cancellation)).Select(id => id.ToString("N"))];
    }

    private List<FileInfo> Old(string folder) =>
        Directory.Exists(folder) ? [.. new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Where(IsOld)] : [];

    private bool IsOld(FileSystemInfo entry) => time.GetUtcNow() - entry.LastWriteTimeUtc > Age;

    private int Remove(List<FileInfo> files, Predicate<FileInfo> isLeft)
    {
        var left = files.FindAll(isLeft);
        left.ForEach(file => file.Refresh());
        left.RemoveAll(file => !IsOld(file)); // written again meanwhile
        left.ForEach(file => file.Delete());
        return left.Count;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Count} files and folders that nothing names any more.")]
    private static partial void Tidied(ILogger log, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is left over could not be removed: {Reason}")]
    private static partial void NotTidied(ILogger log, string reason);
}
