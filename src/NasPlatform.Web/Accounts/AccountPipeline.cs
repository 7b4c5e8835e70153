namespace NasPlatform.Web.Accounts;

/// <summary>What each request passes before its endpoint.</summary>
internal static class AccountPipeline
{
    /// <summary>For every request, static files included: goes first.</summary>
    public static void UseProtection(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandlingPath = "/problem",
            StatusCodeSelector = error => Answer.To(error).Status,
            SuppressDiagnosticsCallback = context => Answer.IsExpected(context.Exception),
        });
    }

    /// <summary>Who asks, and whether they may: goes after static files and before the endpoints. Everything after it is closed unless it says otherwise.</summary>
    public static void UseAccounts(this WebApplication app)
    {
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
    }
}
