using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Health;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can do its work; names each part with its state and nothing of where it is.</summary>
internal static class HealthServices
{
    public static IServiceCollection AddHealth(this IServiceCollection services, StoreOptions database)
    {
        var checks = services.AddHealthChecks().AddCheck<DatabaseCheck>("database").AddCheck<DiskCheck>("disk");
        if (database.IsPostgres)
        {
            services.AddSingleton<ClockGuard>();
            services.AddHostedService(provider => provider.GetRequiredService<ClockGuard>());
            checks.AddCheck<ClockGuard>("clock");
        }

        return services;
    }

    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new() { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new() { ResponseWriter = WriteAsync }).AllowAnonymous();
    }

    private static Task WriteAsync(HttpContext http, HealthReport report) => http.Response.WriteAsJsonAsync(
        new { status = Word(report.Status), checks = report.Entries.ToDictionary(entry => entry.Key, entry => Word(entry.Value.Status)) }, http.RequestAborted);

    private static string Word(HealthStatus status) => status.ToString().ToLowerInvariant();
}
