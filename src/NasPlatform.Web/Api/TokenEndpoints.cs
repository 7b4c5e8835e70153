using Microsoft.AspNetCore.Http.HttpResults;
using NasPlatform.Web.Accounts;

namespace NasPlatform.Web.Api;

/// <summary>Personal access tokens.</summary>
internal static class TokenEndpoints
{
    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/tokens").WithTags("Access tokens");
        group.MapGet("", ListAsync).WithSummary("The caller's access tokens").WithDescription("The tokens themselves are not kept.");
        group.MapPost("", CreateAsync).WithSummary("Makes an access token").WithDescription("It is in this answer only. A request that says who it is by an access token is refused: one that leaked must not make another.");
        group.MapDelete("/{id:guid}", RevokeAsync).WithSummary("Revokes an access token of the caller's");
    }

    private static async Task<Ok<IReadOnlyList<TokenRow>>> ListAsync(HttpContext http, TokenActions actions, CancellationToken cancellation) =>
        TypedResults.Ok(await actions.ListAsync(http.GetCaller(), cancellation));

    private static async Task<Ok<MadeToken>> CreateAsync(NewToken given, HttpContext http, TokenActions actions, CancellationToken cancellation)
    {
        if (TokenAuthentication.IsUsedBy(http.Request))
        {
            // A token that leaked would otherwise outlive its own end and its revocation.
            throw RefusedException.Forbidden("An access token cannot make another. Make it on your account's page.");
        }

        return TypedResults.Ok(new MadeToken(await actions.CreateAsync(http.GetCaller(), given.Name, given.ExpiresAt, cancellation)));
    }

    private static async Task<NoContent> RevokeAsync(Guid id, HttpContext http, TokenActions actions, CancellationToken cancellation)
    {
        await actions.RevokeAsync(http.GetCaller(), id, cancellation);
        return TypedResults.NoContent();
    }
}

/// <summary>An access token to make.</summary>
/// <param name="Name">What its owner calls it, 1 to 100 characters.</param>
/// <param name="ExpiresAt">Null for never.</param>
internal sealed record NewToken(string Name, DateTimeOffset? ExpiresAt = null);

/// <summary>An access token that was made.</summary>
/// <param name="Token">Shown this once.</param>
internal sealed record MadeToken(string Token);
