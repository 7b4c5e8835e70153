using Microsoft.AspNetCore.Http.HttpResults;
using NasPlatform.Web.Accounts;

namespace NasPlatform.Web.Api;

/// <summary>Public links to experiments.</summary>
internal static class ShareEndpoints
{
    public static void MapShares(this IEndpointRouteBuilder routes)
    {
        var ofExperiment = routes.MapGroup("/experiments/{id:guid}/links").WithTags("Public links");
        ofExperiment.MapGet("", ListAsync).WithSummary("An experiment's public links").WithDescription("Those that ended too. For its owner and administrators.");
        ofExperiment.MapPost("", CreateAsync).WithSummary("Makes a public link").WithDescription("Its address is in the answer and nowhere else: it is not kept.");
        var group = routes.MapGroup("/links/{id:guid}").WithTags("Public links");
        group.MapPut("/expiry", SetExpiryAsync).WithSummary("Changes when a public link expires");
        group.MapDelete("", RevokeAsync).WithSummary("Revokes a public link");
    }

    private static async Task<Ok<IReadOnlyList<ShareRow>>> ListAsync(Guid id, HttpContext http, ShareActions actions, CancellationToken cancellation) =>
        TypedResults.Ok(await actions.ListAsync(http.GetCaller(), id, cancellation));

    private static async Task<Created<NewLink>> CreateAsync(Guid id, LinkTerms terms, HttpContext http, ShareActions actions, CancellationToken cancellation)
    {
        var (link, token) = await actions.CreateAsync(http.GetCaller(), id, terms.ExpiresAt, terms.AllowsDownloads, cancellation);
        var address = $"{http.Request.Scheme}://{http.Request.Host}/s/{token}";
        return TypedResults.Created(address, new NewLink(link, address));
    }

    private static async Task<NoContent> SetExpiryAsync(Guid id, LinkExpiry expiry, HttpContext http, ShareActions actions, CancellationToken cancellation)
    {
        await actions.SetExpiryAsync(http.GetCaller(), id, expiry.ExpiresAt, cancellation);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> RevokeAsync(Guid id, HttpContext http, ShareActions actions, CancellationToken cancellation)
    {
        await actions.RevokeAsync(http.GetCaller(), id, cancellation);
        return TypedResults.NoContent();
    }
}

/// <summary>What a public link is to allow.</summary>
/// <param name="ExpiresAt">Null: it does not expire.</param>
/// <param name="AllowsDownloads">Whether the model's files can be had by it.</param>
internal sealed record LinkTerms(DateTimeOffset? ExpiresAt = null, bool AllowsDownloads = true);

/// <summary>When a public link expires; null for never.</summary>
internal sealed record LinkExpiry(DateTimeOffset? ExpiresAt);

/// <summary>A public link that was made.</summary>
internal sealed record NewLink(Guid Id, string Url);
