using System.Net;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NasPlatform.Search;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Accounts.Protection;
using NasPlatform.Web.Accounts.SignIn;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Accounts;

/// <summary>Coming in with a password, and being put out again.</summary>
public sealed class SignInTests : IAsyncLifetime
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private readonly Team _team = new();

    public ValueTask InitializeAsync() => _team.InitializeAsync();

    public ValueTask DisposeAsync() => _team.DisposeAsync();

    [Fact]
    public async Task Signing_in_leads_to_where_one_wanted_to_go_but_to_no_other_site()
    {
        var wanted = await _team.Stranger().SubmitAsync("/login?returnUrl=%2Fdatasets%3Fpage%3D2", "login", ("Email", Team.EmailOf("owner")), ("Password", Team.Password));
        var foreign = await _team.Stranger().SubmitAsync("/login?returnUrl=%2F%2Fevil.example", "login", ("Email", Team.EmailOf("owner")), ("Password", Team.Password));

        Assert.Equal("/datasets?page=2", new Uri(_team.Platform.Address, wanted.Location).PathAndQuery);
        Assert.Equal(new Uri(_team.Platform.Address, "/"), new Uri(_team.Platform.Address, foreign.Location));
    }

    [Fact]
    public async Task Signing_out_needs_the_form_and_ends_the_session()
    {
        var visitor = await _team.SignedInAsync(_team.Owner);

        var forged = await visitor.PostAsync("/logout");
        var still = await visitor.GetAsync("/account");
        var left = await visitor.PostAsync("/logout", ("__RequestVerificationToken", visitor.FormToken!)); // not null: it was on the page
        var after = await visitor.GetAsync("/account");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.OK), (forged.Status, still.Status));
        Assert.True(left.LeadsToSignIn && after.LeadsToSignIn);
    }

    [Fact]
    public async Task Five_wrong_passwords_at_once_lock_an_account_even_for_the_right_one()
    {
        var signIns = _team.Platform.Get<SignIns>();

        await Task.WhenAll(Enumerable.Range(0, 12).Select(guess =>
            Assert.ThrowsAsync<UserErrorException>(() => signIns.CheckAsync(Team.EmailOf("owner"), $"guess number {guess}", "10.0.0.1", _cancellation))));
        var locked = await Assert.ThrowsAsync<UserErrorException>(() => signIns.CheckAsync(Team.EmailOf("owner"), Team.Password, "10.0.0.1", _cancellation));
        var unknown = await Assert.ThrowsAsync<UserErrorException>(() => signIns.CheckAsync("nobody@example.org", Team.Password, "10.0.0.1", _cancellation));

        Assert.Equal(locked.Message, unknown.Message);
        var row = (await _team.Platform.Get<AccountActions>().ListAsync(_team.Administrator, _cancellation)).Single(row => row.Id == _team.Owner.UserId);
        Assert.NotNull(row.LockedUntil);
        await _team.Platform.Get<AccountActions>().UnlockAsync(_team.Administrator, row.Id, _cancellation);
        Assert.Equal(row.Id, (await signIns.CheckAsync(Team.EmailOf("owner"), Team.Password, "10.0.0.1", _cancellation)).Id);
        await using var context = _team.Platform.Store.Open();
        Assert.Equal(14, await context.AuditEntries.CountAsync(entry => entry.Action == "account.sign-in-failed", _cancellation));
    }

    [Fact]
    public async Task Trying_too_often_is_answered_by_when_to_come_again()
    {
        var visitor = _team.Stranger();

        var answers = new List<Answered>();
        for (var attempt = 0; attempt <= RateLimits.SignInsAMinute; attempt++)
        {
            answers.Add(await visitor.PostAsync("/login", ("Email", "x")));
        }

        Assert.All(answers.SkipLast(1), answer => Assert.Equal(HttpStatusCode.BadRequest, answer.Status));
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1].Status);
        Assert.True(answers[^1].RetryAfter > TimeSpan.Zero);
        Assert.Contains("Too many requests", answers[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disabled_account_loses_its_session_and_a_demoted_one_its_rights()
    {
        _team.Platform.Get<IOptions<SecurityStampValidatorOptions>>().Value.ValidationInterval = TimeSpan.Zero;
        var (owner, viewer) = (await _team.SignedInAsync(_team.Owner), await _team.SignedInAsync(_team.Viewer));
        var actions = _team.Platform.Get<AccountActions>();

        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync("/account")).Status);
        await actions.SetDisabledAsync(_team.Administrator, _team.Owner.UserId!.Value, true, _cancellation); // not null: an account
        await actions.SetRoleAsync(_team.Administrator, _team.Viewer.UserId!.Value, Role.Member, _cancellation);

        Assert.True((await owner.GetAsync("/account")).LeadsToSignIn);
        Assert.True((await viewer.GetAsync("/account")).LeadsToSignIn);
        Assert.Contains("do not open an account", (await owner.SignInAsync(Team.EmailOf("owner"), Team.Password)).Text, StringComparison.Ordinal);
        Assert.Contains("member", (await (await _team.SignedInAsync(_team.Viewer)).GetAsync("/account")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invited_person_chooses_a_password_once()
    {
        var administrator = await _team.SignedInAsync(_team.Administrator);
        var invited = await administrator.SubmitAsync("/admin/users", "invite", ("DisplayName", "Bo"), ("Email", "bo@example.org"), ("GivenRoleName", "Member"));
        var link = System.Text.RegularExpressions.Regex.Match(invited.Text, "http://[^<\"]*/welcome[^<\"]*").Value;
        var visitor = _team.Stranger();

        var chosen = await visitor.SubmitAsync(link, "welcome", ("Password", Team.Password));
        var again = await _team.Stranger().SubmitAsync(link, "welcome", ("Password", "another long password"));
        var account = await visitor.GetAsync("/account");

        Assert.Equal(HttpStatusCode.Found, chosen.Status);
        Assert.Contains("used already", again.Text, StringComparison.Ordinal);
        Assert.Contains("bo@example.org, member", account.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("/welcome", (await administrator.GetAsync("/admin/users")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_administrator_stays()
    {
        var actions = _team.Platform.Get<AccountActions>();
        var id = _team.Administrator.UserId!.Value; // not null: an account

        var demoted = await Assert.ThrowsAsync<RefusedException>(() => actions.SetRoleAsync(_team.Administrator, id, Role.Member, _cancellation));
        var disabled = await Assert.ThrowsAsync<RefusedException>(() => actions.SetDisabledAsync(_team.Administrator, id, true, _cancellation));

        Assert.All([demoted, disabled], refusal => Assert.Equal(Refusal.Conflict, refusal.Refusal));
    }

    [Fact]
    public async Task A_changed_password_ends_the_other_sessions_and_keeps_this_one()
    {
        _team.Platform.Get<IOptions<SecurityStampValidatorOptions>>().Value.ValidationInterval = TimeSpan.Zero;
        var (here, there) = (await _team.SignedInAsync(_team.Owner), await _team.SignedInAsync(_team.Owner));

        var wrong = await here.SubmitAsync("/account", "password", ("Current", "not the password"), ("Wanted", "a new long password"));
        var changed = await here.SubmitAsync("/account", "password", ("Current", Team.Password), ("Wanted", "a new long password"));

        Assert.Contains("Incorrect password", wrong.Text, StringComparison.Ordinal);
        Assert.Contains("The password is changed", changed.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await here.GetAsync("/account")).Status);
        Assert.True((await there.GetAsync("/account")).LeadsToSignIn);
    }
}
