using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;
using NasPlatform.Web.Accounts;

namespace NasPlatform.Web.Components;

/// <summary>The pages: Blazor, rendered on the server and live over a circuit where a page asks for it.</summary>
internal static class Pages
{
    /// <summary>Text that is the same for everybody, and so may be compressed beside secrets.</summary>
    private static readonly string[] Compressed = ["text/css", "text/javascript", "application/javascript", "image/svg+xml"];

    public static void AddPages(this WebApplicationBuilder builder)
    {
        // Outside a published folder the framework's script and the components' styles lie where the build left them.
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;
            compression.MimeTypes = Compressed;
        });
        builder.Services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(2);
            circuits.PersistedCircuitInMemoryMaxRetained = 200;
            circuits.PersistedCircuitInMemoryRetentionPeriod = TimeSpan.FromMinutes(30);
            circuits.JSInteropDefaultCallTimeout = TimeSpan.FromSeconds(30);
        });
        builder.Services.AddSingleton<WebFiles>();
        builder.Services.AddScoped<Browser>();
    }

    /// <summary>What anybody may have, signed in or not: scripts and styles; and a page where an answer would be empty.</summary>
    public static void UseWebFiles(this WebApplication app)
    {
        app.UseWhen(
            context => !RefusalHandler.IsForPrograms(context.Request) && !IsPublicLink(context.Request),
            people => people.UseStatusCodePagesWithReExecute("/status/{0}", createScopeForStatusCodePages: true));
        app.UseWhen(
            context => !RefusalHandler.IsForPrograms(context.Request) && IsPublicLink(context.Request),
            strangers => strangers.UseStatusCodePagesWithReExecute("/link-status/{0}", createScopeForStatusCodePages: true));
        app.Use((http, next) =>
        {
            // A page that says what went wrong is looked at, whatever was sent: it must not take the form for its own.
            if (http.Features.Get<IStatusCodeReExecuteFeature>() is not null)
            {
                http.Request.Method = HttpMethods.Get;
            }

            return next(http);
        });
        app.UseResponseCompression();
        app.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = Cache });
    }

    /// <summary>
    /// A circuit shows only what a page that was rendered for its visitor asked for (the page's marks are signed), so that circuits are open to visitors of public pages while the pages
    /// themselves are closed.
    /// </summary>
    public static void MapPages(this WebApplication app) => app.MapRazorComponents<App>().AddInteractiveServerRenderMode().Add(endpoint =>
    {
        if (endpoint is RouteEndpointBuilder { RoutePattern.RawText: { } path } && path.TrimStart('/').StartsWith("_blazor", StringComparison.Ordinal))
        {
            endpoint.Metadata.Add(new AllowAnonymousAttribute());
        }
    });

    private static bool IsPublicLink(HttpRequest request) => request.Path.StartsWithSegments("/s");

    /// <summary>An address with a version always means the same content.</summary>
    private static void Cache(StaticFileResponseContext served) =>
        served.Context.Response.Headers[HeaderNames.CacheControl] = served.Context.Request.Query.ContainsKey("v") ? "public,max-age=31536000,immutable" : "no-cache";
}
