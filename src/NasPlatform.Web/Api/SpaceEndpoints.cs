using Microsoft.AspNetCore.Http.HttpResults;
using NasPlatform.Search;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;

namespace NasPlatform.Web.Api;

/// <summary>What can be searched, and how.</summary>
internal static class SpaceEndpoints
{
    public static void MapSpaces(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/spaces", Spaces).WithTags("Spaces and strategies").WithSummary("The search spaces at their usual settings");
        routes.MapGet("/spaces/{name}", Space).WithTags("Spaces and strategies").WithSummary("A search space at given settings")
            .WithDescription("Settings are parameters of the address, as in ?layers=4; what is not given is as usual.");
        routes.MapGet("/strategies", Strategies).WithTags("Spaces and strategies").WithSummary("The search strategies at their usual settings");
        routes.MapGet("/strategies/{name}", Strategy).WithTags("Spaces and strategies").WithSummary("A search strategy at given settings")
            .WithDescription("Settings are parameters of the address; what is not given is as usual.");
    }

    private static Ok<IReadOnlyList<SpaceView>> Spaces() =>
        TypedResults.Ok<IReadOnlyList<SpaceView>>([.. SearchSpaceCatalog.Names.Select(name => SpaceView.Of(SearchSpaceCatalog.Create(name)))]);

    private static Ok<SpaceView> Space(string name, HttpRequest request) => TypedResults.Ok(SpaceView.Of(SearchSpaceCatalog.Create(name, SettingsOf(request))));

    private static Ok<IReadOnlyList<StrategyView>> Strategies() =>
        TypedResults.Ok<IReadOnlyList<StrategyView>>([.. StrategyCatalog.Names.Select(name => StrategyView.Of(name, null))]);

    private static Ok<StrategyView> Strategy(string name, HttpRequest request) => TypedResults.Ok(StrategyView.Of(name, SettingsOf(request)));

    private static Dictionary<string, string> SettingsOf(HttpRequest request) => request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
}

/// <summary>A search space.</summary>
/// <param name="TextForm">How a genotype is written.</param>
/// <param name="Size">How many genotypes there are: a whole number of any length, as text.</param>
/// <param name="Example">A genotype.</param>
internal sealed record SpaceView(string Name, string Summary, IReadOnlyDictionary<string, string> Settings, string TextForm, string Size, string Example)
{
    public static SpaceView Of(SearchSpace space) =>
        new(space.Name, space.Summary, space.Settings, space.TextForm, $"{space.Size}", space.Format(space.Sample(new RandomSource(1))));
}

/// <summary>A search strategy.</summary>
internal sealed record StrategyView(string Name, string Summary, IReadOnlyDictionary<string, string> Settings)
{
    /// <exception cref="UserErrorException">There is no such strategy, or a setting will not do.</exception>
    public static StrategyView Of(string name, IReadOnlyDictionary<string, string>? settings)
    {
        // Settings do not depend on the space; any will do.
        var strategy = StrategyCatalog.Create(name, SearchSpaceCatalog.Create(SearchSpaceCatalog.Names.First()), settings, new RandomSource(1));
        using var owned = strategy as IDisposable;
        return new(strategy.Name, StrategyCatalog.SummaryOf(strategy.Name), strategy.Settings);
    }
}
