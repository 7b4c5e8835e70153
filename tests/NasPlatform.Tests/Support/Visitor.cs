using System.Net;
using System.Text.RegularExpressions;

namespace NasPlatform.Tests.Support;

/// <summary>A browser without scripts: it keeps cookies, sends forms with their hidden fields, and follows no redirects, so that a test sees each answer.</summary>
public sealed partial class Visitor : IDisposable
{
    private readonly SocketsHttpHandler _handler = new() { AllowAutoRedirect = false, CookieContainer = new() };

    public Visitor(Uri address) => Http = new(_handler) { BaseAddress = address };

    public HttpClient Http { get; }

    public CookieContainer Cookies => _handler.CookieContainer;

    /// <summary>The antiforgery token of the last form that was loaded; scripts send it as the header RequestVerificationToken.</summary>
    public string? FormToken { get; private set; }

    public async Task<Answered> GetAsync(string path) => await SendAsync(new(HttpMethod.Get, path));

    /// <summary>Loads a page and sends one of its forms.</summary>
    /// <param name="handler">The form's name.</param>
    public async Task<Answered> SubmitAsync(string path, string handler, params (string Name, string Value)[] fields)
    {
        var page = await GetAsync(path);
        Assert.True(page.Status == HttpStatusCode.OK, $"{path} answered {page.Status} {page.Location}");
        return await PostAsync(path, [("_handler", handler), ("__RequestVerificationToken", FormToken ?? ""), .. fields]);
    }

    /// <summary>Sends a form without having loaded it.</summary>
    public async Task<Answered> PostAsync(string path, params (string Name, string Value)[] fields) => await SendAsync(new(HttpMethod.Post, path)
    {
        Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
    });

    public async Task<Answered> SignInAsync(string email, string password) => await SubmitAsync("/login", "login", ("Email", email), ("Password", password));

    public async Task<Answered> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var answer = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            var text = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            FormToken = TokenPattern().Match(text) is { Success: true } found ? found.Groups[1].Value : FormToken;
            return new(answer.StatusCode, answer.Headers.Location?.ToString(), text, answer.Headers.RetryAfter?.Delta);
        }
    }

    public void Dispose()
    {
        Http.Dispose();
        _handler.Dispose();
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex TokenPattern();
}

/// <summary>What a visitor got.</summary>
/// <param name="Text">The body, with HTML's escapes undone.</param>
public sealed record Answered(HttpStatusCode Status, string? Location, string Text, TimeSpan? RetryAfter)
{
    /// <summary>Whether it leads to the page where one signs in.</summary>
    public bool LeadsToSignIn => Status == HttpStatusCode.Found && Location?.Contains("/login", StringComparison.Ordinal) == true;
}
