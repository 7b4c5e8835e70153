using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Api;

/// <summary>Lists of experiments and trials by REST: sorted, filtered, searched and paged in the database.</summary>
public sealed class ListTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    private readonly HttpClient _http = platform.CreateClient();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Trials_are_sorted_filtered_and_paged_and_those_without_a_value_come_last()
    {
        var id = await InsertAsync(Stored.Experiment(), id =>
            [Stored.Trial(id, 1, 0.3, 300), Stored.Trial(id, 2, null), Stored.Trial(id, 3, 0.9, 900), Stored.Trial(id, 4, 0.6, 600, "5x5/1x1/8")]);

        Assert.Equal("4 3 2 1", await NumbersAsync(id, ""));
        Assert.Equal("3 4 1 2", await NumbersAsync(id, "?sort=score"));
        Assert.Equal("1 4 3 2", await NumbersAsync(id, "?sort=score&order=asc"));
        Assert.Equal("4 3", await NumbersAsync(id, "?minScore=0.5"));
        Assert.Equal("1", await NumbersAsync(id, "?maxParameters=400"));
        Assert.Equal("2", await NumbersAsync(id, "?state=failed,running"));
        Assert.Equal("4", await NumbersAsync(id, "?search=5X5"));
        Assert.Equal("2", await NumbersAsync(id, "?search=finite"));
        Assert.Equal("4 1", await NumbersAsync(id, "?sort=score&minScore=0&maxParameters=700&reused=false"));

        var page = await GetAsync($"/api/v1/experiments/{id}/trials?size=3&page=2");
        Assert.Equal((4, 2, 3, 2), (page.GetProperty("total").GetInt32(), page.GetProperty("page").GetInt32(), page.GetProperty("size").GetInt32(), page.GetProperty("pages").GetInt32()));
        Assert.Equal(1, page.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Experiments_are_found_by_what_people_type()
    {
        var mark = $"{Guid.NewGuid():N}";
        await InsertAsync(Stored.Experiment($"First {mark}"));
        await InsertAsync(Stored.Experiment($"second {mark}", ExperimentState.Failed));

        var both = await GetAsync($"/api/v1/experiments?search={mark}&sort=name&order=asc");
        var failed = await GetAsync($"/api/v1/experiments?search={mark.ToUpperInvariant()}&state=failed&dataset=textures");

        Assert.Equal([$"First {mark}", $"second {mark}"], both.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
        var only = Assert.Single(failed.GetProperty("items").EnumerateArray());
        Assert.Equal(("failed", "terminal"), (only.GetProperty("state").GetString(), only.GetProperty("origin").GetString()));
    }

    [Theory]
    [InlineData("sort=beauty", "sort")]
    [InlineData("state=1", "state")]
    [InlineData("page=0", "page")]
    [InlineData("size=501", "size")]
    [InlineData("minScore=NaN", "minScore")]
    public async Task A_parameter_that_will_not_do_is_named_with_what_would(string parameter, string name)
    {
        var id = await InsertAsync(Stored.Experiment());

        using var answer = await _http.GetAsync($"/api/v1/experiments/{id}/trials?{parameter}", _cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains($"'{name}' is '", (await answer.Content.ReadFromJsonAsync<JsonElement>(_cancellation)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_has_a_line_a_row_quoted_where_needed_and_no_formula()
    {
        var id = await InsertAsync(Stored.Experiment(), id => [Stored.Trial(id, 1, 0.5, 1000, "=HYPERLINK(\"http://x\",\"y\")"), Stored.Trial(id, 2, 0.25)]);

        var text = await _http.GetStringAsync($"/api/v1/experiments/{id}/trials.csv?order=asc", _cancellation);

        var lines = text.Split("\r\n");
        Assert.StartsWith("number,genotype,key,state,", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("1,\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",key-1,completed,", lines[1], StringComparison.Ordinal);
        Assert.Contains(",0.25,", lines[2], StringComparison.Ordinal);
        Assert.Equal(["", ""], lines[3..].Append(""));
    }

    [Fact]
    public async Task Json_download_has_all_rows()
    {
        var id = await InsertAsync(Stored.Experiment(), id => [.. Enumerable.Range(1, 120).Select(number => Stored.Trial(id, number))]);

        using var answer = await _http.GetAsync($"/api/v1/experiments/{id}/trials.json", _cancellation);

        Assert.Equal(120, (await answer.Content.ReadFromJsonAsync<JsonElement>(_cancellation)).GetArrayLength());
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal($"trials-{id:N}.json", answer.Content.Headers.ContentDisposition?.FileName?.Trim('"'));
    }

    private async Task<string> NumbersAsync(Guid id, string query) =>
        string.Join(' ', (await GetAsync($"/api/v1/experiments/{id}/trials{query}")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("number").GetInt32()));

    private Task<JsonElement> GetAsync(string path) => _http.GetFromJsonAsync<JsonElement>(path, _cancellation);

    private async Task<Guid> InsertAsync(StoredExperiment experiment, Func<Guid, IReadOnlyList<StoredTrial>>? trials = null)
    {
        await platform.Store.WriteAsync(
            async (context, again) =>
            {
                context.Experiments.Add(experiment);
                await context.SaveChangesAsync(again);
                context.Trials.AddRange(trials?.Invoke(experiment.Id) ?? []);
            },
            _cancellation);
        return experiment.Id;
    }
}
