using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using NasPlatform.Web.Store;
using Quartz;

namespace NasPlatform.Web.Health;

/// <summary>
/// Compares this machine's clock with the database's, each minute. Our leases are judged by the database alone, but Quartz's nodes judge each other by their own clocks: a node that is far
/// off takes no new work until its clock is right again.
/// </summary>
internal sealed partial class ClockGuard(PlatformStore store, IServiceProvider services, TimeProvider time, ILogger<ClockGuard> log) : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Suspicious = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Wrong = TimeSpan.FromSeconds(2);

    private long _skewMs;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Skew > Wrong ? HealthCheckResult.Unhealthy($"This machine's clock is off by {Skew.TotalSeconds:0.0} s.")
            : Skew > Suspicious ? HealthCheckResult.Degraded($"This machine's clock is off by {Skew.TotalSeconds:0.0} s.")
            : HealthCheckResult.Healthy());

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (Exception error) when (Jobs.Persistence.IsOfTheDatabase(error))
                {
                    // Looked at again in a minute.
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private TimeSpan Skew => TimeSpan.FromMilliseconds(Interlocked.Read(ref _skewMs));

    private async Task LookAsync(CancellationToken cancellation)
    {
        await using var context = store.Open();
        await context.Database.OpenConnectionAsync(cancellation);
        var asked = time.GetUtcNow();
        var theirs = await context.Database.SqlQueryRaw<long>("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS bigint) AS \"Value\"").SingleAsync(cancellation);
        var ours = asked + ((time.GetUtcNow() - asked) / 2);
        Interlocked.Exchange(ref _skewMs, Math.Abs(theirs - ours.ToUnixTimeMilliseconds()));
        if (Skew > Suspicious)
        {
            Off(log, Skew.TotalSeconds);
        }

        if (services.GetService<ISchedulerFactory>() is { } schedulers)
        {
            var scheduler = await schedulers.GetScheduler(cancellation);
            if (Skew > Wrong && scheduler.Status == SchedulerStatus.Running)
            {
                await scheduler.Standby(cancellation);
            }
            else if (Skew <= Wrong && scheduler.Status == SchedulerStatus.Standby)
            {
                await scheduler.Start(cancellation);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "This machine's clock and the database's differ by {Seconds:0.0} s; set the clock (NTP). Above 2 s no new work is taken.")]
    private static partial void Off(ILogger log, double seconds);
}
