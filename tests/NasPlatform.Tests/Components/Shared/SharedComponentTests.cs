using Microsoft.AspNetCore.Components;
using NasPlatform.Search.Export;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Components.Shared;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Components.Shared;

public sealed class SharedComponentTests
{
    public static TheoryData<Enum> States =>
    [
        .. Enum.GetValues<ExperimentState>().Cast<Enum>(),
        .. Enum.GetValues<StoredTrialState>().Cast<Enum>(),
        .. Enum.GetValues<JobState>().Cast<Enum>(),
        .. Enum.GetValues<DatasetState>().Cast<Enum>(),
        .. Enum.GetValues<AttemptOutcome>().Cast<Enum>(),
        .. Enum.GetValues<Parity>().Cast<Enum>(),
    ];

    [Theory]
    [MemberData(nameof(States))]
    public async Task A_state_has_a_word_and_a_picture(Enum state)
    {
        var html = await Rendering.HtmlAsync<StateBadge>(parameters: ("Of", state));

        Assert.Contains(StateLook.Of(state).Word, html, StringComparison.Ordinal);
        Assert.Contains("<svg", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_is_exact_on_hover_and_for_programs()
    {
        var html = await Rendering.HtmlAsync<Ago>(parameters: ("At", new DateTimeOffset(2020, 1, 2, 3, 4, 5, TimeSpan.FromHours(1))));

        Assert.Contains("datetime=\"2020-01-02T02:04:05Z\"", html, StringComparison.Ordinal);
        Assert.Contains("title=\"2 Jan 2020, 02:04:05 UTC\"", html, StringComparison.Ordinal);
        Assert.Contains(">2 Jan 2020<", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pager_names_the_rows_and_links_the_pages_beside()
    {
        var query = TableQuery.Of("https://nas.example/models?search=x&page=2", "name");

        var html = await Rendering.HtmlAsync<Pager>(parameters: [("Query", query), ("Total", 120L), ("PageSize", 50)]);

        Assert.Contains("51–100 of 120", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/models?search=x\"", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/models?search=x&amp;page=3\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_tells_its_order_and_links_to_others()
    {
        var html = await TableAsync("https://nas.example/models?sort=name&order=desc", [1, 2]);

        Assert.Contains("aria-sort=\"descending\"", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/models?sort=name&amp;order=asc\"", html, StringComparison.Ordinal);
        Assert.Contains("<tr><td>2</td></tr>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_was_searched_in_vain_offers_to_show_all()
    {
        var html = await TableAsync("https://nas.example/models?search=%3Cb%3E", []);

        Assert.Contains("Nothing matches", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/models\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_with_nothing_in_it_says_what_to_do() => Assert.Contains("add one", await TableAsync("https://nas.example/models", []), StringComparison.Ordinal);

    [Theory]
    [InlineData(0.333, "aria-valuenow=\"33.3\"")]
    [InlineData(7.0, "aria-valuenow=\"100\"")]
    [InlineData(double.NaN, "unknown")]
    public async Task Progress_is_told_to_those_who_do_not_see_it(double value, string expected)
    {
        var html = await Rendering.HtmlAsync<ProgressBar>(parameters: [("Value", double.IsNaN(value) ? null : value), ("Label", "Sending")]);

        Assert.Contains("aria-label=\"Sending\"", html, StringComparison.Ordinal);
        Assert.Contains(expected, html, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_finite_is_a_gap_in_a_chart() =>
        Assert.Equal("""{"series":[{"data":[1,null,null]}]}""", ChartFormat.ToJson(new { Series = new[] { new { Data = new[] { 1, double.NaN, double.PositiveInfinity }, Name = (string?)null } } }));

    private static Task<string> TableAsync(string uri, int[] rows) => Rendering.HtmlAsync<DataTable<int>>(parameters:
    [
        ("Label", "Models"), ("Query", TableQuery.Of(uri, "created")), ("Rows", rows), ("Total", (long)rows.Length), ("PageSize", 50), ("SearchHint", "Search"),
        ("Header", (RenderFragment)(builder =>
        {
            builder.OpenComponent<SortHeader>(0);
            builder.AddAttribute(1, "Key", "name");
            builder.AddAttribute(2, "ChildContent", Rendering.Content("Name"));
            builder.CloseComponent();
        })),
        ("Row", (RenderFragment<int>)(row => Rendering.Content($"<tr><td>{row}</td></tr>"))),
        ("NoRows", Rendering.Content("add one")),
    ]);
}
