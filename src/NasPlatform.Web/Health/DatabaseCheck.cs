using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Health;

/// <summary>Whether the database takes a write: a row that is gone again before the commit.</summary>
internal sealed class DatabaseCheck(PlatformStore store, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await store.WriteAsync(WriteAsync, patience.Token);
            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy("The database does not take writes.", error);
        }
    }

    private async Task WriteAsync(StoreContext context, CancellationToken cancellation)
    {
        var row = new Node { Id = $"health-{Guid.NewGuid():N}", Machine = "health", Groups = "", Slots = 0, StartedAt = time.GetUtcNow() };
        context.Nodes.Add(row);
        await context.SaveChangesAsync(cancellation);
        await context.Nodes.Where(node => node.Id == row.Id).ExecuteDeleteAsync(cancellation);
    }
}
