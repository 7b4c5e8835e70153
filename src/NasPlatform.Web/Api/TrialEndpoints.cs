using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Lists;
using NasPlatform.Web.Store;
using NasPlatform.Web.Trials;

namespace NasPlatform.Web.Api;

/// <summary>An experiment's trials: lists, one with all that is known of it, its layer graph, learning curves.</summary>
internal static class TrialEndpoints
{
    /// <summary>Trials whose curves are sent at once.</summary>
    private const int MostCurves = 1000;

    public static void MapTrials(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/experiments/{id:guid}").WithTags("Trials");
        group.MapGet("/trials", ListAsync).WithSummary("Lists an experiment's trials")
            .WithDescription("Parameters: search, state (several, by commas), minScore, maxParameters, reused, sort, order (asc or desc), page, size (at most 500).");
        group.MapGet("/trials.csv", (Guid id, HttpContext http, PlatformStore store, CancellationToken cancellation) => DownloadAsync(id, http, store, true, cancellation))
            .WithSummary("Downloads an experiment's trials as CSV").WithDescription("The parameters of the list, except page and size: all rows are sent.");
        group.MapGet("/trials.json", (Guid id, HttpContext http, PlatformStore store, CancellationToken cancellation) => DownloadAsync(id, http, store, false, cancellation))
            .WithSummary("Downloads an experiment's trials as JSON").WithDescription("The parameters of the list, except page and size: all rows are sent.");
        group.MapGet("/trials/{number:int}", GetAsync).WithSummary("A trial with its decisions, curve and attempts");
        group.MapGet("/trials/{number:int}/graph", GraphAsync).WithSummary("A trial's layer graph")
            .WithDescription("Built from the recorded decisions for the images and classes of the dataset, which must still be there.");
        group.MapGet("/points", PointsAsync).WithSummary("Learning curves")
            .WithDescription($"Of the trials with the numbers first to last, {MostCurves} at most; 0 is the final training.");
    }

    private static async Task<Ok<ListPage<TrialRow>>> ListAsync(Guid id, HttpContext http, PlatformStore store, CancellationToken cancellation)
    {
        var query = TrialQuery.Parse(http.Request.Query);
        await using var context = store.Open();
        await context.DemandVisibleAsync(http.GetCaller(), id, cancellation);
        return TypedResults.Ok(await TrialList.PageAsync(context, id, query, cancellation));
    }

    private static async Task DownloadAsync(Guid id, HttpContext http, PlatformStore store, bool isCsv, CancellationToken cancellation)
    {
        var query = TrialQuery.Parse(http.Request.Query);
        await using var context = store.Open();
        await context.DemandVisibleAsync(http.GetCaller(), id, cancellation);
        await RowDownload.WriteAsync(http, $"trials-{id:N}", isCsv, TrialList.Rows(context, id, query).AsAsyncEnumerable());
    }

    private static async Task<Ok<TrialDetail>> GetAsync(Guid id, int number, HttpContext http, PlatformStore store, CancellationToken cancellation)
    {
        await using var context = store.Open();
        await context.DemandVisibleAsync(http.GetCaller(), id, cancellation);
        return TypedResults.Ok(await TrialDetail.LoadAsync(context, id, number, cancellation));
    }

    private static async Task<Ok<LayerGraph>> GraphAsync(Guid id, int number, HttpContext http, PlatformStore store, DataFolders folders, CancellationToken cancellation)
    {
        await using var context = store.Open();
        var experiment = await context.Experiments.VisibleTo(http.GetCaller()).SingleOrDefaultAsync(experiment => experiment.Id == id, cancellation)
            ?? throw RefusedException.NotFound("experiment");
        var trial = await context.Trials.SingleOrDefaultAsync(trial => trial.ExperimentId == id && trial.Number == number, cancellation)
            ?? throw RefusedException.NotFound($"trial {number}");
        var report = new DatasetCatalog(folders.Root).Find(experiment.Dataset)
            ?? throw RefusedException.Conflict($"The dataset '{experiment.Dataset}' is gone, and with it what the network's input and output were.");
        var spec = experiment.ReadSpec();
        var space = spec.CreateSpace();
        return TypedResults.Ok(space.Build(space.FromValues(trial.ReadDecisions()), report.TaskShape));
    }

    private static async Task<Ok<List<CurvePoint>>> PointsAsync(Guid id, int first, int last, HttpContext http, PlatformStore store, CancellationToken cancellation)
    {
        if (first < 0 || last < first || last - first >= MostCurves)
        {
            throw new UserErrorException($"'first' is {first} and 'last' is {last}; give the numbers of at most {MostCurves} trials, the first one first.");
        }

        await using var context = store.Open();
        await context.DemandVisibleAsync(http.GetCaller(), id, cancellation);
        return TypedResults.Ok(await CurvePoint.ReadAsync(context.MetricPoints.Where(point => point.ExperimentId == id && point.TrialNumber >= first && point.TrialNumber <= last), cancellation));
    }
}
