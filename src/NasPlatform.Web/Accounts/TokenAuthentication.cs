using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts;

/// <summary><c>Authorization: Bearer nas_...</c>: a personal access token acts as the person it belongs to.</summary>
internal sealed class TokenAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, PlatformStore store, IProblemDetailsService problems, TimeProvider time)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "Token";

    /// <summary>What every token begins with, so that people and scanners know one when they see it.</summary>
    public const string Prefix = "nas_";

    /// <summary>The claim that holds the token's id, by which a long connection is asked whether the token still stands.</summary>
    public const string IdClaim = "nas:token";

    /// <summary>Uses closer together than this are not written down one by one.</summary>
    private static readonly TimeSpan UseResolution = TimeSpan.FromMinutes(1);

    /// <summary>Whether the request says who it is by a token.</summary>
    public static bool IsUsedBy(HttpRequest request) => request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!IsUsedBy(Request))
        {
            return AuthenticateResult.NoResult();
        }

        var hash = SecretToken.Hash(Request.Headers.Authorization.ToString()["Bearer ".Length..].Trim());
        var now = time.GetUtcNow();
        await using var context = store.Open();
        var found = await (
            from token in context.AccessTokens
            join user in context.Users on token.UserId equals user.Id
            where token.TokenHash == hash && token.RevokedAt == null && (token.ExpiresAt == null || token.ExpiresAt > now) && !user.IsDisabled
            select new { token.Id, token.LastUsedAt, token.UserId, user.DisplayName, user.Role }).SingleOrDefaultAsync(Context.RequestAborted);
        if (found is null)
        {
            return AuthenticateResult.Fail("The access token is unknown, expired or revoked.");
        }

        if (found.LastUsedAt is not { } last || now - last >= UseResolution)
        {
            await store.WriteAsync(
                (writing, again) => writing.AccessTokens.Where(token => token.Id == found.Id)
                    .ExecuteUpdateAsync(set => set.SetProperty(token => token.LastUsedAt, now), again),
                Context.RequestAborted);
        }

        var identity = new ClaimsIdentity(
            [new(ClaimTypes.NameIdentifier, found.UserId.ToString()), new(ClaimTypes.Name, found.DisplayName), new(CallerExtensions.RoleClaim, found.Role.ToString()), new(IdClaim, found.Id.ToString())], Name);
        return AuthenticateResult.Success(new(new ClaimsPrincipal(identity), Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => RefusalHandler.WriteAsync(
        problems, Context, new(StatusCodes.Status401Unauthorized, "Not signed in", "The access token is unknown, expired or revoked. Make one on your account's page."));

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        RefusalHandler.WriteAsync(problems, Context, Answer.To(StatusCodes.Status403Forbidden));
}
