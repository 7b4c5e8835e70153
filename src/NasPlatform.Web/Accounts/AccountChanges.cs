using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using NasPlatform.Search;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts;

/// <summary>The door to changes of accounts: Identity's rules within one transaction of the store, so that a change and its line in the audit are kept together.</summary>
internal sealed class AccountChanges(PlatformStore store, IServiceScopeFactory scopes)
{
    public Task<T> RunAsync<T>(Func<UserManager<User>, StoreContext, CancellationToken, Task<T>> change, CancellationToken cancellation) => store.WriteAsync(
        async (context, again) =>
        {
            await using var scope = scopes.CreateAsyncScope();
            using var rows = new UserOnlyStore<User, StoreContext, Guid>(context);
            using var users = ActivatorUtilities.CreateInstance<UserManager<User>>(scope.ServiceProvider, rows);
            return await change(users, context, again);
        },
        cancellation);

    public Task RunAsync(Func<UserManager<User>, StoreContext, CancellationToken, Task> change, CancellationToken cancellation) => RunAsync(
        async (users, context, again) =>
        {
            await change(users, context, again);
            return true;
        },
        cancellation);

    /// <summary>The name that others see, as it is kept.</summary>
    /// <exception cref="UserErrorException">It is empty or too long.</exception>
    public static string CheckedName(string? name) => name?.Trim() is { Length: > 0 and <= 100 } given && !given.Any(char.IsControl)
        ? given
        : throw new UserErrorException("A name has 1 to 100 characters, none of them control characters.");
}

/// <summary>What Identity refuses.</summary>
internal static class IdentityResults
{
    /// <exception cref="UserErrorException">It was refused; the message says why.</exception>
    public static void Demand(this IdentityResult result)
    {
        // The e-mail address is the name one signs in with; one sentence about it is enough.
        var problems = result.Errors.Where(error => error.Code is not (nameof(IdentityErrorDescriber.DuplicateUserName) or nameof(IdentityErrorDescriber.InvalidUserName)))
            .Select(error => error.Description).ToList();
        if (!result.Succeeded)
        {
            throw new UserErrorException(problems.Count > 0 ? string.Join(' ', problems) : string.Join(' ', result.Errors.Select(error => error.Description)));
        }
    }
}
