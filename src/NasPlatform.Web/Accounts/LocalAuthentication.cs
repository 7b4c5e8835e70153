using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts;

/// <summary>
/// <c>--local</c>: whoever is on this machine is the administrator, without an account. The server then listens on loopback only and answers only to loopback's
/// names in Host, so that a foreign site whose name was rebound to 127.0.0.1 gets nothing.
/// </summary>
internal sealed class LocalAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "Local";

    public static readonly string[] Hosts = ["localhost", "127.0.0.1", "[::1]"];

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.Connection.RemoteIpAddress is not { } remote || !IPAddress.IsLoopback(remote))
        {
            return Task.FromResult(AuthenticateResult.Fail("Only this machine itself is served without accounts."));
        }

        var identity = new ClaimsIdentity([new(ClaimTypes.Name, "you"), new(CallerExtensions.RoleClaim, nameof(Role.Administrator))], Name);
        return Task.FromResult(AuthenticateResult.Success(new(new ClaimsPrincipal(identity), Name)));
    }
}
