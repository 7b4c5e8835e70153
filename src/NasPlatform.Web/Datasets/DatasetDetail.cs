using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Datasets;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Datasets;

/// <summary>A dataset as its page shows it.</summary>
/// <param name="Report">What was found in it; null until it is ready.</param>
/// <param name="MayChange">Whether the caller may change it.</param>
/// <param name="Experiments">Experiments on it that the caller sees.</param>
internal sealed record DatasetDetail(DatasetRow Row, DatasetReport? Report, bool MayChange, int Experiments)
{
    /// <exception cref="RefusedException">There is none, or none that the caller sees.</exception>
    public static async Task<DatasetDetail> LoadAsync(StoreContext context, Caller caller, string name, DatasetCatalog catalog, DatasetDetail? known, CancellationToken cancellation)
    {
        var stored = await context.Datasets.VisibleTo(caller).SingleOrDefaultAsync(dataset => dataset.Name == name, cancellation)
            ?? throw RefusedException.NotFound($"dataset '{name}'");
        var row = await DatasetList.Rows(context, context.Datasets.Where(dataset => dataset.Id == stored.Id)).SingleAsync(cancellation);

        // A report never changes, and one of a large dataset takes a while to read.
        var report = stored.State != DatasetState.Ready ? null
            : known?.Row.Id == stored.Id && known.Report is { } same ? same
            : catalog.Find(name);
        var experiments = await context.Experiments.VisibleTo(caller).CountAsync(experiment => experiment.Dataset == name, cancellation);
        return new(row, report, stored.MayChange(caller), experiments);
    }
}
