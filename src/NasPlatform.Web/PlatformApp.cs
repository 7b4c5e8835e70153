using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Console;
using NasPlatform.Search;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Api;
using NasPlatform.Web.Components;
using NasPlatform.Web.Datasets;
using NasPlatform.Web.Health;
using NasPlatform.Web.Jobs;
using NasPlatform.Web.Live;
using NasPlatform.Web.Sharing;
using NasPlatform.Web.Store;

namespace NasPlatform.Web;

/// <summary>How a server is started.</summary>
/// <param name="Settings">Of <c>appsettings.json</c>.</param>
/// <param name="Urls">Where it listens; null for none: a worker.</param>
/// <param name="IsLocal">Without accounts, on loopback only.</param>
/// <param name="Worker">What it does of the queue; null for nothing.</param>
internal sealed record ServeOptions(AppSettings Settings, string? Urls, bool IsLocal, WorkerOptions? Worker);

/// <summary>The server, put together: each line adds or maps one thing.</summary>
internal static class PlatformApp
{
    /// <summary>Prepares the database and builds the server, not yet started.</summary>
    /// <exception cref="UserErrorException">Another server has this data folder's SQLite database.</exception>
    public static async Task<WebApplication> BuildAsync(ServeOptions options, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = "nas",
            ContentRootPath = options.Settings.Root,
            WebRootPath = Path.Join(options.Settings.Root, "wwwroot"),
        });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddJsonFile(Path.Join(options.Settings.Root, AppSettings.FileName), optional: true);
        builder.Logging.ClearProviders().AddConsoleFormatter<PlainConsole, ConsoleFormatterOptions>().AddConsole(console => console.FormatterName = PlainConsole.Named);
        // Keys are in the database, and so are as safe as what they protect there; of that a start need not warn.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error).AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error);
        // A command that fails is an exception to whoever gave it; a new database's missing history is none.
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.None);
        builder.Logging.AddFilter(null, LogLevel.Warning).AddFilter("NasPlatform", LogLevel.Information)
            .AddFilter("NasPlatform.Web.Accounts.TokenAuthentication", LogLevel.Warning).AddFilter("NasPlatform.Web.Accounts.LocalAuthentication", LogLevel.Warning);
        builder.WebHost.UseUrls(options.Urls ?? "http://127.0.0.1:0");
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(60));
        builder.Services.AddSingleton(options);
        builder.Services.AddPlatform(options.Settings);
        builder.Services.AddAccounts(options, builder.Configuration);
        builder.Services.AddApi();
        builder.Services.AddLive();
        builder.AddPages();
        if (options.Worker is { } worker)
        {
            var folders = new DataFolders(options.Settings.DataFolder, options.Settings.SystemDatasets);
            builder.Services.AddJobs(worker, new StoreOptions(options.Settings.Postgres, folders.Database), folders);
        }

        var app = builder.Build();
        await PrepareAsync(app.Services, cancellation);
        app.MapHealth();
        if (options.Urls is not null)
        {
            Map(app);
        }

        return app;
    }

    /// <summary>What a server has and a worker has not: each line a part of what can be asked for. The order matters.</summary>
    private static void Map(WebApplication app)
    {
        app.UseProtection();
        app.UseWebFiles();
        app.UseAccounts();
        app.MapApi();
        app.MapLive();
        app.MapSharedFiles();
        app.MapPages();
        app.MapAccounts();
    }

    private static async Task PrepareAsync(IServiceProvider services, CancellationToken cancellation)
    {
        var options = services.GetRequiredService<StoreOptions>();
        var folders = services.GetRequiredService<DataFolders>();
        Directory.CreateDirectory(folders.Root);
        if (!options.IsPostgres)
        {
            services.GetRequiredService<ServerLock>().Take();
        }

        await StoreSetup.PrepareAsync(services.GetRequiredService<IDbContextFactory<StoreContext>>(), options, cancellation);
        await services.GetRequiredService<DatasetActions>().AdoptAsync(cancellation);
        await services.GetRequiredService<DatasetActions>().TakeInKnownAsync(cancellation);
    }
}
