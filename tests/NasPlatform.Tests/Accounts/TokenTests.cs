using System.Net;
using System.Net.Http.Headers;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Accounts;

/// <summary>Personal access tokens.</summary>
public sealed class TokenTests(Team team) : IClassFixture<Team>
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    private TokenActions Tokens => team.Platform.Get<TokenActions>();

    [Fact]
    public async Task A_token_acts_as_its_owner_in_REST_and_nowhere_else()
    {
        var token = await Tokens.CreateAsync(team.Owner, "script", null, _cancellation);

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(token, "/api/v1/experiments")).Status);
        Assert.True((await AskAsync(token, "/account")).LeadsToSignIn);
        Assert.NotNull((await Tokens.ListAsync(team.Owner, _cancellation)).Single(row => row.Name == "script").LastUsedAt);
    }

    [Fact]
    public async Task A_request_by_token_needs_no_form_and_may_do_what_its_owner_may()
    {
        var (owners, viewers) = (await Tokens.CreateAsync(team.Owner, "owner's", null, _cancellation), await Tokens.CreateAsync(team.Viewer, "viewer's", null, _cancellation));

        var begun = await AskAsync(owners, "/api/v1/uploads", HttpMethod.Post, """{"fileName":"a.zip","length":10}""");
        var refused = await AskAsync(viewers, "/api/v1/uploads", HttpMethod.Post, """{"fileName":"a.zip","length":10}""");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Forbidden), (begun.Status, refused.Status));
    }

    [Fact]
    public async Task A_token_cannot_make_another()
    {
        var token = await Tokens.CreateAsync(team.Owner, "leaked", null, _cancellation);

        var refused = await AskAsync(token, "/api/v1/tokens", HttpMethod.Post, """{"name":"another"}""");

        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.DoesNotContain(await Tokens.ListAsync(team.Owner, _cancellation), row => row.Name == "another");
    }

    [Fact]
    public async Task Unknown_expired_and_revoked_tokens_and_those_of_disabled_accounts_open_nothing()
    {
        var gone = await team.AddAsync($"gone-{Guid.NewGuid():N}", Role.Member);
        var expiring = await Tokens.CreateAsync(team.Owner, "expiring", TimeProvider.System.GetUtcNow().AddMilliseconds(300), _cancellation);
        var revoked = await Tokens.CreateAsync(team.Owner, "revoked", null, _cancellation);
        await Tokens.RevokeAsync(team.Owner, (await Tokens.ListAsync(team.Owner, _cancellation)).Single(row => row.Name == "revoked").Id, _cancellation);
        var orphan = await Tokens.CreateAsync(gone, "orphan", null, _cancellation);
        await team.Platform.Get<AccountActions>().SetDisabledAsync(team.Administrator, gone.UserId!.Value, true, _cancellation); // not null: an account
        await Task.Delay(400, _cancellation);

        foreach (var token in new[] { expiring, revoked, orphan, "nas_unknown", "" })
        {
            var answer = await AskAsync(token, "/api/v1/experiments");
            Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
            Assert.Contains("access token", answer.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Another_s_token_cannot_be_revoked()
    {
        await Tokens.CreateAsync(team.Owner, "mine", null, _cancellation);
        var id = (await Tokens.ListAsync(team.Owner, _cancellation)).Single(row => row.Name == "mine").Id;

        var refusal = await Assert.ThrowsAsync<RefusedException>(() => Tokens.RevokeAsync(team.Administrator, id, _cancellation));

        Assert.Equal(Refusal.NotFound, refusal.Refusal);
        Assert.DoesNotContain(await Tokens.ListAsync(team.Other, _cancellation), row => row.Id == id);
    }

    [Fact]
    public async Task A_token_is_shown_once_on_the_account_s_page()
    {
        var visitor = await team.SignedInAsync(team.Other);

        var made = await visitor.SubmitAsync("/account", "token", ("TokenName", "nightly"), ("Days", "30"));
        var later = await visitor.GetAsync("/account");

        var token = System.Text.RegularExpressions.Regex.Match(made.Text, "nas_[A-Za-z0-9_-]{43}").Value;
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(token, "/api/v1/experiments")).Status);
        Assert.Contains("nightly", later.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(token, later.Text, StringComparison.Ordinal);
    }

    private async Task<Answered> AskAsync(string token, string path, HttpMethod? method = null, string? body = null)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Get, path) { Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await team.Stranger().SendAsync(request);
    }
}
