using NasPlatform.Web.Accounts;
using NasPlatform.Web.Lists;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Datasets;

/// <summary>The datasets that a caller sees, as lists show them.</summary>
internal static class DatasetList
{
    /// <summary>One page.</summary>
    public static Task<ListPage<DatasetRow>> PageAsync(StoreContext context, Caller caller, DatasetQuery query, CancellationToken cancellation)
    {
        var datasets = context.Datasets.VisibleTo(caller);
        if (query.States is { Count: > 0 } states)
        {
            datasets = datasets.Where(dataset => states.Contains(dataset.State));
        }

        if (query.Search?.ToLowerInvariant() is { } text)
        {
            datasets = datasets.Where(dataset => dataset.Name.ToLower().Contains(text));
        }

        var down = query.IsDescending;
        var sorted = query.Sort switch
        {
            DatasetSort.Name => datasets.By(dataset => dataset.Name.ToLower(), down),
            DatasetSort.State => datasets.By(dataset => dataset.State, down),
            DatasetSort.Size => datasets.By(dataset => dataset.ExampleCount, down),
            DatasetSort.Classes => datasets.By(dataset => dataset.ClassCount, down),
            DatasetSort.Created => datasets.By(dataset => dataset.CreatedAt, down),
        };
        return Rows(context, sorted.ThenBy(dataset => dataset.Id)).ToPageAsync(query.Page, query.Size, cancellation);
    }

    /// <summary>Datasets as rows, in their order; which of them may be seen is settled before.</summary>
    public static IQueryable<DatasetRow> Rows(StoreContext context, IQueryable<StoredDataset> datasets) =>
        from dataset in datasets
        select new DatasetRow(
            dataset.Id,
            dataset.Name,
            context.Users.Where(user => user.Id == dataset.OwnerId).Select(user => user.DisplayName).FirstOrDefault(),
            dataset.Visibility,
            dataset.State,
            dataset.Reason,
            dataset.Task,
            dataset.ExampleCount,
            dataset.ClassCount,
            dataset.Predicts,
            dataset.CreatedAt,
            dataset.ReadyAt,
            context.Jobs.Where(job => job.DatasetId == dataset.Id && job.State == JobState.Running).Select(job => job.Progress).FirstOrDefault());
}
