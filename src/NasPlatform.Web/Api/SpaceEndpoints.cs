using Microsoft.AspNetCore.Http.HttpResults;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Web.Architectures;

namespace NasPlatform.Web.Api;

/// <summary>What can be searched, and how.</summary>
internal static class SpaceEndpoints
{
    public static void MapSpaces(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/spaces", Spaces).WithTags("Spaces and strategies").WithSummary("The search spaces at their usual settings");
        routes.MapGet("/spaces/{name}", Space).WithTags("Spaces and strategies").WithSummary("A search space at given settings")
            .WithDescription("Settings are parameters of the address, as in ?layers=4; what is not given is as usual.");
        routes.MapGet("/spaces/{name}/sample", Sample).WithTags("Spaces and strategies").WithSummary("Architectures drawn uniformly")
            .WithDescription("count (1 to 1000, usually 5) and seed (usually 1); other parameters are settings of the space.");
        routes.MapGet("/spaces/{name}/inspect", Inspect).WithTags("Spaces and strategies").WithSummary("What a genotype denotes, or why it denotes nothing")
            .WithDescription("genotype: in the space's text form, or the name of a published one; task: such as 3x32x32/10, which is usual. Other parameters are settings of the space.");
        routes.MapGet("/spaces/{name}/neighbours", Neighbours).WithTags("Spaces and strategies").WithSummary("Genotypes that differ in one decision");
        routes.MapGet("/spaces/{name}/diagram.svg", Diagram).WithTags("Spaces and strategies").WithSummary("A drawing of an architecture")
            .WithDescription("genotype and task as for inspect; part: the title of a cell, or network. Other parameters are settings of the space.");
        routes.MapGet("/strategies", Strategies).WithTags("Spaces and strategies").WithSummary("The search strategies at their usual settings");
        routes.MapGet("/strategies/{name}", Strategy).WithTags("Spaces and strategies").WithSummary("A search strategy at given settings")
            .WithDescription("Settings are parameters of the address; what is not given is as usual.");
    }

    private static Ok<IReadOnlyList<SpaceView>> Spaces() =>
        TypedResults.Ok<IReadOnlyList<SpaceView>>([.. SearchSpaceCatalog.Names.Select(name => SpaceView.Of(SearchSpaceCatalog.Create(name)))]);

    private static Ok<SpaceView> Space(string name, HttpRequest request) => TypedResults.Ok(SpaceView.Of(SearchSpaceCatalog.Create(name, SettingsOf(request))));

    private static Ok<IReadOnlyList<string>> Sample(string name, HttpRequest request, int count = 5, ulong seed = 1)
    {
        if (count is < 1 or > 1000)
        {
            throw new UserErrorException($"'count' is {count}; give 1 to 1000.");
        }

        var space = SearchSpaceCatalog.Create(name, SettingsOf(request, "count", "seed"));
        var random = new RandomSource(seed);
        return TypedResults.Ok<IReadOnlyList<string>>([.. Enumerable.Range(0, count).Select(_ => space.Format(space.Sample(random)))]);
    }

    private static Ok<GenotypeView> Inspect(string name, string genotype, HttpRequest request, string? task = null)
    {
        var space = SearchSpaceCatalog.Create(name, SettingsOf(request, "genotype", "task"));
        return TypedResults.Ok(GenotypeView.Of(Inspection.Of(space, genotype, TaskOf(task, space))));
    }

    private static Ok<IReadOnlyList<string>> Neighbours(string name, string genotype, HttpRequest request)
    {
        var space = SearchSpaceCatalog.Create(name, SettingsOf(request, "genotype"));
        return TypedResults.Ok<IReadOnlyList<string>>([.. space.Neighbours(space.Find(genotype)).Select(space.Format)]);
    }

    private static ContentHttpResult Diagram(string name, string genotype, HttpRequest request, string? task = null, string? part = null)
    {
        var space = SearchSpaceCatalog.Create(name, SettingsOf(request, "genotype", "task", "part"));
        var diagram = ArchitectureDiagram.Of(space, Inspection.Of(space, genotype, TaskOf(task, space)));
        return TypedResults.Content(DrawingSvg.Of(diagram.Drawing(part)), "image/svg+xml");
    }

    private static TaskShape TaskOf(string? text, SearchSpace space) => text is null
        ? space.Typical
        : TaskShape.TryParse(text, out var task) ? task : throw new UserErrorException($"'task' is '{text}'; give {TaskShape.TextForm}.");

    private static Ok<IReadOnlyList<StrategyView>> Strategies() =>
        TypedResults.Ok<IReadOnlyList<StrategyView>>([.. StrategyCatalog.Names.Select(name => StrategyView.Of(name, null))]);

    private static Ok<StrategyView> Strategy(string name, HttpRequest request) => TypedResults.Ok(StrategyView.Of(name, SettingsOf(request)));

    private static Dictionary<string, string> SettingsOf(HttpRequest request, params string[] others) =>
        request.Query.Where(pair => !others.Contains(pair.Key)).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
}

/// <summary>A search space.</summary>
/// <param name="TextForm">How a genotype is written.</param>
/// <param name="Size">How many genotypes there are: a whole number of any length, as text.</param>
/// <param name="PrintedSize">What the paper prints, where that differs.</param>
/// <param name="Presets">Settings that make something known.</param>
/// <param name="Published">Published architectures by name.</param>
/// <param name="Example">A genotype.</param>
internal sealed record SpaceView(string Name, string Summary, IReadOnlyDictionary<string, string> Settings, string TextForm, string Size, string? PrintedSize, IReadOnlyList<SpacePreset> Presets, IReadOnlyDictionary<string, string> Published, string Example)
{
    public static SpaceView Of(SearchSpace space) =>
        new(space.Name, space.Summary, space.Settings, space.TextForm, $"{space.Size}", space.PrintedSize, space.Presets, space.Published, space.Format(space.Sample(new RandomSource(1))));
}

/// <summary>What a genotype denotes.</summary>
/// <param name="Reason">Why it is not valid; null where it is.</param>
/// <param name="Genotype">In canonical spelling; null where the text is none.</param>
/// <param name="Key">Equal for equal networks.</param>
/// <param name="MultiplyAdds">For one image.</param>
/// <param name="Depth">Convolutions and full layers on the longest way.</param>
/// <param name="Output">The shape of what comes out of it.</param>
internal sealed record GenotypeView(bool Valid, string? Reason, string? Genotype, string? Key, long? Parameters, long? MultiplyAdds, int? Layers, int? Depth, int[]? Output)
{
    public static GenotypeView Of(Inspection inspected) => new(
        inspected.Graph is not null,
        inspected.Reason,
        inspected.Text,
        inspected.Key?.Value,
        inspected.Graph?.Cost.ParameterCount,
        inspected.Graph?.Cost.MultiplyAdds,
        inspected.Graph?.Layers.Length,
        inspected.Graph?.Depth,
        inspected.Graph?.Output.Shape.Dimensions);
}

/// <summary>A search strategy.</summary>
internal sealed record StrategyView(string Name, string Summary, IReadOnlyDictionary<string, string> Settings)
{
    /// <exception cref="UserErrorException">There is no such strategy, or a setting will not do.</exception>
    public static StrategyView Of(string name, IReadOnlyDictionary<string, string>? settings) => new(name, StrategyCatalog.SummaryOf(name), StrategyCatalog.SettingsOf(name, settings));
}
