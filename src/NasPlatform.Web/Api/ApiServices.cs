using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace NasPlatform.Web.Api;

/// <summary>What REST needs: its JSON, and the OpenAPI document that describes it.</summary>
internal static class ApiServices
{
    /// <summary>The version in the address, and the name of the document.</summary>
    public const string Version = "v1";

    public static void AddApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(http =>
        {
            http.SerializerOptions.Converters.Add(new JsonStringEnumConverter(System.Text.Json.JsonNamingPolicy.CamelCase, allowIntegerValues: false));
            http.SerializerOptions.Converters.Add(new FiniteNumbers());
            http.SerializerOptions.Converters.Add(new Search.Networks.LayerGraphJson());

            // A misspelt name must not be taken for an omitted one.
            http.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            http.SerializerOptions.RespectRequiredConstructorParameters = true;
            http.SerializerOptions.RespectNullableAnnotations = true;
        });
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddOpenApi(Version, document =>
        {
            document.ShouldInclude = description => description.RelativePath?.StartsWith($"api/{Version}/", StringComparison.Ordinal) == true;
            document.AddDocumentTransformer(Describe);
        });
    }

    private static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new()
        {
            Title = "NasPlatform",
            Version = Version,
            Description = """
                Everything that the pages do. Send a personal access token as `Authorization: Bearer nas_...`; without one, a browser's own session counts, for requests from the
                platform's own pages. Errors are problem details (RFC 9457) whose `detail` says what is wrong and what to do. Accuracies are shares from 0 to 1, losses are in nats,
                times are ISO 8601 in UTC, and numbers that are not finite are null.
                """,
        };
        document.Components ??= new();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A personal access token." };
        document.Security = [new() { [new OpenApiSecuritySchemeReference("token", document)] = [] }];
        return Task.CompletedTask;
    }
}
