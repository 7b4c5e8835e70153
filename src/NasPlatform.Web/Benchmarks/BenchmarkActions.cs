using NasPlatform.Search;
using NasPlatform.Search.Benchmarks;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Store;
using NasPlatform.Web.Uploads;

namespace NasPlatform.Web.Benchmarks;

/// <summary>What people do with tables of measured architectures, for pages and REST alike. Tables belong to nobody: all see them, members add and search them, administrators remove them.</summary>
internal sealed class BenchmarkActions(OpenTables tables, Calculations calculations, UploadActions uploads, DataFolders folders, PlatformStore store, TimeProvider time)
{
    /// <summary>Makes a table of uploaded files; they are read whole and checked first, and removed once they are in.</summary>
    /// <param name="files">Complete uploads of the caller's, which belong together.</param>
    /// <param name="options">But for the files' names, which are those of the uploads.</param>
    /// <exception cref="UserErrorException">The files are not a table, or the name is taken; nothing was imported.</exception>
    /// <exception cref="RefusedException">The caller may not, or there is no such upload.</exception>
    public async Task<BenchmarkDescription> ImportAsync(Caller caller, IReadOnlyList<Guid> files, ImportOptions options, CancellationToken cancellation)
    {
        caller.Demand(options.Replace ? Role.Administrator : Role.Member);
        if (files.Count == 0)
        {
            throw new UserErrorException("'uploads' is empty; send a file first and give its id.");
        }

        var sent = new List<Upload>();
        foreach (var file in files)
        {
            var upload = await uploads.FindAsync(caller, file, cancellation);
            sent.Add(upload.Received == upload.Length
                ? upload
                : throw RefusedException.Conflict($"The upload of '{upload.FileName}' is not complete: {upload.Received:N0} of {upload.Length:N0} bytes arrived."));
        }

        var description = await Task.Run(
            () => tables.Catalog.Import([.. sent.Select(upload => folders.Upload(upload.Id))], options with { FileNames = [.. sent.Select(upload => upload.FileName)] }, null, cancellation), cancellation);
        calculations.Forget(description.Name);
        await store.WriteAsync((context, _) =>
        {
            context.Audit(caller, "benchmark.import", description.Name, $"Imported the benchmark '{description.Name}'.", time.GetUtcNow());
            return Task.CompletedTask;
        }, cancellation);
        foreach (var upload in sent)
        {
            await uploads.RemoveAsync(caller, upload.Id, cancellation);
        }

        return description;
    }

    /// <summary>Removes a table and what was calculated on it.</summary>
    /// <exception cref="RefusedException">The caller may not, or there is none.</exception>
    public async Task RemoveAsync(Caller caller, string name, CancellationToken cancellation)
    {
        caller.Demand(Role.Administrator);
        if (!tables.Catalog.Exists(name))
        {
            throw RefusedException.NotFound($"benchmark '{name}'");
        }

        tables.Catalog.Remove(name);
        calculations.Forget(name);
        await store.WriteAsync((context, _) =>
        {
            context.Audit(caller, "benchmark.remove", name, $"Removed the benchmark '{name}'.", time.GetUtcNow());
            return Task.CompletedTask;
        }, cancellation);
    }

    /// <summary>Begins a study, unless it is there or going on.</summary>
    /// <returns>Its name, by which it is found.</returns>
    /// <exception cref="UserErrorException">It does not fit the table.</exception>
    /// <exception cref="RefusedException">The caller may not, or there is no such table.</exception>
    public async Task<string> StartStudyAsync(Caller caller, string name, StudySpec spec, CancellationToken cancellation)
    {
        caller.Demand(Role.Member);
        spec.Validate();
        var table = await tables.OpenAsync(name, cancellation);
        Check(table.Table, spec);
        var id = Calculations.IdOf(table, spec.Question);
        if (calculations.Read<StudyResult>(name, id) is null)
        {
            calculations.Start(name, id, (share, stop) => StudyResult.Of(table.Table, spec, time, Calculations.Cores, share, stop));
        }

        return id;
    }

    /// <summary>Begins to walk through a table, unless that is done or going on.</summary>
    /// <returns>The name by which the answer is found.</returns>
    /// <exception cref="UserErrorException">It does not fit the table.</exception>
    /// <exception cref="RefusedException">The caller may not, or there is no such table.</exception>
    public async Task<string> StartLocalityAsync(Caller caller, string name, LocalitySpec spec, CancellationToken cancellation)
    {
        caller.Demand(Role.Member);
        spec.Validate();
        var table = await tables.OpenAsync(name, cancellation);
        table.Table.Dataset(spec.Dataset);
        var id = Calculations.IdOf(table, spec.Question);
        if (calculations.Read<LocalityResult>(name, id) is null)
        {
            calculations.Start(name, id, (share, stop) => LocalityResult.Of(table.Table, spec, share, stop));
        }

        return id;
    }

    /// <summary>Ends a calculation that goes on; others may have asked for the same, and can again.</summary>
    /// <exception cref="RefusedException">The caller may not.</exception>
    public void Cancel(Caller caller, string id)
    {
        caller.Demand(Role.Member);
        if (calculations.Find(id) is { IsGoingOn: true } calculation)
        {
            calculation.Cancel();
        }
    }

    /// <summary>Says at once what is wrong with the settings, the dataset or the epochs.</summary>
    private static void Check(BenchmarkTable table, StudySpec spec)
    {
        var budget = table.Dataset(spec.Dataset).Budget(spec.Epochs);
        if (spec.Seconds is not null && !budget.HasSeconds)
        {
            throw new UserErrorException($"'{table.Name}' has no times for this dataset, so simulated time cannot end a run.");
        }

        foreach (var strategy in spec.Strategies)
        {
            using var made = Search.Strategies.StrategyCatalog.Create(strategy.Name, table.Space, strategy.Settings, new RandomSource(spec.Seed), budget.Epochs) as IDisposable;
        }
    }
}
