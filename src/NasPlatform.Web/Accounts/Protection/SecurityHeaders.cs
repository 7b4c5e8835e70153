namespace NasPlatform.Web.Accounts.Protection;

/// <summary>What browsers are told to forbid, with every answer.</summary>
internal static class SecurityHeaders
{
    public static void UseSecurityHeaders(this WebApplication app) => app.Use((http, next) =>
    {
        http.Response.OnStarting(Add, http);
        return next(http);
    });

    private static Task Add(object state)
    {
        var http = (HttpContext)state;
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy(http.Request.Host.Value);
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        if (http.Request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }

        // What is made for one person is kept by nobody; files set their own rule.
        if (string.IsNullOrEmpty(headers.CacheControl))
        {
            headers.CacheControl = "no-store";
        }

        return Task.CompletedTask;
    }

    /// <summary>
    /// No inline scripts and nothing from elsewhere. Styles may be inline, as charts and widgets set them; WebAssembly runs models in the browser; the
    /// live connections are named with their schemes, because not every browser counts WebSockets to 'self'.
    /// </summary>
    private static string Policy(string? host) => string.Join("; ",
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        $"connect-src 'self' ws://{host} wss://{host}",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'");
}
