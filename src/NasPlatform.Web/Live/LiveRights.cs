using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Live;

/// <summary>Whether a viewer may see an experiment now: by what the account, session or token is now, not by what it was when the connection began.</summary>
internal sealed class LiveRights(PlatformStore store, IOptions<IdentityOptions> identity, TimeProvider time)
{
    public async Task<bool> MaySeeAsync(ClaimsPrincipal viewer, Guid experimentId, CancellationToken cancellation)
    {
        if (viewer.Identity is not { IsAuthenticated: true })
        {
            return false;
        }

        await using var context = store.Open();
        return await NowAsync(context, viewer, cancellation) is { } caller
            && await context.Experiments.VisibleTo(caller).AnyAsync(experiment => experiment.Id == experimentId, cancellation);
    }

    /// <summary>The caller as the account is now; null when it is disabled or gone, its sessions were ended, or the token was revoked.</summary>
    private async Task<Caller?> NowAsync(StoreContext context, ClaimsPrincipal viewer, CancellationToken cancellation)
    {
        var connected = viewer.ToCaller();
        if (connected.UserId is not { } id)
        {
            return connected; // the one person of --local
        }

        var user = await context.Users.Where(user => user.Id == id && !user.IsDisabled).Select(user => new { user.Role, user.SecurityStamp }).SingleOrDefaultAsync(cancellation);
        var isStanding = Guid.TryParse(viewer.FindFirstValue(TokenAuthentication.IdClaim), out var tokenId)
            ? await IsStandingAsync(context, tokenId, cancellation)
            : user?.SecurityStamp == viewer.FindFirstValue(identity.Value.ClaimsIdentity.SecurityStampClaimType);
        return user is not null && isStanding ? connected with { Role = user.Role } : null;
    }

    private Task<bool> IsStandingAsync(StoreContext context, Guid tokenId, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return context.AccessTokens.AnyAsync(token => token.Id == tokenId && token.RevokedAt == null && (token.ExpiresAt == null || token.ExpiresAt > now), cancellation);
    }
}
