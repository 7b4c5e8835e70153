using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Datasets;

/// <summary>Datasets that are no images, from an upload to the page that shows them.</summary>
public sealed class DatasetPagesTests(PlatformFixture platform) : IClassFixture<PlatformFixture>, IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = platform.Address };
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task A_time_series_is_taken_in_with_its_options_and_shown_as_one()
    {
        var text = "day,load,heat\n" + string.Concat(Enumerable.Range(0, 200).Select(i => string.Create(CultureInfo.InvariantCulture, $"{new DateTime(2026, 1, 1).AddDays(i):yyyy-MM-dd},{i % 30},{i % 7}.5\n")));
        await AddAsync("load", "load.csv", text, new { horizon = 5, steps = 20, targets = new[] { "heat" }, rows = new { train = 120, validation = 40, test = 20 } });

        var page = await GetAsync("/datasets/load");
        var list = await GetAsync("/datasets");

        Assert.Contains("The series", page, StringComparison.Ordinal);
        Assert.Contains("5 steps of 1 variable", page, StringComparison.Ordinal);
        Assert.Contains("heat, load over 180 steps", page, StringComparison.Ordinal);
        Assert.Contains("20 rows at the end are in no split", page, StringComparison.Ordinal);
        Assert.Contains("180 steps", list, StringComparison.Ordinal);
        Assert.Contains("forecasting", list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_shows_its_first_rows_and_columns_and_has_no_images()
    {
        await AddAsync("people", "people.csv", "age,town,kind\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i * 7 % 60},{"uvw"[i % 3]},{"xy"[i / 2 % 2]}\n")), new { });

        var page = await GetAsync("/datasets/people");
        using var image = await _http.GetAsync("/api/v1/datasets/people/images/0.png", _cancellation);
        using var gallery = await _http.GetAsync("/api/v1/datasets/people/classes/0/images", _cancellation);

        Assert.Contains("First rows", page, StringComparison.Ordinal);
        Assert.Contains("3 categories: ", page, StringComparison.Ordinal);
        Assert.Contains("tabular classification", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (image.StatusCode, gallery.StatusCode));
    }

    [Fact]
    public async Task A_text_shows_its_beginning_and_its_most_frequent_tokens()
    {
        await AddAsync("song", "my song.txt", string.Concat(Enumerable.Range(0, 300).Select(i => $"la le word{i % 40}\n")), new { steps = 5 });

        var page = await GetAsync("/datasets/song");

        Assert.Contains("la le word0 &lt;eos&gt;", page, StringComparison.Ordinal);
        Assert.Contains("Most frequent tokens", page, StringComparison.Ordinal);
        Assert.Contains("And 23 others.", page, StringComparison.Ordinal);
        Assert.Contains("43 words", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Series_show_examples_of_each_class()
    {
        var text = "@classLabel true calm wild\n@data\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"{i},{i + 1},{i % 3}:{i % 5},1,2:{(i % 2 == 0 ? "calm" : "wild")}\n"));
        await AddAsync("moves", "moves.ts", text, new { });

        var page = await GetAsync("/datasets/moves?class=1");

        Assert.Contains("Examples of wild", page, StringComparison.Ordinal);
        Assert.Contains("/datasets/moves?class=0", page, StringComparison.Ordinal);
        Assert.Contains("Training series 1 of the class wild", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_is_said_with_the_file_s_own_name_and_line()
    {
        await AddAsync("wrong", "bad series.ts", "@classLabel true a b\n@data\n1,2:a\n1,x:b\n", new { }, "failed");

        Assert.Contains("bad series.ts, line 4: &#x27;x&#x27; is not a number that can be kept.", await GetAsync("/datasets/wrong"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_form_has_the_options_of_each_kind()
    {
        var page = await GetAsync("/datasets/new");

        Assert.All(new[] { "task", "label", "tokens", "history", "horizon", "targets", "rows", "categories", "steps", "vocabulary" }, name => Assert.Contains($"name=\"{name}\"", page, StringComparison.Ordinal));
        Assert.Contains(".ts,.arff", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"horizon":0}""")]
    [InlineData("""{"vocabulary":1}""")]
    [InlineData("""{"task":"everything"}""")]
    [InlineData("""{"rows":{"train":0,"validation":1,"test":1}}""")]
    public async Task Options_out_of_range_are_refused(string options)
    {
        using var body = new StringContent($$"""{"name":"refused","options":{{options}}}""", Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync("/api/v1/datasets", body, _cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private async Task AddAsync(string name, string fileName, string text, object options, string state = "ready")
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var begun = await _http.PostAsJsonAsync("/api/v1/uploads", new { fileName, length = bytes.Length }, _cancellation);
        var id = (await begun.Content.ReadFromJsonAsync<JsonElement>(_cancellation)).GetProperty("id").GetGuid();
        using var content = new ByteArrayContent(bytes);
        using var put = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/uploads/{id}?offset=0") { Content = content };
        put.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(SHA256.HashData(bytes))}:");
        using var sent = await _http.SendAsync(put, _cancellation);
        using var added = await _http.PostAsJsonAsync("/api/v1/datasets", new { name, upload = id, options }, _cancellation);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        for (var attempt = 0; ; attempt++)
        {
            var now = (await _http.GetFromJsonAsync<JsonElement>($"/api/v1/datasets/{name}", _cancellation)).GetProperty("summary");
            if (now.GetProperty("state").GetString() == state)
            {
                return;
            }

            Assert.True(attempt < 6000 && now.GetProperty("state").GetString() == "ingesting", $"{now}");
            await Task.Delay(100, _cancellation);
        }
    }

    private Task<string> GetAsync(string path) => _http.GetStringAsync(path, _cancellation);
}
