using System.Net;
using System.Net.WebSockets;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Accounts;

/// <summary>What another site makes a signed-in person's browser send.</summary>
public sealed class ForgeryTests(Team team) : IClassFixture<Team>
{
    private const string Upload = """{"fileName":"a.zip","length":10}""";

    [Fact]
    public async Task REST_by_cookie_needs_the_token_of_the_pages()
    {
        var visitor = await team.SignedInAsync(team.Owner);
        await visitor.GetAsync("/account");

        Assert.Equal(HttpStatusCode.BadRequest, (await visitor.SendAsync(Post("/api/v1/uploads"))).Status);
        Assert.Equal(HttpStatusCode.Created, (await visitor.SendAsync(Post("/api/v1/uploads", ("RequestVerificationToken", visitor.FormToken)))).Status);
        Assert.Equal(HttpStatusCode.OK, (await visitor.GetAsync("/api/v1/uploads")).Status);
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task What_comes_from_another_site_is_refused_even_with_the_token(string header, string value)
    {
        var visitor = await team.SignedInAsync(team.Viewer);
        await visitor.GetAsync("/account");

        Assert.Equal(HttpStatusCode.Forbidden, (await visitor.SendAsync(Post("/api/v1/uploads", (header, value), ("RequestVerificationToken", visitor.FormToken)))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await visitor.SendAsync(Post("/logout", (header, value), ("RequestVerificationToken", visitor.FormToken)))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await team.Stranger().SendAsync(Post("/login", (header, value)))).Status);
    }

    [Fact]
    public async Task A_page_of_another_site_opens_no_WebSocket()
    {
        var visitor = await team.SignedInAsync(team.Other);
        using var socket = new ClientWebSocket();
        socket.Options.Cookies = visitor.Cookies;
        socket.Options.SetRequestHeader("Origin", "https://evil.example");
        var address = new UriBuilder(new Uri(team.Platform.Address, "/_blazor")) { Scheme = "ws" }.Uri;

        var error = await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address, TestContext.Current.CancellationToken));

        Assert.Contains("403", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_its_token_does_nothing()
    {
        var visitor = await team.SignedInAsync(team.Administrator);

        var answer = await visitor.PostAsync("/admin/users", ("_handler", "invite"), ("DisplayName", "Eve"), ("Email", "eve@example.org"), ("GivenRoleName", "Administrator"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.DoesNotContain("eve@example.org", (await visitor.GetAsync("/admin/users")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers()
    {
        foreach (var path in new[] { "/login", "/account", "/api/v1/experiments", "/css/app.css", "/nowhere" })
        {
            using var answer = await team.Stranger().Http.GetAsync(path, TestContext.Current.CancellationToken);
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("'unsafe-eval'", policy, StringComparison.Ordinal);
            Assert.Contains("script-src 'self' 'wasm-unsafe-eval';", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        }
    }

    [Fact]
    public async Task Beyond_this_machine_cookies_are_for_https_only()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/login");
        request.Headers.Host = "nas.example.org";

        using var answer = await team.Stranger().Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.All(answer.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("passwords go over https only", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static HttpRequestMessage Post(string path, params (string Name, string? Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(Upload, System.Text.Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return request;
    }
}
