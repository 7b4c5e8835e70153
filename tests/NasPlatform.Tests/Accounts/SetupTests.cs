using System.Net;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Accounts.SignIn;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Accounts;

/// <summary>The first start, before there is an account.</summary>
public sealed class SetupTests : IAsyncLifetime
{
    private PlatformFixture? _platform;
    private Visitor? _visitor;

    private PlatformFixture Platform => _platform ?? throw new InvalidOperationException("Not started.");

    private Visitor Visitor => _visitor ??= new(Platform.Address);

    public async ValueTask InitializeAsync() => _platform = await PlatformFixture.StartAsync(isLocal: false, worker: _ => null);

    public async ValueTask DisposeAsync()
    {
        _visitor?.Dispose();
        await Platform.DisposeAsync();
    }

    [Fact]
    public async Task Everything_leads_to_the_first_account_until_there_is_one()
    {
        var page = await Visitor.GetAsync("/experiments");
        var rest = await Visitor.GetAsync("/api/v1/experiments");
        var health = await Visitor.GetAsync("/health/live");

        Assert.Equal((HttpStatusCode.Found, "/setup"), (page.Status, page.Location));
        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.OK), (rest.Status, health.Status));
    }

    [Fact]
    public async Task The_code_of_the_terminal_makes_one_administrator_and_no_second()
    {
        var code = await Platform.Get<FirstStart>().CodeAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(code);

        var wrong = await SetUpAsync("ABCD-EFGH-JKLM", "a long enough password");
        var tooShort = await SetUpAsync(code, "too short");
        var right = await SetUpAsync(code.ToLowerInvariant().Replace('-', ' '), "a long enough password");
        var account = await Visitor.GetAsync("/account");
        using var second = new Visitor(Platform.Address);
        var late = await second.GetAsync("/setup");

        Assert.Contains("not the code", wrong.Text, StringComparison.Ordinal);
        Assert.Contains("at least 10 characters", tooShort.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Found, right.Status);
        Assert.Contains("ada@example.org, administrator", account.Text, StringComparison.Ordinal);
        Assert.True(late.LeadsToSignIn);
        Assert.Null(await Platform.Get<FirstStart>().CodeAsync(TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<Web.Accounts.RefusedException>(() =>
            Platform.Get<SignIns>().SetUpAsync(code, "Eve", "eve@example.org", "a long enough password", null, TestContext.Current.CancellationToken));
        await using var context = Platform.Store.Open();
        Assert.Equal(Role.Administrator, (await context.Users.SingleAsync(TestContext.Current.CancellationToken)).Role);
    }

    private Task<Answered> SetUpAsync(string code, string password) =>
        Visitor.SubmitAsync("/setup", "setup", ("Code", code), ("DisplayName", "Ada"), ("Email", "ada@example.org"), ("Password", password));
}
