using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Datasets.Images;
using NasPlatform.Search.Networks;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Datasets;
using NasPlatform.Web.Lists;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Api;

/// <summary>Datasets: lists, one with its report, its images, add and remove.</summary>
internal static class DatasetEndpoints
{
    public static void MapDatasets(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/datasets").WithTags("Datasets");
        group.MapGet("", ListAsync).WithSummary("Lists datasets")
            .WithDescription("Parameters: search, state (several, by commas), sort, order (asc or desc), page, size (at most 500).");
        group.MapPost("", AddAsync).WithSummary("Takes in an uploaded file as a dataset, in the background")
            .WithDescription("Without an upload, the name must be one of the datasets that the system's packages bring.");
        group.MapGet("/{name}", GetAsync).WithSummary("A dataset with its report");
        group.MapPatch("/{name}", ChangeAsync).WithSummary("Changes who sees a dataset");
        group.MapDelete("/{name}", RemoveAsync).WithSummary("Removes a dataset").WithDescription("Experiments on it keep what they found.");
        group.MapGet("/{name}/classes/{label:int}/images", GalleryAsync).WithSummary("Images of a class")
            .WithDescription("Their numbers and addresses; parameters: split (train, validation or test), page, size (at most 500).");
        group.MapGet("/{name}/images/{index:int}.png", ImageAsync).WithName("Image").WithSummary("An image as it is kept, as PNG");
    }

    private static async Task<Ok<ListPage<DatasetRow>>> ListAsync(HttpContext http, PlatformStore store, CancellationToken cancellation)
    {
        await using var context = store.Open();
        return TypedResults.Ok(await DatasetList.PageAsync(context, http.GetCaller(), DatasetQuery.Parse(http.Request.Query), cancellation));
    }

    private static async Task<Created<DatasetView>> AddAsync(NewDataset given, HttpContext http, DatasetActions actions, PlatformStore store, DataFolders folders, CancellationToken cancellation)
    {
        await actions.TakeInAsync(http.GetCaller(), given.Name, given.Upload, (given.Options ?? new()).ToIngestOptions(), given.Visibility, cancellation);
        return TypedResults.Created($"/api/v1/datasets/{Uri.EscapeDataString(given.Name)}", await ViewAsync(given.Name, http, store, folders, cancellation));
    }

    private static async Task<Ok<DatasetView>> GetAsync(string name, HttpContext http, PlatformStore store, DataFolders folders, CancellationToken cancellation) =>
        TypedResults.Ok(await ViewAsync(name, http, store, folders, cancellation));

    private static async Task<Ok<DatasetView>> ChangeAsync(
        string name, DatasetChange change, HttpContext http, DatasetActions actions, PlatformStore store, DataFolders folders, CancellationToken cancellation)
    {
        await actions.ShowToAsync(http.GetCaller(), name, change.Visibility, cancellation);
        return await GetAsync(name, http, store, folders, cancellation);
    }

    private static async Task<NoContent> RemoveAsync(string name, HttpContext http, DatasetActions actions, CancellationToken cancellation)
    {
        await actions.RemoveAsync(http.GetCaller(), name, cancellation);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<ListPage<GalleryImage>>> GalleryAsync(string name, int label, HttpContext http, PlatformStore store, DatasetImages images, CancellationToken cancellation)
    {
        var read = new QueryReader(http.Request.Query);
        await DemandReadyAsync(name, http, store, cancellation);
        var found = images.OfClass(name, label, read.Word<Split>("split"), read.Whole("page", 1, Paging.LastPage) ?? 1, read.Whole("size", 1, Paging.LargestSize) ?? Paging.UsualSize);
        return TypedResults.Ok(new ListPage<GalleryImage>(
            [.. found.Items.Select(image => new GalleryImage(image.Index, image.Split, $"/api/v1/datasets/{Uri.EscapeDataString(name)}/images/{image.Index}.png"))], found.Total, found.Page, found.Size));
    }

    private static async Task<IResult> ImageAsync(string name, int index, HttpContext http, PlatformStore store, DatasetImages images, CancellationToken cancellation)
    {
        var id = await DemandReadyAsync(name, http, store, cancellation);
        http.Response.Headers.CacheControl = "private, no-cache"; // asked for again each time, answered by 304: a name may be given to another dataset
        http.Response.Headers.XContentTypeOptions = "nosniff";
        var tag = new EntityTagHeaderValue($"\"{id:N}-{index}\"");
        return Results.Bytes(images.Png(name, index), "image/png", entityTag: tag);
    }

    private static async Task<DatasetView> ViewAsync(string name, HttpContext http, PlatformStore store, DataFolders folders, CancellationToken cancellation)
    {
        var caller = http.GetCaller();
        await using var context = store.Open();
        var stored = await context.Datasets.VisibleTo(caller).SingleOrDefaultAsync(dataset => dataset.Name == name, cancellation)
            ?? throw RefusedException.NotFound($"dataset '{name}'");
        var row = await DatasetList.Rows(context, context.Datasets.Where(dataset => dataset.Id == stored.Id)).SingleAsync(cancellation);
        return new(row, stored.State == DatasetState.Ready ? new DatasetCatalog(folders.Root).Find(name) : null, stored.MayChange(caller));
    }

    private static async Task<Guid> DemandReadyAsync(string name, HttpContext http, PlatformStore store, CancellationToken cancellation)
    {
        await using var context = store.Open();
        var dataset = await context.Datasets.VisibleTo(http.GetCaller()).Where(dataset => dataset.Name == name).Select(dataset => new { dataset.Id, dataset.State }).SingleOrDefaultAsync(cancellation)
            ?? throw RefusedException.NotFound($"dataset '{name}'");
        return dataset.State == DatasetState.Ready ? dataset.Id : throw RefusedException.Conflict($"The dataset '{name}' is not ready.");
    }
}

/// <summary>A dataset.</summary>
/// <param name="Report">What was found in it; null until it is ready.</param>
/// <param name="MayChange">Whether the caller may change it.</param>
internal sealed record DatasetView(DatasetRow Summary, DatasetReport? Report, bool MayChange);

/// <summary>An image of a class.</summary>
/// <param name="Index">Its number in the dataset, 0-based.</param>
internal sealed record GalleryImage(int Index, Split Split, string Url);

/// <summary>What is to change of a dataset.</summary>
/// <param name="Visibility">Who sees it.</param>
internal sealed record DatasetChange(Visibility Visibility);

/// <summary>A dataset to add.</summary>
/// <param name="Name">Letters and digits of any script, '.', '_' and '-'; unique.</param>
/// <param name="Upload">A complete upload; null for a dataset that a package of the system brings.</param>
/// <param name="Visibility">Who sees it.</param>
/// <param name="Options">How it is taken in; null for what suits the data.</param>
internal sealed record NewDataset(string Name, Guid? Upload = null, Visibility Visibility = Visibility.Team, NewDatasetOptions? Options = null);

/// <summary>How a dataset is taken in; null for what suits the data.</summary>
/// <param name="Task">What is learnt: ImageClassification, SequenceClassification, Forecasting, TabularClassification, TabularRegression or LanguageModelling.</param>
/// <param name="Height">Rows of an image, 1 to 4096.</param>
/// <param name="Width">Columns of an image, 1 to 4096.</param>
/// <param name="Fit">What happens to images of other proportions.</param>
/// <param name="Channels">1 (grey) or 3 (colour).</param>
/// <param name="Label">Title of the column of a table that is predicted.</param>
/// <param name="Categories">The most categories of a table's column that are told apart, 1 to 10,000.</param>
/// <param name="Steps">Steps that a forecast looks back at, tokens of a text that are learnt from at once, 1 to 1,000,000.</param>
/// <param name="Horizon">Steps ahead that a forecast predicts, 1 to 1,000,000.</param>
/// <param name="Targets">Titles of the columns that a forecast predicts.</param>
/// <param name="Rows">Steps of each split of a series that is forecast, in order of time, in place of shares.</param>
/// <param name="Characters">Whether the tokens of a text are its characters, and not words.</param>
/// <param name="Vocabulary">The most tokens of a text's vocabulary, 3 to 1,000,000.</param>
/// <param name="ValidationFraction">Share set aside for validation where the source has none, 0 to 1.</param>
/// <param name="TestFraction">Share set aside for the test where the source has none, 0 to 1.</param>
/// <param name="Seed">Decides which examples are set aside.</param>
/// <param name="ClassNames">Names of the classes by label, for sources that only number them.</param>
internal sealed record NewDatasetOptions(
    TaskKind? Task = null,
    int? Height = null,
    int? Width = null,
    ImageFit? Fit = null,
    int? Channels = null,
    string? Label = null,
    int? Categories = null,
    int? Steps = null,
    int? Horizon = null,
    IReadOnlyList<string>? Targets = null,
    SplitCounts? Rows = null,
    bool? Characters = null,
    int? Vocabulary = null,
    double? ValidationFraction = null,
    double? TestFraction = null,
    ulong? Seed = null,
    IReadOnlyList<string>? ClassNames = null)
{
    public IngestOptions ToIngestOptions()
    {
        var usual = new IngestOptions();
        return usual with
        {
            Task = Task,
            Height = Height,
            Width = Width,
            Fit = Fit ?? usual.Fit,
            Channels = Channels,
            Label = Label,
            Categories = Categories ?? usual.Categories,
            Steps = Steps,
            Horizon = Horizon,
            Targets = Targets,
            Rows = Rows,
            Characters = Characters ?? usual.Characters,
            Vocabulary = Vocabulary ?? usual.Vocabulary,
            ValidationFraction = ValidationFraction ?? usual.ValidationFraction,
            TestFraction = TestFraction ?? usual.TestFraction,
            Seed = Seed ?? usual.Seed,
            ClassNames = ClassNames,
        };
    }
}
