using NasPlatform.Web.Jobs;
using NasPlatform.Web.Store;
using Npgsql;

namespace NasPlatform.Web.Progress;

/// <summary>
/// Hears of what other processes of the platform commit, by PostgreSQL's notifications. A hint only: what is missed while the connection is away, everybody finds by looking.
/// </summary>
internal sealed partial class ChangeListener(PlatformStore store, StoreOptions options, QueueSignal signal, TimeProvider time, ILogger<ChangeListener> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                Lost(log, error.Message);
                await Task.WhenAny(Task.Delay(Pause, time, stoppingToken));
            }
        }
    }

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        // Not of the pool: a session that listens is of no use to others.
        var own = new NpgsqlConnectionStringBuilder(options.PostgresConnection) { Pooling = false };
        await using var connection = new NpgsqlConnection(own.ConnectionString);
        connection.Notification += (_, notification) =>
        {
            if (notification.Channel == PlatformStore.ChangeChannel && Guid.TryParse(notification.Payload, out var experiment))
            {
                store.Tell(experiment);
            }
            else
            {
                signal.Wake();
            }
        };
        await connection.OpenAsync(stoppingToken);
        await using (var listen = new NpgsqlCommand($"LISTEN {PlatformStore.ChangeChannel}; LISTEN {PlatformStore.QueueChannel}", connection))
        {
            await listen.ExecuteNonQueryAsync(stoppingToken);
        }

        // What came while nobody listened.
        signal.Wake();
        while (true)
        {
            await connection.WaitAsync(stoppingToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What other processes change is heard of late until the database answers again: {Reason}")]
    private static partial void Lost(ILogger log, string reason);
}
