using Microsoft.EntityFrameworkCore;
using NasPlatform.Search;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Accounts;

/// <summary>Public links.</summary>
public sealed class ShareTests(Team team) : IClassFixture<Team>
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    private ShareActions Shares => team.Platform.Get<ShareActions>();

    [Fact]
    public async Task A_link_opens_its_experiment_until_it_is_revoked_or_expires()
    {
        var experiment = await InsertAsync();
        var (first, token) = await Shares.CreateAsync(team.Owner, experiment, null, false, _cancellation);
        var (second, expiring) = await Shares.CreateAsync(team.Owner, experiment, null, true, _cancellation);

        Assert.Equal(new SharedExperiment(first, experiment, false), await Shares.ResolveAsync(token, true, _cancellation));
        Assert.Equal(new SharedExperiment(second, experiment, true), await Shares.ResolveAsync(expiring, false, _cancellation));
        await Shares.SetExpiryAsync(team.Owner, second, TimeProvider.System.GetUtcNow().AddSeconds(1), _cancellation);
        await Task.Delay(1100, _cancellation);
        await Shares.RevokeAsync(team.Owner, first, _cancellation);

        foreach (var closed in new[] { token, expiring, SecretToken.Create(), "", "../x", new string('a', 5000) })
        {
            Assert.Null(await Shares.ResolveAsync(closed, true, _cancellation));
        }

        var rows = await Shares.ListAsync(team.Owner, experiment, _cancellation);
        Assert.Equal([0, 1], rows.Select(row => row.ViewCount));
        Assert.All(rows, row => Assert.False(row.IsOpen(TimeProvider.System.GetUtcNow())));
        await using var context = team.Platform.Store.Open();
        Assert.DoesNotContain(await context.ShareLinks.Select(link => link.TokenHash).ToListAsync(_cancellation), hash => hash.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_expired_link_can_be_given_more_time_and_a_revoked_one_cannot()
    {
        var experiment = await InsertAsync();
        var (link, token) = await Shares.CreateAsync(team.Owner, experiment, TimeProvider.System.GetUtcNow().AddMilliseconds(100), true, _cancellation);
        await Task.Delay(200, _cancellation);

        await Shares.SetExpiryAsync(team.Owner, link, null, _cancellation);
        Assert.NotNull(await Shares.ResolveAsync(token, false, _cancellation));
        await Shares.RevokeAsync(team.Owner, link, _cancellation);

        await Assert.ThrowsAsync<RefusedException>(() => Shares.SetExpiryAsync(team.Owner, link, null, _cancellation));
        await Assert.ThrowsAsync<UserErrorException>(() => Shares.CreateAsync(team.Owner, experiment, TimeProvider.System.GetUtcNow(), true, _cancellation));
    }

    [Fact]
    public async Task Only_who_may_change_an_experiment_shares_it()
    {
        var (shown, hidden) = (await InsertAsync(), await InsertAsync(Visibility.Private));
        var (link, _) = await Shares.CreateAsync(team.Owner, shown, null, true, _cancellation);

        foreach (var (caller, experiment, refusal) in new[] { (team.Other, shown, Refusal.Forbidden), (team.Viewer, shown, Refusal.Forbidden), (team.Other, hidden, Refusal.NotFound), (team.Viewer, hidden, Refusal.NotFound) })
        {
            Assert.Equal(refusal, (await Assert.ThrowsAsync<RefusedException>(() => Shares.CreateAsync(caller, experiment, null, true, _cancellation))).Refusal);
            Assert.Equal(refusal, (await Assert.ThrowsAsync<RefusedException>(() => Shares.ListAsync(caller, experiment, _cancellation))).Refusal);
        }

        Assert.Equal(Refusal.Forbidden, (await Assert.ThrowsAsync<RefusedException>(() => Shares.RevokeAsync(team.Other, link, _cancellation))).Refusal);
        Assert.Single(await Shares.ListAsync(team.Administrator, shown, _cancellation));
    }

    private async Task<Guid> InsertAsync(Visibility visibility = Visibility.Team)
    {
        var experiment = Stored.Experiment(owner: team.Owner.UserId, visibility: visibility);
        await team.Platform.Store.WriteAsync((context, _) => Task.FromResult(context.Experiments.Add(experiment)), _cancellation);
        return experiment.Id;
    }
}
