using Microsoft.AspNetCore.Diagnostics;

namespace NasPlatform.Web.Accounts;

/// <summary>Turns what stops a request of a program into problem details; for people the page <c>/problem</c> answers instead.</summary>
internal sealed class RefusalHandler(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!IsForPrograms(httpContext.Request))
        {
            return false;
        }

        await WriteAsync(problems, httpContext, Answer.To(exception));
        return true;
    }

    /// <summary>Whether problem details are the answer to what goes wrong; else a page is.</summary>
    public static bool IsForPrograms(HttpRequest request)
    {
        // Where something went wrong, the request's path is that of the page that says so by now.
        PathString path = request.HttpContext.Features.Get<IExceptionHandlerPathFeature>()?.Path ?? request.Path;
        return path.StartsWithSegments("/api") || path.StartsWithSegments("/live");
    }

    public static async Task WriteAsync(IProblemDetailsService problems, HttpContext http, Answer answer)
    {
        http.Response.StatusCode = answer.Status;
        await problems.WriteAsync(new()
        {
            HttpContext = http,
            ProblemDetails = { Status = answer.Status, Title = answer.Title, Detail = answer.Text },
        });
    }
}
