using Microsoft.EntityFrameworkCore;
using NasPlatform.Search;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts;

/// <summary>
/// Public, read-only links to experiments. Whoever may change an experiment may share it. A link is the right itself, so what it opens is asked for by its token at each
/// request (<see cref="ResolveAsync"/>); the events of making and revoking one wake the live views, which ask again.
/// </summary>
internal sealed class ShareActions(PlatformStore store, TimeProvider time)
{
    /// <summary>The links of an experiment, the newest first; those that ended are among them.</summary>
    public async Task<IReadOnlyList<ShareRow>> ListAsync(Caller caller, Guid experimentId, CancellationToken cancellation)
    {
        await using var context = store.Open();
        await DemandExperimentAsync(context, caller, experimentId, cancellation);
        var rows = from link in context.ShareLinks
                   where link.ExperimentId == experimentId
                   join user in context.Users on link.CreatedById equals user.Id into makers
                   from maker in makers.DefaultIfEmpty()
                   orderby link.CreatedAt descending
                   select new ShareRow(
                       link.Id, link.CreatedAt, maker == null ? null : maker.DisplayName, link.ExpiresAt, link.RevokedAt, link.AllowsDownloads, link.ViewCount, link.LastViewedAt);
        return await rows.ToListAsync(cancellation);
    }

    /// <param name="expiresAt">Null for never.</param>
    /// <param name="allowsDownloads">Whether the model's files can be had by it.</param>
    /// <returns>The link's id, and its token, which is not kept: it can be shown this once. Its page is <c>/s/{token}</c>.</returns>
    public async Task<(Guid Id, string Token)> CreateAsync(Caller caller, Guid experimentId, DateTimeOffset? expiresAt, bool allowsDownloads, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        DemandFuture(expiresAt, now);
        var (id, token) = (Guid.CreateVersion7(now), SecretToken.Create());
        await store.WriteAsync(
            async (context, again) =>
            {
                var experiment = await DemandExperimentAsync(context, caller, experimentId, again);
                context.ShareLinks.Add(new()
                {
                    Id = id,
                    ExperimentId = experimentId,
                    TokenHash = SecretToken.Hash(token),
                    CreatedById = caller.UserId,
                    CreatedAt = now,
                    ExpiresAt = expiresAt,
                    AllowsDownloads = allowsDownloads,
                });
                context.Happened(experimentId, EventKind.Changed, $"{caller.Name} made a public link.");
                context.Audit(caller, "share.create", experimentId, $"Shared '{experiment.Name}' by a public link.", now);
            },
            cancellation);
        return (id, token);
    }

    /// <summary>Ends a link; from now on it is answered as if it had never been.</summary>
    public Task RevokeAsync(Caller caller, Guid linkId, CancellationToken cancellation) => ChangeAsync(
        caller,
        linkId,
        (context, link, experiment) =>
        {
            link.RevokedAt = time.GetUtcNow();
            context.Happened(experiment.Id, EventKind.Changed, $"{caller.Name} revoked a public link.");
            context.Audit(caller, "share.revoke", experiment.Id, $"Revoked a public link to '{experiment.Name}'.", time.GetUtcNow());
        },
        cancellation);

    /// <param name="expiresAt">Null for never.</param>
    public Task SetExpiryAsync(Caller caller, Guid linkId, DateTimeOffset? expiresAt, CancellationToken cancellation)
    {
        DemandFuture(expiresAt, time.GetUtcNow());
        return ChangeAsync(
            caller,
            linkId,
            (context, link, experiment) =>
            {
                link.ExpiresAt = expiresAt;
                context.Happened(experiment.Id, EventKind.Changed, $"{caller.Name} changed when a public link expires.");
                context.Audit(caller, "share.expiry", experiment.Id, $"Changed when a public link to '{experiment.Name}' expires.", time.GetUtcNow());
            },
            cancellation);
    }

    /// <summary>What a token opens now; null for one that is unknown, expired or revoked alike.</summary>
    /// <param name="countsAsView">Whether somebody opened the page with it, rather than went on looking.</param>
    public async Task<SharedExperiment?> ResolveAsync(string token, bool countsAsView, CancellationToken cancellation)
    {
        var (hash, now) = (SecretToken.Hash(token), time.GetUtcNow());
        await using var context = store.Open();
        var found = await context.ShareLinks
            .Where(link => link.TokenHash == hash && link.RevokedAt == null && (link.ExpiresAt == null || link.ExpiresAt > now))
            .Select(link => new SharedExperiment(link.Id, link.ExperimentId, link.AllowsDownloads)).SingleOrDefaultAsync(cancellation);
        if (found is not null && countsAsView)
        {
            await store.WriteAsync(
                (writing, again) => writing.ShareLinks.Where(link => link.Id == found.LinkId)
                    .ExecuteUpdateAsync(set => set.SetProperty(link => link.ViewCount, link => link.ViewCount + 1).SetProperty(link => link.LastViewedAt, now), again),
                cancellation);
        }

        return found;
    }

    private static void DemandFuture(DateTimeOffset? expiresAt, DateTimeOffset now)
    {
        if (expiresAt <= now)
        {
            throw new UserErrorException("A link must expire in the future, or never.");
        }
    }

    private static async Task<StoredExperiment> DemandExperimentAsync(StoreContext context, Caller caller, Guid experimentId, CancellationToken cancellation)
    {
        var experiment = await context.Experiments.VisibleTo(caller).SingleOrDefaultAsync(experiment => experiment.Id == experimentId, cancellation)
            ?? throw RefusedException.NotFound("experiment");
        caller.DemandChange(experiment);
        return experiment;
    }

    private Task ChangeAsync(Caller caller, Guid linkId, Action<StoreContext, ShareLink, StoredExperiment> change, CancellationToken cancellation) => store.WriteAsync(
        async (context, again) =>
        {
            var link = await context.ShareLinks.SingleOrDefaultAsync(link => link.Id == linkId && link.RevokedAt == null, again);
            var experiment = link is null ? null : await context.Experiments.VisibleTo(caller).SingleOrDefaultAsync(experiment => experiment.Id == link.ExperimentId, again);
            if (link is null || experiment is null)
            {
                throw RefusedException.NotFound("public link");
            }

            caller.DemandChange(experiment);
            change(context, link, experiment);
        },
        cancellation);
}

/// <summary>What a public link opens.</summary>
/// <param name="AllowsDownloads">Whether the model's files can be had by it.</param>
internal sealed record SharedExperiment(Guid LinkId, Guid ExperimentId, bool AllowsDownloads);

/// <summary>A public link as those see it who may change the experiment.</summary>
/// <param name="CreatedBy">The name of who made it; null for the program, or the one person of <c>--local</c>.</param>
internal sealed record ShareRow(
    Guid Id, DateTimeOffset CreatedAt, string? CreatedBy, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, bool AllowsDownloads, int ViewCount, DateTimeOffset? LastViewedAt)
{
    public bool IsOpen(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is null || ExpiresAt > now);
}
