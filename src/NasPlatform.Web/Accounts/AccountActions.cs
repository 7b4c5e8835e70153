using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts;

/// <summary>What administrators do with accounts.</summary>
internal sealed class AccountActions(AccountChanges accounts, PlatformStore store, TimeProvider time)
{
    /// <summary>How long a link with which one chooses a password is good for.</summary>
    public static readonly TimeSpan LinkTime = TimeSpan.FromDays(3);

    /// <summary>All accounts, by name.</summary>
    public async Task<IReadOnlyList<AccountRow>> ListAsync(Caller caller, CancellationToken cancellation)
    {
        caller.Demand(Role.Administrator);
        var now = time.GetUtcNow();
        await using var context = store.Open();
        return await context.Users.OrderBy(user => user.DisplayName).ThenBy(user => user.Id).Select(user => new AccountRow(
            user.Id,
            user.DisplayName,
            user.Email!, // not null: every account is made with one
            user.Role,
            user.IsDisabled,
            user.PasswordHash != null,
            user.LockoutEnd > now ? user.LockoutEnd : null,
            user.CreatedAt,
            user.LastSeenAt)).ToListAsync(cancellation);
    }

    /// <summary>Makes an account that has no password yet.</summary>
    /// <returns>The path of a page where the person chooses one: once, within <see cref="LinkTime"/>.</returns>
    /// <exception cref="Search.UserErrorException">The name or the address will not do, or the address has an account.</exception>
    public Task<string> InviteAsync(Caller caller, string? name, string? email, Role role, CancellationToken cancellation)
    {
        caller.Demand(Role.Administrator);
        return accounts.RunAsync(
            async (users, context, again) =>
            {
                var now = time.GetUtcNow();
                var user = NewUser(name, email, role, now);
                (await users.CreateAsync(user)).Demand();
                context.Audit(caller, "account.invite", user.Id, $"Invited {user.DisplayName} ({user.Email}) as {Word(role)}.", now);
                return await LinkAsync(users, user);
            },
            cancellation);
    }

    /// <summary>A new link for somebody who has lost the password or the link; the links before it work no more.</summary>
    public Task<string> MakeLinkAsync(Caller caller, Guid id, CancellationToken cancellation) => ChangeAsync(
        caller,
        id,
        "account.link",
        user => $"Made a link with which {user.DisplayName} chooses a new password.",
        async (users, user) =>
        {
            (await users.UpdateSecurityStampAsync(user)).Demand();
            return await LinkAsync(users, user);
        },
        cancellation);

    /// <summary>Changes what somebody may do; they have to sign in again.</summary>
    public Task SetRoleAsync(Caller caller, Guid id, Role role, CancellationToken cancellation) => ChangeAsync(
        caller,
        id,
        "account.role",
        user => $"Made {user.DisplayName} {Word(role)}.",
        async (users, user) =>
        {
            await DemandAnotherAdministratorAsync(users, user, user.Role == Role.Administrator && role != Role.Administrator);
            user.Role = role;
            (await users.UpdateSecurityStampAsync(user)).Demand();
            return true;
        },
        cancellation);

    /// <summary>Shuts an account, or opens it again. Whoever is signed in with it is not any more within a minute; its tokens stop at once.</summary>
    public Task SetDisabledAsync(Caller caller, Guid id, bool isDisabled, CancellationToken cancellation) => ChangeAsync(
        caller,
        id,
        isDisabled ? "account.disable" : "account.enable",
        user => $"{(isDisabled ? "Disabled" : "Enabled")} the account of {user.DisplayName}.",
        async (users, user) =>
        {
            await DemandAnotherAdministratorAsync(users, user, user.Role == Role.Administrator && isDisabled);
            user.IsDisabled = isDisabled;
            (await users.UpdateSecurityStampAsync(user)).Demand();
            return true;
        },
        cancellation);

    /// <summary>Lets somebody in again who has mistaken the password too often.</summary>
    public Task UnlockAsync(Caller caller, Guid id, CancellationToken cancellation) => ChangeAsync(
        caller,
        id,
        "account.unlock",
        user => $"Unlocked the account of {user.DisplayName}.",
        async (users, user) =>
        {
            (await users.SetLockoutEndDateAsync(user, null)).Demand();
            (await users.ResetAccessFailedCountAsync(user)).Demand();
            return true;
        },
        cancellation);

    internal static User NewUser(string? name, string? email, Role role, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        DisplayName = AccountChanges.CheckedName(name),
        Email = email?.Trim(),
        UserName = email?.Trim(),
        Role = role,
        CreatedAt = now,
    };

    private static string Word(Role role) => role.ToString().ToLowerInvariant();

    private static async Task<string> LinkAsync(UserManager<User> users, User user) =>
        QueryHelpers.AddQueryString("/welcome", new Dictionary<string, string?> { ["person"] = user.Id.ToString(), ["key"] = await users.GeneratePasswordResetTokenAsync(user) });

    /// <exception cref="RefusedException">Nobody would be left who may do this.</exception>
    private static async Task DemandAnotherAdministratorAsync(UserManager<User> users, User user, bool isLeaving)
    {
        if (isLeaving && !await users.Users.AnyAsync(other => other.Id != user.Id && other.Role == Role.Administrator && !other.IsDisabled && other.PasswordHash != null))
        {
            throw RefusedException.Conflict($"{user.DisplayName} is the only administrator who can sign in; make another one first.");
        }
    }

    private Task<T> ChangeAsync<T>(Caller caller, Guid id, string action, Func<User, string> text, Func<UserManager<User>, User, Task<T>> change, CancellationToken cancellation)
    {
        caller.Demand(Role.Administrator);
        return accounts.RunAsync(
            async (users, context, again) =>
            {
                var user = await users.FindByIdAsync(id.ToString()) ?? throw RefusedException.NotFound("account");
                var result = await change(users, user);
                context.Audit(caller, action, id, text(user), time.GetUtcNow());
                return result;
            },
            cancellation);
    }
}
