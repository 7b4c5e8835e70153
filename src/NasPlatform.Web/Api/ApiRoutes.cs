namespace NasPlatform.Web.Api;

/// <summary>REST: everything that the pages do, under <c>/api/v1</c>.</summary>
internal static class ApiRoutes
{
    public static void MapApi(this WebApplication app)
    {
        app.MapOpenApi("/api/{documentName}/openapi.json");
        var api = app.MapGroup($"/api/{ApiServices.Version}");
        api.MapExperiments();
        api.MapTrials();
        api.MapDatasets();
        api.MapUploads();
        api.MapModels();
        api.MapTokens();
        api.MapQueue();
        api.MapSpaces();
        api.MapBenchmarks();
        api.MapShares();
        api.MapFallback("{**rest}", () => Results.Problem("There is no such resource, or not for this method and content type; /api/v1/openapi.json lists them.", statusCode: StatusCodes.Status404NotFound, title: "Not found"));
    }
}
