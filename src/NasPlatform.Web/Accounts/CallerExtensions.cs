using System.Security.Claims;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts;

/// <summary>Who asks, read from what authentication found.</summary>
internal static class CallerExtensions
{
    /// <summary>The claim that holds the <see cref="Role"/>.</summary>
    public const string RoleClaim = "nas:role";

    /// <summary>Who asks by this request. Only for routes that demand authentication, as all do by default.</summary>
    public static Caller GetCaller(this HttpContext http) => http.User.ToCaller(http.Connection.RemoteIpAddress?.ToString());

    /// <exception cref="RefusedException">Nobody is signed in.</exception>
    public static Caller ToCaller(this ClaimsPrincipal user, string? remoteAddress = null)
    {
        if (user.Identity is not { IsAuthenticated: true } || !Enum.TryParse<Role>(user.FindFirstValue(RoleClaim), out var role))
        {
            throw RefusedException.Forbidden("Sign in first.");
        }

        Guid? id = Guid.TryParse(user.FindFirstValue(ClaimTypes.NameIdentifier), out var parsed) ? parsed : null;
        return new(id, role, user.Identity.Name ?? "somebody", remoteAddress);
    }
}
