using Microsoft.EntityFrameworkCore;
using NasPlatform.Search;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts;

/// <summary>Personal access tokens, with which programs act as the person they belong to.</summary>
internal sealed class TokenActions(PlatformStore store, TimeProvider time)
{
    /// <summary>Tokens of one person that can be used at a time.</summary>
    public const int Most = 50;

    /// <summary>The caller's own, the newest first; revoked ones no more.</summary>
    public async Task<IReadOnlyList<TokenRow>> ListAsync(Caller caller, CancellationToken cancellation)
    {
        await using var context = store.Open();
        return await context.AccessTokens.Where(token => token.UserId == caller.UserId && token.RevokedAt == null).OrderByDescending(token => token.CreatedAt)
            .Select(token => new TokenRow(token.Id, token.Name, token.CreatedAt, token.ExpiresAt, token.LastUsedAt)).ToListAsync(cancellation);
    }

    /// <param name="name">What its owner calls it, 1 to 100 characters.</param>
    /// <param name="expiresAt">Null for never.</param>
    /// <returns>The token itself, which is not kept: it can be shown this once.</returns>
    /// <exception cref="UserErrorException">The name is empty or too long, or the time is past.</exception>
    public async Task<string> CreateAsync(Caller caller, string? name, DateTimeOffset? expiresAt, CancellationToken cancellation)
    {
        var owner = caller.UserId ?? throw RefusedException.Conflict("The platform was started with --local: programs on this machine need no token.");
        var given = AccountChanges.CheckedName(name);
        var now = time.GetUtcNow();
        if (expiresAt <= now)
        {
            throw new UserErrorException("A token must expire in the future, or never.");
        }

        var token = SecretToken.Create(TokenAuthentication.Prefix);
        await store.WriteAsync(
            async (context, again) =>
            {
                if (await context.AccessTokens.CountAsync(row => row.UserId == owner && row.RevokedAt == null && (row.ExpiresAt == null || row.ExpiresAt > now), again) >= Most)
                {
                    throw RefusedException.Conflict($"You have {Most} tokens; revoke one that is not needed any more.");
                }

                var row = new AccessToken { Id = Guid.CreateVersion7(now), UserId = owner, Name = given, TokenHash = SecretToken.Hash(token), CreatedAt = now, ExpiresAt = expiresAt };
                context.AccessTokens.Add(row);
                context.Audit(caller, "token.create", row.Id, $"Made the access token '{given}'.", now);
            },
            cancellation);
        return token;
    }

    /// <summary>Ends a token of the caller's own; from now on it opens nothing.</summary>
    /// <exception cref="RefusedException">There is none, or it is another's.</exception>
    public Task RevokeAsync(Caller caller, Guid id, CancellationToken cancellation) => store.WriteAsync(
        async (context, again) =>
        {
            var token = await context.AccessTokens.SingleOrDefaultAsync(token => token.Id == id && token.UserId == caller.UserId && token.RevokedAt == null, again)
                ?? throw RefusedException.NotFound("access token");
            token.RevokedAt = time.GetUtcNow();
            context.Audit(caller, "token.revoke", id, $"Revoked the access token '{token.Name}'.", time.GetUtcNow());
        },
        cancellation);
}

/// <summary>An access token as its owner sees it.</summary>
internal sealed record TokenRow(Guid Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt);
