using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts;

/// <summary>What people do with their own accounts.</summary>
internal sealed class ProfileActions(AccountChanges accounts, TimeProvider time)
{
    /// <returns>The account, changed.</returns>
    /// <exception cref="Search.UserErrorException">The name is empty or too long.</exception>
    public Task<User> RenameAsync(Caller caller, string? name, CancellationToken cancellation) => accounts.RunAsync(
        async (users, context, again) =>
        {
            var user = await OwnAsync(context, caller, again);
            user.DisplayName = AccountChanges.CheckedName(name);
            context.Audit(caller, "account.rename", user.Id, $"Is called {user.DisplayName} now.", time.GetUtcNow());
            return user;
        },
        cancellation);

    /// <summary>Changes the password; whoever is signed in elsewhere with the old one is not any more within a minute.</summary>
    /// <returns>The account, changed.</returns>
    /// <exception cref="Search.UserErrorException">The current password is wrong, or the new one too short.</exception>
    public Task<User> ChangePasswordAsync(Caller caller, string? current, string? wanted, CancellationToken cancellation) => accounts.RunAsync(
        async (users, context, again) =>
        {
            var user = await OwnAsync(context, caller, again);
            (await users.ChangePasswordAsync(user, current ?? "", wanted ?? "")).Demand();
            context.Audit(caller, "account.password", user.Id, "Changed the password.", time.GetUtcNow());
            return user;
        },
        cancellation);

    private static async Task<User> OwnAsync(StoreContext context, Caller caller, CancellationToken cancellation) =>
        await context.Users.SingleOrDefaultAsync(user => user.Id == caller.UserId, cancellation)
        ?? throw RefusedException.Conflict("The platform was started with --local, without accounts.");
}
