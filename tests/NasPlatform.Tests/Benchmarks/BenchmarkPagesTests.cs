using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Benchmarks;

/// <summary>A table from an upload to the pages and REST that search it.</summary>
public sealed class BenchmarkPagesTests(PlatformFixture platform) : IClassFixture<PlatformFixture>, IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = platform.Address };
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task A_table_is_imported_from_uploads_described_queried_and_removed()
    {
        var upload = await SendAsync("my cells.csv", MadeUpBenchmark.Csv());
        var order = new { uploads = new[] { upload }, name = "mine", space = "nasbench101", spaceSettings = MadeUpBenchmark.SpaceSettings };
        using var imported = await _http.PostAsJsonAsync("/api/v1/benchmarks", order, _cancellation);

        Assert.Equal(HttpStatusCode.Created, imported.StatusCode);
        var described = await JsonAsync("/api/v1/benchmarks/mine");
        Assert.Equal((91, "nasbench101"), (described.GetProperty("rows").GetInt32(), described.GetProperty("space").GetString()));
        Assert.Equal([4, 108], described.GetProperty("datasets")[0].GetProperty("epochs").EnumerateArray().Select(epochs => epochs.GetInt32()));
        Assert.Contains((await JsonAsync("/api/v1/benchmarks")).EnumerateArray(), table => table.GetProperty("name").GetString() == "mine");
        Assert.DoesNotContain((await JsonAsync("/api/v1/uploads")).EnumerateArray(), kept => kept.GetProperty("id").GetString() == $"{upload}"); // what another test left does not count

        var best = (await JsonAsync("/api/v1/benchmarks/mine/best?count=2")).EnumerateArray().ToList();
        Assert.Equal([0.91, 0.9], best.Select(row => row.GetProperty("test").GetDouble()));
        var answers = (await JsonAsync($"/api/v1/benchmarks/mine/query?architecture={Uri.EscapeDataString(best[1].GetProperty("architecture").GetString()!)}")).EnumerateArray().ToList(); // not null: it has one
        Assert.Equal((108, true, 0.9, 2430), (answers[^1].GetProperty("epochs").GetInt32(), answers[^1].GetProperty("isMean").GetBoolean(), Math.Round(answers[^1].GetProperty("valid").GetDouble(), 9), answers[^1].GetProperty("seconds").GetDouble()));
        Assert.Equal(JsonValueKind.Null, answers[0].GetProperty("train").ValueKind);

        var page = WebUtility.HtmlDecode(await _http.GetStringAsync("/benchmarks/mine?architecture=best", _cancellation));
        Assert.Contains("91.00 %", page, StringComparison.Ordinal);
        Assert.Contains("mine luck", page, StringComparison.Ordinal);
        Assert.Contains("1,091", page, StringComparison.Ordinal);
        Assert.Contains("id=\"architecture-help\" role=\"alert\"", WebUtility.HtmlDecode(await _http.GetStringAsync("/benchmarks/mine?architecture=nonsense", _cancellation)), StringComparison.Ordinal);
        Assert.Contains("/benchmarks/mine", await _http.GetStringAsync("/benchmarks", _cancellation), StringComparison.Ordinal);

        using var removed = await _http.DeleteAsync("/api/v1/benchmarks/mine", _cancellation);
        using var gone = await _http.GetAsync("/benchmarks/mine", _cancellation);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (removed.StatusCode, gone.StatusCode));
    }

    [Fact]
    public async Task What_is_wrong_with_a_file_is_said_by_its_own_name_and_nothing_is_imported()
    {
        var upload = await SendAsync("broken.csv", MadeUpBenchmark.Csv().Replace("0.05", "much", StringComparison.Ordinal));
        using var refused = await _http.PostAsJsonAsync("/api/v1/benchmarks", new { uploads = new[] { upload }, space = "nasbench101", spaceSettings = MadeUpBenchmark.SpaceSettings }, _cancellation);
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>(_cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("broken.csv", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        using var absent = await _http.GetAsync("/api/v1/benchmarks/broken", _cancellation);
        Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
    }

    [Fact]
    public async Task A_study_is_run_once_and_shown_by_its_address()
    {
        await ImportAsync("studied");
        const string Address = "/benchmarks/studied/study?strategy=random&strategy=evolution%3Bpopulation%3D5%3Bsample%3D2&queries=30&seeds=12";
        Assert.Contains("was not run", WebUtility.HtmlDecode(await _http.GetStringAsync(Address, _cancellation)), StringComparison.Ordinal);

        var study = new { strategies = new object[] { new { name = "random" }, new { name = "evolution", settings = new { sample = "2", population = "5" } } }, queries = 30, seeds = 12 };
        var (id, result) = await CalculateAsync("/api/v1/benchmarks/studied/studies", study);
        using var again = await _http.PostAsJsonAsync("/api/v1/benchmarks/studied/studies", study, _cancellation);
        var found = await again.Content.ReadFromJsonAsync<JsonElement>(_cancellation);
        var page = WebUtility.HtmlDecode(await _http.GetStringAsync(Address, _cancellation));

        Assert.Equal("completed", found.GetProperty("state").GetString());
        Assert.Equal((id, 2, 12), (found.GetProperty("id").GetString(), result.GetProperty("strategies").GetArrayLength(), result.GetProperty("strategies")[0].GetProperty("runs").GetInt32()));
        Assert.Contains("Regret against simulated time", page, StringComparison.Ordinal);
        Assert.Contains("evolution (population 5, sample 2)", page, StringComparison.Ordinal);
        Assert.Contains("nas benchmark compare studied --strategies random,evolution", page, StringComparison.Ordinal);
        Assert.Contains("Regret against queries", await _http.GetStringAsync(Address + "&axis=queries", _cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"strategies":[]}""", "'strategies' is 0")]
    [InlineData("""{"strategies":[{"name":"magic"}]}""", "magic")]
    [InlineData("""{"strategies":[{"name":"random","settings":{"sample":"2"}}]}""", "no setting 'sample'")]
    [InlineData("""{"strategies":[{"name":"random"}],"epochs":5}""", "4, 108")]
    [InlineData("""{"strategies":[{"name":"random"}],"querys":5}""", "querys")]
    public async Task A_study_that_does_not_fit_is_refused_with_the_reason(string study, string reason)
    {
        await ImportAsync("refusing");
        using var body = new StringContent(study, Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync("/api/v1/benchmarks/refusing/studies", body, _cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, (await answer.Content.ReadFromJsonAsync<JsonElement>(_cancellation)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Locality_is_measured_and_shown_with_rank_correlations()
    {
        await ImportAsync("walked");
        Assert.Contains("Not measured yet", await _http.GetStringAsync("/benchmarks/walked/locality?steps=2000&edits=3", _cancellation), StringComparison.Ordinal);

        var (_, result) = await CalculateAsync("/api/v1/benchmarks/walked/localities", new { steps = 2000, edits = 3 });
        var page = WebUtility.HtmlDecode(await _http.GetStringAsync("/benchmarks/walked/locality?steps=2000&edits=3", _cancellation));

        Assert.Equal(3, result.GetProperty("autocorrelations").GetArrayLength());
        Assert.Contains(result.GetProperty("rankCorrelations").EnumerateArray(), rank => rank.GetProperty("figure").GetString() == "parameters" && rank.GetProperty("spearman").GetDouble() > 0.99);
        Assert.Contains("Autocorrelation of test accuracy", page, StringComparison.Ordinal);
        Assert.Contains("Spearman", page, StringComparison.Ordinal);
    }

    private async Task<(string Id, JsonElement Result)> CalculateAsync(string path, object question)
    {
        using var begun = await _http.PostAsJsonAsync(path, question, _cancellation);
        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        for (var attempt = 0; ; attempt++)
        {
            var now = await JsonAsync(begun.Headers.Location!.PathAndQuery); // not null: it was accepted
            if (now.GetProperty("state").GetString() == "completed")
            {
                return (now.GetProperty("id").GetString()!, now.GetProperty("result")); // not null: it has one
            }

            Assert.True(attempt < 600 && now.GetProperty("state").GetString() is "waiting" or "running", $"{now}");
            await Task.Delay(50, _cancellation);
        }
    }

    private async Task ImportAsync(string name)
    {
        var upload = await SendAsync("cells.csv", MadeUpBenchmark.Csv());
        using var imported = await _http.PostAsJsonAsync("/api/v1/benchmarks", new { uploads = new[] { upload }, name, space = "nasbench101", spaceSettings = MadeUpBenchmark.SpaceSettings, replace = true }, _cancellation);
        Assert.Equal(HttpStatusCode.Created, imported.StatusCode);
    }

    private async Task<Guid> SendAsync(string fileName, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var begun = await _http.PostAsJsonAsync("/api/v1/uploads", new { fileName, length = bytes.Length }, _cancellation);
        var id = (await begun.Content.ReadFromJsonAsync<JsonElement>(_cancellation)).GetProperty("id").GetGuid();
        using var content = new ByteArrayContent(bytes);
        using var put = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/uploads/{id}?offset=0") { Content = content };
        put.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(SHA256.HashData(bytes))}:");
        using var sent = await _http.SendAsync(put, _cancellation);
        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        return id;
    }

    private Task<JsonElement> JsonAsync(string path) => _http.GetFromJsonAsync<JsonElement>(path, _cancellation)!; // not null: it is an object or a list
}
