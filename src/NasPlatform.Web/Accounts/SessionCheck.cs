using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts;

/// <summary>Whether a cookie still stands: the stamp is the account's, and the account is not disabled. Writes down when its owner was seen.</summary>
internal sealed class SessionCheck(
    UserManager<User> users,
    IHttpContextAccessor http,
    IUserClaimsPrincipalFactory<User> claims,
    IOptions<IdentityOptions> options,
    ILogger<SignInManager<User>> logger,
    IAuthenticationSchemeProvider schemes,
    IUserConfirmation<User> confirmation,
    PlatformStore store,
    TimeProvider time)
    : SignInManager<User>(users, http, claims, options, logger, schemes, confirmation)
{
    private static readonly TimeSpan SeenResolution = TimeSpan.FromMinutes(10);

    public override async Task<bool> ValidateSecurityStampAsync(User? user, string? securityStamp)
    {
        if (user is not { IsDisabled: false } || !await base.ValidateSecurityStampAsync(user, securityStamp))
        {
            return false;
        }

        var now = time.GetUtcNow();
        if (user.LastSeenAt is not { } seen || now - seen >= SeenResolution)
        {
            await store.WriteAsync(
                (context, again) => context.Users.Where(row => row.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.LastSeenAt, now), again),
                Context.RequestAborted);
        }

        return true;
    }
}
