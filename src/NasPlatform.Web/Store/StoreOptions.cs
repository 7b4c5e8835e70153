using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace NasPlatform.Web.Store;

/// <summary>Which database.</summary>
/// <param name="Postgres">A connection string; null for SQLite.</param>
/// <param name="SqlitePath">The SQLite file, absolute; used where there is no PostgreSQL.</param>
public sealed record StoreOptions(string? Postgres, string SqlitePath)
{
    public bool IsPostgres => Postgres is not null;

    /// <summary>What the connection string is completed with where it is silent: a connection that only listens must notice that its peer is gone.</summary>
    public string PostgresConnection => new NpgsqlConnectionStringBuilder(Postgres) is var builder && builder.KeepAlive == 0
        ? new NpgsqlConnectionStringBuilder(Postgres) { KeepAlive = 15 }.ConnectionString
        : builder.ConnectionString;

    public void Configure(DbContextOptionsBuilder builder)
    {
        if (IsPostgres)
        {
            builder.UseNpgsql(PostgresConnection, npgsql => npgsql.EnableRetryOnFailure());
        }
        else
        {
            builder.UseSqlite(new SqliteConnectionStringBuilder { DataSource = SqlitePath, DefaultTimeout = 30 }.ConnectionString);
            builder.AddInterceptors(SqlitePragmas.Instance);
        }

        // The migrations are written by hand and one set serves both databases; a test compares what they make with the model.
        builder.ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));
    }

    /// <summary>A commit need not wait for the disk: in WAL mode a power cut may lose the last ones but never damages the file.</summary>
    private sealed class SqlitePragmas : DbConnectionInterceptor
    {
        public static readonly SqlitePragmas Instance = new();

        public override void ConnectionOpened(System.Data.Common.DbConnection connection, ConnectionEndEventData eventData) => Set(connection);

        public override Task ConnectionOpenedAsync(System.Data.Common.DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Set(connection);
            return Task.CompletedTask;
        }

        private static void Set(System.Data.Common.DbConnection connection)
        {
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000;";
            command.ExecuteNonQuery();
        }
    }
}
