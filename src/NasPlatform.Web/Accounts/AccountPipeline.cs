using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using NasPlatform.Web.Accounts.Protection;
using NasPlatform.Web.Accounts.SignIn;

namespace NasPlatform.Web.Accounts;

/// <summary>What each request passes before its endpoint.</summary>
internal static class AccountPipeline
{
    /// <summary>For every request, static files included: goes first.</summary>
    public static void UseProtection(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseSecurityHeaders();
        app.UseCookiePolicy(new CookiePolicyOptions { OnAppendCookie = cookie => cookie.CookieOptions.Secure |= !cookie.Context.Request.IsLoopback() });
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandlingPath = "/problem",
            CreateScopeForErrors = true,
            StatusCodeSelector = error => Answer.To(error).Status,
            SuppressDiagnosticsCallback = context => Answer.IsExpected(context.Exception),
        });
    }

    /// <summary>Who asks, and whether they may: goes after static files and before the endpoints. Everything after it is closed unless it says otherwise.</summary>
    public static void UseAccounts(this WebApplication app)
    {
        app.UseRouting();
        app.UseMiddleware<FirstStartGate>();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseMiddleware<ForgeryGuard>();
        app.UseAuthorization();
        app.UseAntiforgery();
    }

    /// <summary>What is asked for by a button and has no page.</summary>
    public static void MapAccounts(this WebApplication app) => app.MapPost("/logout", async (HttpContext http) =>
    {
        await http.SignOutAsync(IdentityConstants.ApplicationScheme);
        return Results.LocalRedirect("/login");
    });
}
