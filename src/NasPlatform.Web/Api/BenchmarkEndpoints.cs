using Microsoft.AspNetCore.Http.HttpResults;
using NasPlatform.Search;
using NasPlatform.Search.Benchmarks;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Benchmarks;

namespace NasPlatform.Web.Api;

/// <summary>Tables of measured architectures: what they know, and searches on them.</summary>
internal static class BenchmarkEndpoints
{
    private const int MostBest = 1_000;

    public static void MapBenchmarks(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/benchmarks").WithTags("Benchmarks");
        group.MapGet("", List).WithSummary("The tables that are here");
        group.MapPost("", ImportAsync).WithSummary("Makes a table of uploaded files")
            .WithDescription("Answered once all rows were read and checked; nothing is kept of files with a mistake. The format is told by the titles of the columns; space and spaceSettings are for a table of your own.");
        group.MapGet("/{name}", Describe).WithName("Benchmark").WithSummary("A table: its space, datasets, epochs and figures");
        group.MapDelete("/{name}", RemoveAsync).WithSummary("Removes a table");
        group.MapGet("/{name}/best", BestAsync).WithSummary("The best architectures of a dataset")
            .WithDescription("count: 1 to 1000, usually 10; by mean test accuracy after the most epochs, validation where the table has no test.");
        group.MapGet("/{name}/query", QueryAsync).WithSummary("What was measured of an architecture")
            .WithDescription("An answer for each dataset, number of epochs and training, and the mean of several. architecture: in the space's text form, the name of a published one, or best.");
        group.MapPost("/{name}/studies", StartStudyAsync).WithSummary("Runs strategies side by side on a table")
            .WithDescription("The same study is run once: asking for it again finds what is there. Look how far it has come under its address.");
        group.MapGet("/{name}/studies/{id}", StudyAsync).WithName("Study").WithSummary("How far a study has come, and what it came to");
        group.MapDelete("/{name}/studies/{id}", CancelStudyAsync).WithSummary("Ends a study that goes on");
        group.MapPost("/{name}/localities", StartLocalityAsync).WithSummary("Measures how alike close architectures are")
            .WithDescription("Autocorrelation of accuracy along random walks by single edits, and rank correlations of what needs less training. As with studies, the same is calculated once.");
        group.MapGet("/{name}/localities/{id}", LocalityAsync).WithName("Locality").WithSummary("How far a walk has come, and what it found");
        group.MapDelete("/{name}/localities/{id}", CancelLocalityAsync).WithSummary("Ends a walk that goes on");
    }

    private static Ok<IReadOnlyList<BenchmarkView>> List(OpenTables tables) => TypedResults.Ok<IReadOnlyList<BenchmarkView>>([.. tables.Catalog.List().Select(BenchmarkView.Of)]);

    private static async Task<CreatedAtRoute<BenchmarkView>> ImportAsync(NewBenchmark given, HttpContext http, BenchmarkActions actions, CancellationToken cancellation)
    {
        var options = new ImportOptions { Name = given.Name, Space = given.Space, SpaceSettings = given.SpaceSettings ?? new Dictionary<string, string>(), Replace = given.Replace };
        var description = await actions.ImportAsync(http.GetCaller(), given.Uploads, options, cancellation);
        return TypedResults.CreatedAtRoute(BenchmarkView.Of(description), "Benchmark", new RouteValueDictionary { ["name"] = description.Name });
    }

    private static Ok<BenchmarkView> Describe(string name, OpenTables tables) =>
        TypedResults.Ok(BenchmarkView.Of(tables.Catalog.List().FirstOrDefault(table => table.Name == name) ?? throw RefusedException.NotFound($"benchmark '{name}'")));

    private static async Task<NoContent> RemoveAsync(string name, HttpContext http, BenchmarkActions actions, CancellationToken cancellation)
    {
        await actions.RemoveAsync(http.GetCaller(), name, cancellation);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<IReadOnlyList<BestView>>> BestAsync(string name, OpenTables tables, CancellationToken cancellation, string? dataset = null, int count = 10)
    {
        if (count is < 1 or > MostBest)
        {
            throw new UserErrorException($"'count' is {count}; give 1 to {MostBest}.");
        }

        var table = (await tables.OpenAsync(name, cancellation)).Table;
        var looked = table.Dataset(dataset);
        return TypedResults.Ok<IReadOnlyList<BestView>>([.. BestRows.Of(looked, count).Select(row => BestView.Of(table, looked, row))]);
    }

    private static async Task<Ok<IReadOnlyList<AnswerView>>> QueryAsync(string name, string architecture, OpenTables tables, CancellationToken cancellation, string? dataset = null)
    {
        var table = (await tables.OpenAsync(name, cancellation)).Table;
        var row = table.RowOf(architecture, dataset);
        return TypedResults.Ok<IReadOnlyList<AnswerView>>(
            [.. BenchmarkAnswer.Of(dataset is null ? table.Datasets : [table.Dataset(dataset)], row).Select(answer => AnswerView.Of(table, row, answer))]);
    }

    private static async Task<AcceptedAtRoute<CalculationView<StudyResult>>> StartStudyAsync(
        string name, StudySpec spec, HttpContext http, BenchmarkActions actions, Calculations calculations, CancellationToken cancellation)
    {
        var id = await actions.StartStudyAsync(http.GetCaller(), name, spec, cancellation);
        return TypedResults.AcceptedAtRoute(ViewOf<StudyResult>(calculations, name, id), "Study", new RouteValueDictionary { ["name"] = name, ["id"] = id });
    }

    private static Ok<CalculationView<StudyResult>> StudyAsync(string name, string id, OpenTables tables, Calculations calculations) => Found<StudyResult>(tables, calculations, name, id);

    private static NoContent CancelStudyAsync(string name, string id, HttpContext http, OpenTables tables, BenchmarkActions actions, Calculations calculations)
    {
        actions.Cancel(http.GetCaller(), id);
        Found<StudyResult>(tables, calculations, name, id);
        return TypedResults.NoContent();
    }

    private static async Task<AcceptedAtRoute<CalculationView<LocalityResult>>> StartLocalityAsync(
        string name, LocalitySpec spec, HttpContext http, BenchmarkActions actions, Calculations calculations, CancellationToken cancellation)
    {
        var id = await actions.StartLocalityAsync(http.GetCaller(), name, spec, cancellation);
        return TypedResults.AcceptedAtRoute(ViewOf<LocalityResult>(calculations, name, id), "Locality", new RouteValueDictionary { ["name"] = name, ["id"] = id });
    }

    private static Ok<CalculationView<LocalityResult>> LocalityAsync(string name, string id, OpenTables tables, Calculations calculations) => Found<LocalityResult>(tables, calculations, name, id);

    private static NoContent CancelLocalityAsync(string name, string id, HttpContext http, OpenTables tables, BenchmarkActions actions, Calculations calculations)
    {
        actions.Cancel(http.GetCaller(), id);
        Found<LocalityResult>(tables, calculations, name, id);
        return TypedResults.NoContent();
    }

    private static Ok<CalculationView<T>> Found<T>(OpenTables tables, Calculations calculations, string name, string id)
        where T : class
    {
        // What becomes a path is a name of ours.
        if (!tables.Catalog.Exists(name) || !id.All(char.IsAsciiHexDigitLower))
        {
            throw RefusedException.NotFound("calculation");
        }

        var view = ViewOf<T>(calculations, name, id);
        return view.State is not null ? TypedResults.Ok(view) : throw RefusedException.NotFound("calculation");
    }

    private static CalculationView<T> ViewOf<T>(Calculations calculations, string name, string id)
        where T : class
    {
        var going = calculations.Find(id);
        var result = calculations.Read<T>(name, id);
        return new(id, result is not null ? CalculationState.Completed : going?.State, result is not null ? 1 : going?.Share ?? 0, result is not null ? null : going?.Problem, result);
    }
}

/// <summary>Files that make a table.</summary>
/// <param name="Uploads">Ids of complete uploads that belong together.</param>
/// <param name="Name">Letters, digits, '.', '_', '-'; null for the benchmark's usual one, or the file's.</param>
/// <param name="Space">The search space of a table of your own.</param>
/// <param name="SpaceSettings">Its settings.</param>
/// <param name="Replace">Whether a table of that name is replaced, which administrators may.</param>
internal sealed record NewBenchmark(IReadOnlyList<Guid> Uploads, string? Name = null, string? Space = null, IReadOnlyDictionary<string, string>? SpaceSettings = null, bool Replace = false);

/// <summary>A table of measured architectures.</summary>
/// <param name="Rows">Architectures.</param>
/// <param name="Coverage">The share of the space's encodings that are in the table.</param>
/// <param name="Notes">What a reader of its figures must know.</param>
internal sealed record BenchmarkView(
    string Name, string Title, string Space, IReadOnlyDictionary<string, string> SpaceSettings, int Rows, double Coverage, IReadOnlyList<BenchmarkDatasetView> Datasets, IReadOnlyList<string> Notes)
{
    public static BenchmarkView Of(BenchmarkDescription table) => new(
        table.Name,
        table.Title,
        table.Space,
        table.SpaceSettings,
        table.Rows,
        table.Coverage,
        [.. table.Datasets.Select(dataset => new BenchmarkDatasetView(dataset, table.Epochs(dataset), table.Metrics(dataset)))],
        table.Notes);
}

/// <summary>A dataset on which the architectures of a table were trained.</summary>
/// <param name="Epochs">After how many they were measured.</param>
/// <param name="Metrics">What was measured, then figures that need no training.</param>
internal sealed record BenchmarkDatasetView(string Name, IReadOnlyList<int> Epochs, IReadOnlyList<string> Metrics);

/// <summary>An architecture among the best; accuracies are means after the most epochs.</summary>
internal sealed record BestView(string Architecture, double? Valid, double? Test, double? Seconds, long? Parameters, long? MultiplyAdds)
{
    public static BestView Of(BenchmarkTable table, BenchmarkDataset dataset, int row)
    {
        var mean = dataset.Full.Mean(row);
        return new(table.Architecture(row), mean.Valid, mean.Test, mean.Seconds, dataset.Parameters(row), dataset.MultiplyAdds(row));
    }
}

/// <summary>What was measured of an architecture on one dataset after so many epochs.</summary>
/// <param name="Training">One of several trainings; null for their mean, or the only figure.</param>
/// <param name="IsMean">Whether several trainings were averaged here.</param>
/// <param name="Seconds">Time of the training.</param>
internal sealed record AnswerView(
    string Architecture, string Dataset, int Epochs, int? Training, bool IsMean, double? Train, double? Valid, double? Test, double? Seconds, long? Parameters, long? MultiplyAdds)
{
    public static AnswerView Of(BenchmarkTable table, int row, BenchmarkAnswer answer) => new(
        table.Architecture(row),
        answer.Dataset.Name,
        answer.Epochs,
        answer.Training,
        answer.IsMean,
        answer.Figures.Train,
        answer.Figures.Valid,
        answer.Figures.Test,
        answer.Figures.Seconds,
        answer.Dataset.Parameters(row),
        answer.Dataset.MultiplyAdds(row));
}

/// <summary>Something that is calculated.</summary>
/// <param name="Share">How much is done, 0 to 1.</param>
/// <param name="Problem">Why it failed; null where it did not.</param>
/// <param name="Result">What came of it; null until it is there.</param>
internal sealed record CalculationView<T>(string Id, CalculationState? State, double Share, string? Problem, T? Result);
