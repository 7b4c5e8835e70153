namespace NasPlatform.Web.Accounts.SignIn;

/// <summary>As long as there is no account, every page leads to the one where the first is made.</summary>
internal sealed class FirstStartGate(RequestDelegate next, FirstStart first, IProblemDetailsService problems)
{
    private static readonly PathString[] Open = ["/setup", "/health", "/problem", "/status", "/_framework", "/_blazor"];

    public async Task InvokeAsync(HttpContext http)
    {
        if (Open.Any(path => http.Request.Path.StartsWithSegments(path)) || await first.IsOverAsync(http.RequestAborted))
        {
            await next(http);
        }
        else if (RefusalHandler.IsForPrograms(http.Request))
        {
            await RefusalHandler.WriteAsync(problems, http, new(StatusCodes.Status409Conflict, "Not set up", "There is no account yet. Open the platform in a browser and make the first one."));
        }
        else
        {
            http.Response.Redirect("/setup");
        }
    }
}
