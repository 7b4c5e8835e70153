using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Artifacts;
using NasPlatform.Web.Datasets;
using NasPlatform.Web.Experiments;
using NasPlatform.Web.Health;
using NasPlatform.Web.Progress;
using NasPlatform.Web.Store;

namespace NasPlatform.Web;

/// <summary>What every process of the platform has: the store, the files, and what people do with them.</summary>
internal static class PlatformServices
{
    public static IServiceCollection AddPlatform(this IServiceCollection services, AppSettings settings)
    {
        var folders = new DataFolders(settings.DataFolder, settings.SystemDatasets);
        var database = new StoreOptions(settings.Postgres, folders.Database);
        services.AddSingleton(settings.DatasetLimits);
        services.AddSingleton(settings.UploadLimits);
        services.AddSingleton(folders);
        services.AddSingleton(database);
        services.AddSingleton(TimeProvider.System);
        services.AddDbContextFactory<StoreContext>(database.Configure);
        services.AddSingleton<ServerLock>();
        services.AddSingleton<PlatformStore>();
        services.AddSingleton(new ArtifactStore(folders.Artifacts));
        services.AddSingleton<Jobs.QueueSignal>();
        services.AddSingleton<ExperimentActions>();
        services.AddSingleton<DatasetActions>();
        services.AddSingleton<DatasetImages>();
        services.AddSingleton<Uploads.UploadActions>();
        services.AddSingleton<Benchmarks.OpenTables>();
        services.AddSingleton<Benchmarks.Calculations>();
        services.AddSingleton<Benchmarks.BenchmarkActions>();
        services.AddSingleton<Models.ModelFiles>();
        services.AddSingleton<OverviewReading>();
        services.AddSingleton<Experiments.Method.MethodReading>();
        services.AddSingleton<LiveFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<LiveFeed>());
        services.AddHealth(database);
        if (database.IsPostgres)
        {
            services.AddHostedService<ChangeListener>();
        }

        return services;
    }
}
