using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts.SignIn;

/// <summary>How people come in: the first account, a link with which one chooses a password, and e-mail address with password.</summary>
internal sealed class SignIns(
    AccountChanges accounts, PlatformStore store, FirstStart first, IPasswordHasher<User> hasher, ILookupNormalizer normalizer, TimeProvider time)
{
    /// <summary>What a password is compared with where there is no account, so that this takes as long.</summary>
    private static readonly User Nobody = new() { DisplayName = "nobody", Role = Role.Viewer, CreatedAt = default };

    private readonly string _nobodysHash = hasher.HashPassword(Nobody, SecretToken.Create());

    /// <summary>The same for every reason, so that nobody learns which addresses have accounts.</summary>
    private const string NotRight = "That e-mail address and password do not open an account. After five wrong passwords an account is locked for five minutes.";

    /// <summary>Makes the first account, an administrator's.</summary>
    /// <exception cref="UserErrorException">The code is wrong, or the name, address or password will not do.</exception>
    /// <exception cref="RefusedException">There is an account already.</exception>
    public Task<User> SetUpAsync(string? code, string? name, string? email, string? password, string? remoteAddress, CancellationToken cancellation)
    {
        if (!first.IsCode(code))
        {
            throw new UserErrorException("That is not the code which was printed in the terminal at this start.");
        }

        return accounts.RunAsync(
            async (users, context, again) =>
            {
                if (await context.Users.AnyAsync(again))
                {
                    throw RefusedException.Conflict("There is an account already; sign in with it.");
                }

                var now = time.GetUtcNow();
                var user = AccountActions.NewUser(name, email, Role.Administrator, now);
                user.LastSeenAt = now;
                (await users.CreateAsync(user, password ?? "")).Demand();
                context.Audit(CallerOf(user, remoteAddress), "account.first", user.Id, $"Made the first account, for {user.DisplayName} ({user.Email}).", now);
                return user;
            },
            cancellation);
    }

    /// <summary>Sets the password by a link of <see cref="AccountActions"/>, which then works no more.</summary>
    /// <exception cref="UserErrorException">The link is used or too old, or the password too short.</exception>
    public Task<User> ChoosePasswordAsync(Guid id, string? key, string? password, string? remoteAddress, CancellationToken cancellation) => accounts.RunAsync(
        async (users, context, again) =>
        {
            var user = await users.FindByIdAsync(id.ToString());
            if (user is null or { IsDisabled: true })
            {
                throw new UserErrorException("This link was used already, or is too old. Ask an administrator for a new one.");
            }

            var result = await users.ResetPasswordAsync(user, key ?? "", password ?? "");
            if (result.Errors.Any(error => error.Code == nameof(IdentityErrorDescriber.InvalidToken)))
            {
                throw new UserErrorException("This link was used already, or is too old. Ask an administrator for a new one.");
            }

            result.Demand();
            (await users.SetLockoutEndDateAsync(user, null)).Demand();
            (await users.ResetAccessFailedCountAsync(user)).Demand();
            user.LastSeenAt = time.GetUtcNow();
            context.Audit(CallerOf(user, remoteAddress), "account.password", user.Id, $"{user.DisplayName} chose a password by a link.", time.GetUtcNow());
            return user;
        },
        cancellation);

    /// <summary>Checks e-mail address and password. An attempt is counted before its password is looked at, so that many at once get no more guesses than one by one.</summary>
    /// <returns>The account that they open.</returns>
    /// <exception cref="UserErrorException">They open none, or it is locked.</exception>
    public async Task<User> CheckAsync(string? email, string? password, string? remoteAddress, CancellationToken cancellation)
    {
        var user = await CountAsync(email, cancellation);
        var outcome = hasher.VerifyHashedPassword(user ?? Nobody, user?.PasswordHash ?? _nobodysHash, password ?? "");
        if (user is null || outcome == PasswordVerificationResult.Failed)
        {
            await store.WriteAsync(
                async (context, again) =>
                {
                    var normalized = normalizer.NormalizeEmail(email?.Trim());
                    var meant = await context.Users.Where(other => other.NormalizedEmail == normalized).Select(other => (Guid?)other.Id).SingleOrDefaultAsync(again);
                    context.Audit(new(null, Role.Viewer, "somebody", remoteAddress), "account.sign-in-failed", meant, "Did not sign in: wrong address or password, locked or disabled.", time.GetUtcNow());
                },
                cancellation);
            throw new UserErrorException(NotRight);
        }

        return await accounts.RunAsync(
            async (users, context, again) =>
            {
                var opened = await users.FindByIdAsync(user.Id.ToString()) ?? throw new UserErrorException(NotRight);
                (await users.ResetAccessFailedCountAsync(opened)).Demand();
                (await users.SetLockoutEndDateAsync(opened, null)).Demand();
                opened.LastSeenAt = time.GetUtcNow();
                if (outcome == PasswordVerificationResult.SuccessRehashNeeded)
                {
                    opened.PasswordHash = hasher.HashPassword(opened, password ?? "");
                }

                context.Audit(CallerOf(opened, remoteAddress), "account.sign-in", opened.Id, $"{opened.DisplayName} signed in.", time.GetUtcNow());
                return opened;
            },
            cancellation);
    }

    private static Caller CallerOf(User user, string? remoteAddress) => new(user.Id, user.Role, user.DisplayName, remoteAddress);

    /// <summary>Counts an attempt; null where the account takes none.</summary>
    private Task<User?> CountAsync(string? email, CancellationToken cancellation) => accounts.RunAsync<User?>(
        async (users, context, again) =>
        {
            if (await users.FindByEmailAsync(email?.Trim() ?? "") is not { IsDisabled: false, PasswordHash: not null } user || await users.IsLockedOutAsync(user))
            {
                return null;
            }

            (await users.AccessFailedAsync(user)).Demand();
            return user;
        },
        cancellation);
}
