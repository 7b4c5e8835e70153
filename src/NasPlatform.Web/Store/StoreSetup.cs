using Microsoft.EntityFrameworkCore;

namespace NasPlatform.Web.Store;

/// <summary>Makes the database ready: made where it is missing, brought to this program's schema.</summary>
internal static class StoreSetup
{
    public static async Task PrepareAsync(IDbContextFactory<StoreContext> contexts, StoreOptions options, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (options.IsPostgres)
        {
            await context.Database.MigrateAsync(cancellation);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(options.SqlitePath)!); // not null: an absolute path
        using var alone = await LockAsync(options.SqlitePath + ".migrate", cancellation);
        await context.Database.OpenConnectionAsync(cancellation);
        await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL;", cancellation);

        // EF marks a migration under way by a row, which outlives a process that is killed; under the lock of this file nobody else migrates.
        var isMarked = await context.Database.SqlQueryRaw<int>("SELECT COUNT(*) AS Value FROM sqlite_master WHERE name = '__EFMigrationsLock'").SingleAsync(cancellation) > 0;
        if (isMarked)
        {
            await context.Database.ExecuteSqlRawAsync("DELETE FROM \"__EFMigrationsLock\";", cancellation);
        }

        await context.Database.MigrateAsync(cancellation);
    }

    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(100, cancellation);
            }
        }
    }
}
