using System.Net;

namespace NasPlatform.Web.Accounts.Protection;

/// <summary>Whether a request comes to this machine under a name that only this machine can use.</summary>
internal static class Loopback
{
    public static bool IsLoopback(this HttpRequest request) =>
        request.Host.Host is "localhost" || (IPAddress.TryParse(request.Host.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>Whether the browser keeps our cookies: beyond this machine they go over https only.</summary>
    public static bool KeepsCookies(this HttpRequest request) => request.IsHttps || request.IsLoopback();
}
