using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Jobs;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Commands;

/// <summary>The platform's store for a command, whether a server runs or not: the database is made or brought up to date where needed.</summary>
internal sealed class LocalStore : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private LocalStore(ServiceProvider services) => _services = services;

    public PlatformStore Store => Get<PlatformStore>();

    public static async Task<LocalStore> OpenAsync(AppSettings settings, CancellationToken cancellation)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddPlatform(settings);
        var local = new LocalStore(services.BuildServiceProvider());
        try
        {
            Directory.CreateDirectory(settings.DataFolder);
            await StoreSetup.PrepareAsync(local.Get<IDbContextFactory<StoreContext>>(), local.Get<StoreOptions>(), cancellation);
            await TerminalSearches.EndDeadAsync(local.Store, local.Get<TimeProvider>(), cancellation);
            return local;
        }
        catch
        {
            await local.DisposeAsync();
            throw;
        }
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
