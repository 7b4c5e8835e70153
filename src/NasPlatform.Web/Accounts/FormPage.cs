using Microsoft.AspNetCore.Components;
using NasPlatform.Search;

namespace NasPlatform.Web.Accounts;

/// <summary>A page of forms that works without scripts: each post is one request, and what is refused is said above the form.</summary>
public abstract class FormPage : ComponentBase
{
    [Inject]
    protected NavigationManager Navigation { get; set; } = null!; // set by the framework, as all below

    [CascadingParameter]
    protected HttpContext Http { get; set; } = null!;

    /// <summary>Why the last post was not done, for people; null where it was.</summary>
    protected string? Problem { get; private set; }

    /// <summary>Who looks.</summary>
    protected Caller Caller => Http.GetCaller();

    protected CancellationToken Cancelled => Http.RequestAborted;

    /// <summary>Does what a form asks for.</summary>
    /// <returns>Whether it was done; else <see cref="Problem"/> says why not.</returns>
    protected async Task<bool> TryAsync(Func<Task> action)
    {
        try
        {
            await action();
            return true;
        }
        catch (Exception error) when (error is RefusedException or UserErrorException)
        {
            Problem = error.Message;
            return false;
        }
    }

    /// <summary>An address of this site to go to; <paramref name="wanted"/> comes from the request and may be anything.</summary>
    protected static string Local(string? wanted) =>
        wanted is ['/', not ('/' or '\\'), ..] && !wanted.Any(char.IsControl) ? wanted : "/";
}
