using System.Net;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Accounts;

/// <summary><c>--local</c>: without accounts, for this machine only.</summary>
public sealed class LocalTests : IAsyncLifetime
{
    private PlatformFixture? _platform;
    private Visitor? _visitor;

    private Visitor Visitor => _visitor ??= new(_platform!.Address); // not null: started

    public async ValueTask InitializeAsync() => _platform = await PlatformFixture.StartAsync(worker: _ => null);

    public async ValueTask DisposeAsync()
    {
        _visitor?.Dispose();
        await _platform!.DisposeAsync(); // not null: started
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("192.168.1.7")]
    public async Task A_foreign_name_in_Host_gets_nothing(string host)
    {
        foreach (var path in new[] { "/account", "/api/v1/experiments", "/css/app.css", "/health/live" })
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = host;
            Assert.Equal(HttpStatusCode.BadRequest, (await Visitor.SendAsync(request)).Status);
        }
    }

    [Fact]
    public async Task Programs_on_this_machine_need_no_token_and_other_sites_get_nothing_by_its_browser()
    {
        var program = await Visitor.SendAsync(Post(null));
        var own = await Visitor.SendAsync(Post(_platform!.Address.GetLeftPart(UriPartial.Authority))); // not null: started
        var foreign = await Visitor.SendAsync(Post("https://evil.example"));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created, HttpStatusCode.Forbidden), (program.Status, own.Status, foreign.Status));
    }

    [Fact]
    public async Task There_is_nothing_to_sign_in_to()
    {
        var login = await Visitor.GetAsync("/login");
        var account = await Visitor.GetAsync("/account");
        var people = await Visitor.GetAsync("/admin/users");

        Assert.Equal((HttpStatusCode.Found, false), (login.Status, login.LeadsToSignIn));
        Assert.Contains("without accounts", account.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, people.Status);
    }

    private static HttpRequestMessage Post(string? origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/uploads")
        {
            Content = new StringContent("""{"fileName":"a.zip","length":10}""", System.Text.Encoding.UTF8, "application/json"),
        };
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        return request;
    }
}
