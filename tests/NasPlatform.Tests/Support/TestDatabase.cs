namespace NasPlatform.Tests.Support;

/// <summary>Where a contract's tests keep their data.</summary>
public enum TestDatabase
{
    Sqlite,
    Postgres,
}

internal static class TestDatabases
{
    /// <summary>The connection string of an empty database; null for SQLite. Skips the test where there is no PostgreSQL.</summary>
    public static async Task<string?> CreateAsync(this TestDatabase database) =>
        database == TestDatabase.Sqlite ? null : await (await PostgresServer.RequireAsync()).CreateDatabaseAsync();
}
