using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace NasPlatform.Web.Jobs;

/// <summary>Writes that must happen however long the database is away.</summary>
internal static partial class Persistence
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Repeats a unit of work until it succeeds or is cancelled; only faults of the database are waited out.</summary>
    public static async Task<T> UntilDoneAsync<T>(Func<CancellationToken, Task<T>> write, ILogger log, TimeProvider time, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await write(cancellation);
            }
            catch (Exception error) when (IsOfTheDatabase(error) && !cancellation.IsCancellationRequested)
            {
                Waiting(log, error.Message);
                await Task.Delay(Pause, time, cancellation);
            }
        }
    }

    public static Task UntilDoneAsync(Func<CancellationToken, Task> write, ILogger log, TimeProvider time, CancellationToken cancellation) =>
        UntilDoneAsync(
            async again =>
            {
                await write(again);
                return true;
            },
            log,
            time,
            cancellation);

    /// <summary>Whether a fault is the database's or the way to it, and not the program's.</summary>
    public static bool IsOfTheDatabase(Exception error) =>
        error is RetryLimitExceededException or TimeoutException
        || (error is DbException { IsTransient: true })
        || (error is Npgsql.NpgsqlException and not Npgsql.PostgresException)
        || (error is Npgsql.PostgresException { SqlState: "57P01" or "57P02" or "57P03" or "53300" or "25P03" })
        || (error is Microsoft.Data.Sqlite.SqliteException { SqliteErrorCode: 5 or 6 or 10 or 13 })
        || (error is DbUpdateException or InvalidOperationException && error.InnerException is { } inner && IsOfTheDatabase(inner));

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database does not answer ({Error}); trying again.")]
    private static partial void Waiting(ILogger log, string error);
}
