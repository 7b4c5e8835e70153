using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NasPlatform.Web.Health;

/// <summary>Whether the disk of the data folder has space left for checkpoints and models.</summary>
internal sealed class DiskCheck(DataFolders folders) : IHealthCheck
{
    private const long Little = 2L << 30;
    private const long TooLittle = 200L << 20;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(new DriveInfo(folders.Root).AvailableFreeSpace switch
        {
            < TooLittle => HealthCheckResult.Unhealthy("The disk is full."),
            < Little => HealthCheckResult.Degraded("The disk is nearly full."),
            _ => HealthCheckResult.Healthy(),
        });
}
