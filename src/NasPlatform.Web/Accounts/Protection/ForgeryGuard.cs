using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.SignalR;

namespace NasPlatform.Web.Accounts.Protection;

/// <summary>
/// Against requests that a foreign site makes a browser send. What a browser says of where a request comes from must be this site: for all that changes something, and for
/// WebSockets, which no other rule covers. Beyond that, requests by cookie to anything but pages (which check their own forms) and hubs carry the antiforgery
/// token, in the header <c>RequestVerificationToken</c> or a form. Access tokens need neither: no browser sends them by itself.
/// </summary>
internal sealed class ForgeryGuard(RequestDelegate next, IAntiforgery antiforgery, IProblemDetailsService problems, ServeOptions options)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (await RefusalAsync(http) is not { } refusal)
        {
            await next(http);
        }
        else if (RefusalHandler.IsForPrograms(http.Request))
        {
            await RefusalHandler.WriteAsync(problems, http, refusal);
        }
        else
        {
            http.Response.StatusCode = refusal.Status;
        }
    }

    /// <summary>Whether the browser says that another site made it send this.</summary>
    internal static bool IsForeign(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var isOtherOrigin = origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && Authority(from) == request.Host.Value?.ToLowerInvariant());
        return isOtherOrigin || site is not ("" or "same-origin" or "none");
    }

    /// <summary>By HTTP/1.1; by HTTP/2 the method is CONNECT, which is not safe anyway. What ASP.NET says of it is known only later, in the endpoint.</summary>
    private static bool OpensWebSocket(HttpRequest request) => request.Headers.Upgrade.ToString().Contains("websocket", StringComparison.OrdinalIgnoreCase);

    private static string Authority(Uri origin) => origin.IsDefaultPort ? origin.Host : $"{origin.Host}:{origin.Port}";

    /// <summary>Pages check their forms; circuits and hubs are spoken to by scripts of ours that cannot send the token.</summary>
    private static bool ChecksItself(HttpContext http) =>
        http.Request.Path.StartsWithSegments("/_blazor")
        || (http.GetEndpoint()?.Metadata is { } metadata
            && (metadata.GetMetadata<IAntiforgeryMetadata>() is { RequiresValidation: true } || metadata.GetMetadata<HubMetadata>() is not null));

    private async Task<Answer?> RefusalAsync(HttpContext http)
    {
        var isSafe = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || HttpMethods.IsOptions(http.Request.Method);
        var isSaidWhatWentWrong = http.Features.Get<IStatusCodeReExecuteFeature>() is not null || http.Features.Get<IExceptionHandlerFeature>() is not null;
        if ((isSafe && !OpensWebSocket(http.Request)) || isSaidWhatWentWrong || http.User.Identity?.AuthenticationType == TokenAuthentication.Name)
        {
            return null;
        }

        if (IsForeign(http.Request))
        {
            return new(StatusCodes.Status403Forbidden, "Not allowed", "This was sent by another site.");
        }

        var needsToken = !isSafe && !options.IsLocal && http.User.Identity is { IsAuthenticated: true } && !ChecksItself(http);
        return !needsToken || await antiforgery.IsRequestValidAsync(http)
            ? null
            : new(StatusCodes.Status400BadRequest, "Not valid", "A request by cookie needs the header RequestVerificationToken, as the pages send it. Programs send an access token instead: Authorization: Bearer nas_...");
    }
}
