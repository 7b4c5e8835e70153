using Microsoft.AspNetCore.Http.HttpResults;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Jobs;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Api;

/// <summary>What waits and runs, and who works.</summary>
internal static class QueueEndpoints
{
    public static void MapQueue(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/queue", GetAsync).WithTags("Queue").WithSummary("Jobs that wait and run, and the nodes that take them");

    private static async Task<Ok<QueueList>> GetAsync(HttpContext http, PlatformStore store, CancellationToken cancellation)
    {
        await using var context = store.Open();
        return TypedResults.Ok(await QueueList.LoadAsync(context, http.GetCaller(), cancellation));
    }
}
