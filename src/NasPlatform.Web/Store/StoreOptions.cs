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
    private const int MostRetries = 4;

    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(2);

    public bool IsPostgres => Postgres is not null;

    /// <summary>
    /// The connection string, completed where it is silent: a connection that only listens must notice that its peer is gone, and a process that is frozen in the middle of a
    /// transaction must not keep the rows locked that it holds.
    /// </summary>
    public string PostgresConnection
    {
        get
        {
            var builder = new NpgsqlConnectionStringBuilder(Postgres);
            builder.KeepAlive = builder.KeepAlive == 0 ? 15 : builder.KeepAlive;
            builder.Options = string.IsNullOrEmpty(builder.Options) ? "-c idle_in_transaction_session_timeout=10s" : builder.Options;
            return builder.ConnectionString;
        }
    }

    public void Configure(DbContextOptionsBuilder builder)
    {
        if (IsPostgres)
        {
            builder.UseNpgsql(PostgresConnection, npgsql => npgsql.EnableRetryOnFailure(MostRetries, LongestRetryDelay, null));
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
