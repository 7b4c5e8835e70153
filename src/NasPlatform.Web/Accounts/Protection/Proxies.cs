using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using NasPlatform.Search;

namespace NasPlatform.Web.Accounts.Protection;

/// <summary>
/// Proxies in front of the server, from <c>Proxies</c> in appsettings.json: addresses such as <c>10.0.0.7</c> or networks such as <c>10.0.0.0/24</c>. Only what they say of the
/// browser's address, scheme and host is believed; without any, nobody is.
/// </summary>
internal static class Proxies
{
    public static void AddProxies(this IServiceCollection services, IConfiguration configuration)
    {
        var proxies = configuration.GetSection("Proxies").Get<string[]>() ?? [];
        services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = proxies.Length == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            forwarded.ForwardLimit = null;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in proxies)
            {
                forwarded.KnownIPNetworks.Add(Parse(proxy));
            }
        });
        foreach (var proxy in proxies)
        {
            Parse(proxy);
        }
    }

    /// <exception cref="UserErrorException">It is neither an address nor a network.</exception>
    private static System.Net.IPNetwork Parse(string proxy)
    {
        if (IPAddress.TryParse(proxy, out var address))
        {
            return new(address, address.GetAddressBytes().Length * 8);
        }

        return System.Net.IPNetwork.TryParse(proxy, out var network)
            ? network
            : throw new UserErrorException($"{AppSettings.FileName} names the proxy '{proxy}', which is neither an address like 10.0.0.7 nor a network like 10.0.0.0/24.");
    }
}
