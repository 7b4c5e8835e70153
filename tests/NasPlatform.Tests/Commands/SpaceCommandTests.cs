using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Commands;

namespace NasPlatform.Tests.Commands;

public sealed class SpaceCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task NasBench201_has_the_published_numbers_of_cells()
    {
        var run = await NasRun.Of(_folder, ["space", "count", "nasbench201", "--distinct"]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal(["15,625 genotypes", "6,466 different networks"], run.Lines);
    }

    [Fact]
    public async Task A_large_space_is_counted_exactly_and_not_enumerated()
    {
        var count = await NasRun.Of(_folder, ["space", "count", "chain"]);
        var refusal = await NasRun.Of(_folder, ["space", "count", "chain", "--distinct"]);

        Assert.Equal(["1,196,698,744,784,701,882,368 (1.20 × 10²¹) genotypes"], count.Lines);
        Assert.Equal(ExitCode.UserError, refusal.ExitCode);
        Assert.Contains("too many to enumerate", refusal.Error);
    }

    [Fact]
    public async Task A_setting_changes_the_space()
    {
        var run = await NasRun.Of(_folder, ["space", "count", "chain", "--set", "layers=1", "--set", "strides=1", "--set", "filters=8,16", "--json", "--distinct"]);

        var json = Assert.Single(run.Json);
        Assert.Equal("32", json.GetProperty("genotypes").GetString());
        Assert.Equal(32, json.GetProperty("networks").GetInt32());
        Assert.Equal("1", json.GetProperty("settings").GetProperty("layers").GetString());
    }

    [Fact]
    public async Task Samples_follow_the_seed()
    {
        var first = await NasRun.Of(_folder, ["space", "sample", "chain", "-n", "4", "--seed", "7"]);
        var again = await NasRun.Of(_folder, ["space", "sample", "chain", "-n", "4", "--seed", "7"]);
        var other = await NasRun.Of(_folder, ["space", "sample", "chain", "-n", "4", "--seed", "8"]);

        Assert.Equal(4, first.Lines.Distinct().Count());
        Assert.Equal(first.Output, again.Output);
        Assert.NotEqual(first.Output, other.Output);
    }

    [Fact]
    public async Task An_unknown_space_suggests_the_nearest_and_lists_all()
    {
        var run = await NasRun.Of(_folder, ["space", "show", "chian"]);

        Assert.Equal(ExitCode.UserError, run.ExitCode);
        Assert.Equal($"nas: There is no space 'chian'. Did you mean 'chain'? Known: {string.Join(", ", SearchSpaceCatalog.Names)}.\n", run.Error);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task Show_tells_the_settings_the_decisions_and_the_form()
    {
        var run = await NasRun.Of(_folder, ["space", "show", "nasbench201"]);

        Assert.Contains(run.Lines, line => line.Contains("channels", StringComparison.Ordinal) && line.Contains("16", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.Contains("operation ", StringComparison.Ordinal) && line.Contains("nor_conv_3x3", StringComparison.Ordinal));
        Assert.Contains("6 decisions, 15,625 genotypes.", run.Lines);
        Assert.DoesNotContain(run.Lines, line => line.EndsWith(' '));
    }

    [Fact]
    public async Task Neighbours_are_one_decision_away_and_say_which()
    {
        const string cell = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|";
        var run = await NasRun.Of(_folder, ["space", "neighbours", "nasbench201", cell, "--json"]);

        Assert.Equal(6 * 4, run.Json.Count);
        Assert.Equal("edge0_1", run.Json[0].GetProperty("place").GetString());
        Assert.Equal(("nor_conv_3x3", "none"), (run.Json[0].GetProperty("was").GetString(), run.Json[0].GetProperty("is").GetString()));
        Assert.Equal("|none~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|", run.Json[0].GetProperty("genotype").GetString());
    }

    [Theory]
    [InlineData("cell", "conv 3×3")]
    [InlineData("network", "stage 2, residual")]
    public async Task A_diagram_is_an_SVG_file(string part, string shown)
    {
        const string cell = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|";
        var run = await NasRun.Of(_folder, ["space", "diagram", "nasbench201", cell, "--part", part, "--out", "drawn.svg"]);

        Assert.Equal(0, run.ExitCode);
        var svg = System.Xml.Linq.XDocument.Load(_folder["drawn.svg"]).Root!; // not null: it was read
        Assert.Equal("svg", svg.Name.LocalName);
        Assert.Contains(svg.Descendants().Where(element => element.Name.LocalName == "text"), text => text.Value == shown);
    }

    [Fact]
    public async Task A_part_that_is_not_there_is_answered_with_those_that_are()
    {
        var run = await NasRun.Of(_folder, ["space", "diagram", "nasbench201", "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|", "--part", "normal"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Cell, network", run.Error, StringComparison.Ordinal);
    }
}
