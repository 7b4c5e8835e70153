using System.Security.Claims;
using System.Text.Json;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Live;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Live;

/// <summary>The hub on a server with accounts: what one missed, then what happens, without gaps, for as long as one may see it.</summary>
public sealed class LiveHubTests : IAsyncLifetime
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private readonly User _owner = Person("Ada", Role.Member);
    private readonly User _other = Person("Grace", Role.Viewer);
    private PlatformFixture? _platform;

    private PlatformFixture Platform => _platform ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        _platform = await PlatformFixture.StartAsync(isLocal: false, worker: _ => null);
        await Platform.Store.WriteAsync(
            async (context, again) =>
            {
                context.Users.AddRange(_owner, _other);
                await context.SaveChangesAsync(again);
                context.AccessTokens.AddRange(Token(_owner), Token(_other));
            },
            _cancellation);
    }

    public ValueTask DisposeAsync() => Platform.DisposeAsync();

    [Fact]
    public async Task A_viewer_gets_what_it_missed_and_then_what_happens_without_a_gap()
    {
        var id = await InsertAsync(Visibility.Team);
        await HappenAsync(id, 2500);
        await using var viewer = await ConnectAsync(_other);

        await viewer.StreamAsync("Watch", [id, 100], _cancellation);
        var sequences = await SequencesAsync(viewer, 2400);
        await HappenAsync(id, 3);
        sequences.AddRange(await SequencesAsync(viewer, 3));

        Assert.Equal(Enumerable.Range(101, 2403).Select(number => (long)number), sequences);
    }

    [Fact]
    public async Task A_viewer_who_reads_nothing_holds_nobody_up()
    {
        var id = await InsertAsync(Visibility.Team);
        await using var stalled = await ConnectAsync(_other);
        await stalled.StreamAsync("Watch", [id, 0], _cancellation);
        await using var reader = await ConnectAsync(_owner);
        await reader.StreamAsync("Watch", [id, 0], _cancellation);

        for (var round = 0; round < 20; round++)
        {
            await HappenAsync(id, 100, new string('x', 2000));
        }

        Assert.Equal(Enumerable.Range(1, 2000).Select(number => (long)number), await SequencesAsync(reader, 2000));
    }

    [Fact]
    public async Task The_stream_ends_when_the_experiment_is_no_longer_for_the_viewer()
    {
        var id = await InsertAsync(Visibility.Team);
        await using var viewer = await ConnectAsync(_other);
        await viewer.StreamAsync("Watch", [id, 0], _cancellation);
        await HappenAsync(id, 1);
        await SequencesAsync(viewer, 1);

        await Platform.Experiments.SetVisibilityAsync(new(_owner.Id, Role.Member, "Ada"), id, Visibility.Private, _cancellation);

        Assert.Null(await viewer.NextAsync(_cancellation));
        Assert.Contains("no longer see", viewer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_public_link_shows_its_experiment_until_it_is_revoked()
    {
        var id = await InsertAsync(Visibility.Private);
        var shares = Platform.Get<ShareActions>();
        var owner = new Caller(_owner.Id, Role.Member, "Ada");
        var (link, token) = await shares.CreateAsync(owner, id, null, true, _cancellation);
        await using var stranger = await HubClient.ConnectAsync(Platform.Address, null, _cancellation);
        await stranger.StreamAsync("WatchShared", [token, 0], _cancellation);

        var told = Assert.Single((await stranger.NextAsync(_cancellation))!.Value.GetProperty("events").EnumerateArray()); // that the link was made, not by whom
        Assert.DoesNotContain("Ada", told.GetProperty("text").GetString(), StringComparison.Ordinal);
        await shares.RevokeAsync(owner, link, _cancellation);

        Assert.Null(await stranger.NextAsync(_cancellation));
        await using var late = await HubClient.ConnectAsync(Platform.Address, null, _cancellation);
        await late.StreamAsync("WatchShared", [token, 0], _cancellation);
        Assert.Null(await late.NextAsync(_cancellation));
    }

    [Fact]
    public async Task Who_may_not_see_it_is_told_that_it_is_not_there()
    {
        var id = await InsertAsync(Visibility.Private);

        foreach (var (user, experiment) in new[] { (_other, id), (null, id), (_owner, Guid.NewGuid()) })
        {
            await using var viewer = await HubClient.ConnectAsync(Platform.Address, user is null ? null : TokenOf(user), _cancellation);
            await viewer.StreamAsync("Watch", [experiment, 0], _cancellation);
            Assert.Null(await viewer.NextAsync(_cancellation));
            Assert.Contains("There is no such experiment.", viewer.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_right_is_that_of_the_account_and_token_now()
    {
        var id = await InsertAsync(Visibility.Team);
        var rights = Platform.Get<LiveRights>();
        await using var context = Platform.Store.Open();
        var token = context.AccessTokens.Single(token => token.UserId == _other.Id).Id;
        var viewer = new ClaimsPrincipal(new ClaimsIdentity(
            [new(ClaimTypes.NameIdentifier, $"{_other.Id}"), new(ClaimTypes.Name, "Grace"), new(CallerExtensions.RoleClaim, "Viewer"), new(TokenAuthentication.IdClaim, $"{token}")], "Token"));

        var before = await rights.MaySeeAsync(viewer, id, _cancellation);
        await Platform.Get<TokenActions>().RevokeAsync(new(_other.Id, Role.Viewer, "Grace"), token, _cancellation);

        Assert.Equal((true, false), (before, await rights.MaySeeAsync(viewer, id, _cancellation)));
    }

    [Fact]
    public async Task A_question_that_is_too_long_closes_the_connection()
    {
        await using var viewer = await ConnectAsync(_other);

        await viewer.StreamAsync("WatchShared", [new string('x', 5000), 0], _cancellation);

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (true)
            {
                var message = await viewer.ReceiveAsync(_cancellation);
                Assert.NotEqual(2, message.GetProperty("type").GetInt32());
            }
        });
    }

    private static User Person(string name, Role role) => new()
    {
        Id = Guid.CreateVersion7(),
        UserName = name,
        NormalizedUserName = name.ToUpperInvariant(),
        DisplayName = name,
        Role = role,
        CreatedAt = DateTimeOffset.UnixEpoch,
        SecurityStamp = name,
    };

    private static AccessToken Token(User user) => new()
    {
        Id = Guid.CreateVersion7(),
        UserId = user.Id,
        Name = "for tests",
        TokenHash = SecretToken.Hash(TokenOf(user)),
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private static string TokenOf(User user) => $"nas_{user.Id:N}";

    private Task<HubClient> ConnectAsync(User user) => HubClient.ConnectAsync(Platform.Address, TokenOf(user), _cancellation);

    private async Task<Guid> InsertAsync(Visibility visibility)
    {
        var experiment = Stored.Experiment(owner: _owner.Id, visibility: visibility);
        await Platform.Store.WriteAsync((context, again) => context.Experiments.AddAsync(experiment, again).AsTask(), _cancellation);
        return experiment.Id;
    }

    private Task HappenAsync(Guid id, int times, string text = "Something happened.") => Platform.Store.WriteAsync(
        (context, again) =>
        {
            for (var time = 0; time < times; time++)
            {
                context.Happened(id, EventKind.EpochEnded, text);
            }

            return Task.CompletedTask;
        },
        _cancellation);

    private async Task<List<long>> SequencesAsync(HubClient viewer, int count)
    {
        var sequences = new List<long>();
        while (sequences.Count < count)
        {
            var item = await viewer.NextAsync(_cancellation) ?? throw new EndOfStreamException(viewer.Error);
            sequences.AddRange(item.GetProperty("events").EnumerateArray().Select(told => told.GetProperty("sequence").GetInt64()));
        }

        return sequences;
    }
}
