using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;

namespace NasPlatform.Web.Accounts.Protection;

/// <summary>
/// How often one may ask, per server. A request falls under one limit at most: trying to come in and opening a public link by address, uploads and REST by person.
/// Beyond it the answer is 429 with Retry-After.
/// </summary>
internal static class RateLimits
{
    public const int SignInsAMinute = 20;
    public const int SharedViewsAMinute = 60;
    public const int UploadsAtOnce = 2;
    public const int RequestsAtOnce = 600;
    public const int RequestsASecond = 100;

    private const int WindowSeconds = 60;
    private const int Segments = 6;

    /// <summary>Where one gives something secret by a form.</summary>
    private static readonly PathString[] Doors = ["/login", "/setup", "/welcome", "/account"];

    public static void AddRateLimits(this IServiceCollection services) => services.AddRateLimiter(limits =>
    {
        limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limits.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(PartitionOf);
        limits.OnRejected = RejectAsync;
    });

    internal static RateLimitPartition<string> PartitionOf(HttpContext http)
    {
        var path = http.Request.Path;
        var address = http.Connection.RemoteIpAddress?.ToString() ?? "nowhere";
        var person = http.User.Identity is { IsAuthenticated: true } ? http.User.ToCaller().UserId?.ToString() ?? "local" : address;
        if (HttpMethods.IsPost(http.Request.Method) && Doors.Any(door => path.StartsWithSegments(door)))
        {
            return RateLimitPartition.GetSlidingWindowLimiter($"door {address}", _ => Window(SignInsAMinute));
        }

        if (path.StartsWithSegments("/s", out var token))
        {
            // What follows the token belongs to the same link: its files, its pictures.
            var link = token.Value?.Split('/', 3) is [_, var first, ..] ? SecretToken.Hash(first) : "";
            return RateLimitPartition.GetSlidingWindowLimiter($"share {address} {link}", _ => Window(SharedViewsAMinute));
        }

        if (!path.StartsWithSegments("/api"))
        {
            return RateLimitPartition.GetNoLimiter("");
        }

        return path.StartsWithSegments("/api/v1/uploads") && !HttpMethods.IsGet(http.Request.Method)
            ? RateLimitPartition.GetConcurrencyLimiter($"upload {person}", _ => new() { PermitLimit = UploadsAtOnce })
            : RateLimitPartition.GetTokenBucketLimiter(
                $"api {person}",
                _ => new() { TokenLimit = RequestsAtOnce, TokensPerPeriod = RequestsASecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1) });
    }

    private static SlidingWindowRateLimiterOptions Window(int permits) =>
        new() { PermitLimit = permits, Window = TimeSpan.FromSeconds(WindowSeconds), SegmentsPerWindow = Segments };

    private static async ValueTask RejectAsync(OnRejectedContext rejected, CancellationToken cancellation)
    {
        var http = rejected.HttpContext;
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var time) ? time : TimeSpan.FromSeconds(RefusalHandler.IsForPrograms(http.Request) ? 1 : WindowSeconds / Segments);
        http.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (RefusalHandler.IsForPrograms(http.Request))
        {
            await RefusalHandler.WriteAsync(http.RequestServices.GetRequiredService<IProblemDetailsService>(), http, Answer.To(StatusCodes.Status429TooManyRequests));
        }
    }
}
