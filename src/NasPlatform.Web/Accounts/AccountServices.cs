using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Identity;
using NasPlatform.Web.Accounts.Administration;
using NasPlatform.Web.Accounts.Protection;
using NasPlatform.Web.Accounts.SignIn;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts;

/// <summary>Who one is and what one may ask for: authentication, and the rule that everything is closed unless it says otherwise.</summary>
internal static class AccountServices
{
    /// <summary>How long a sign-in lasts without a visit.</summary>
    public static readonly TimeSpan SessionTime = TimeSpan.FromHours(8);

    /// <summary>How long it may take until an account that is disabled or changed is noticed where somebody is signed in.</summary>
    public static readonly TimeSpan CheckEvery = TimeSpan.FromMinutes(1);

    private const string AnyScheme = "Any";

    public static void AddAccounts(this IServiceCollection services, ServeOptions options, IConfiguration configuration)
    {
        services.AddSingleton<AccountChanges>();
        services.AddSingleton<AccountActions>();
        services.AddSingleton<ProfileActions>();
        services.AddSingleton<TokenActions>();
        services.AddSingleton<ShareActions>();
        services.AddSingleton<AuditList>();
        services.AddSingleton<FirstStart>();
        services.AddSingleton<SignIns>();
        services.AddProxies(configuration);
        services.AddRateLimits();
        services.AddAntiforgery(antiforgery => antiforgery.Cookie.Name = "nas.forgery");
        services.AddProblemDetails();
        services.AddExceptionHandler<RefusalHandler>();
        services.AddCascadingAuthenticationState();
        services.AddDataProtection().SetApplicationName("NasPlatform").PersistKeysToDbContext<StoreContext>();
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddIdentity();
        if (options.IsLocal)
        {
            services.Configure<HostFilteringOptions>(hosts =>
            {
                hosts.AllowedHosts = LocalAuthentication.Hosts;
                hosts.AllowEmptyHosts = false;
            });
            services.AddAuthentication(LocalAuthentication.Name).AddScheme<AuthenticationSchemeOptions, LocalAuthentication>(LocalAuthentication.Name, null);
        }
        else
        {
            services.AddScoped<AuthenticationStateProvider, CircuitCheck>();
        }
    }

    private static void AddIdentity(this IServiceCollection services)
    {
        services.AddSingleton<IPasswordHasher<User>, PasswordHasher<User>>();
        services.AddSingleton<ILookupNormalizer, UpperInvariantLookupNormalizer>();
        services.AddIdentityCore<User>(identity =>
        {
            identity.User.RequireUniqueEmail = true;
            identity.User.AllowedUserNameCharacters = string.Empty;
            identity.Password = new() { RequiredLength = 10, RequireDigit = false, RequireLowercase = false, RequireUppercase = false, RequireNonAlphanumeric = false, RequiredUniqueChars = 1 };
            identity.Lockout = new() { MaxFailedAccessAttempts = 5, DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5), AllowedForNewUsers = true };
        }).AddEntityFrameworkStores<StoreContext>().AddSignInManager<SessionCheck>().AddClaimsPrincipalFactory<CallerClaims>().AddDefaultTokenProviders();
        services.Configure<DataProtectionTokenProviderOptions>(link => link.TokenLifespan = AccountActions.LinkTime);
        services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = 210_000);
        services.Configure<SecurityStampValidatorOptions>(stamp => stamp.ValidationInterval = CheckEvery);
        var authentication = services.AddAuthentication(AnyScheme)
            .AddPolicyScheme(AnyScheme, null, policy => policy.ForwardDefaultSelector = http =>
                RefusalHandler.IsForPrograms(http.Request) && TokenAuthentication.IsUsedBy(http.Request) ? TokenAuthentication.Name : IdentityConstants.ApplicationScheme)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.Name, null);
        authentication.AddApplicationCookie();

        // Identity takes this one back together with the session, whether or not anybody has it.
        authentication.AddTwoFactorRememberMeCookie();
        services.ConfigureApplicationCookie(cookie =>
        {
            cookie.Cookie.Name = "nas";
            cookie.ExpireTimeSpan = SessionTime;
            cookie.SlidingExpiration = true;
            cookie.LoginPath = "/login";
            cookie.AccessDeniedPath = "/denied";
            cookie.ReturnUrlParameter = "returnUrl";
            cookie.Events.OnRedirectToLogin = redirect => AnswerAsync(redirect.HttpContext, redirect.RedirectUri, new(StatusCodes.Status401Unauthorized, "Not signed in", "Sign in, or send an access token: Authorization: Bearer nas_..."));
            cookie.Events.OnRedirectToAccessDenied = redirect => AnswerAsync(redirect.HttpContext, redirect.RedirectUri, Answer.To(StatusCodes.Status403Forbidden));
        });
    }

    /// <summary>People are led to a page, programs told by the status.</summary>
    private static Task AnswerAsync(HttpContext http, string page, Answer answer)
    {
        if (RefusalHandler.IsForPrograms(http.Request))
        {
            return RefusalHandler.WriteAsync(http.RequestServices.GetRequiredService<IProblemDetailsService>(), http, answer);
        }

        http.Response.Redirect(page);
        return Task.CompletedTask;
    }
}
