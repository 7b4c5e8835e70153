using System.Net;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Spaces;

/// <summary>The pages of search spaces as the server renders them before a circuit takes over.</summary>
public sealed class SpacePagesTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    private const string Cell = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|";

    [Fact]
    public async Task Every_space_is_listed_and_has_a_page_with_an_architecture_drawn()
    {
        var list = await GetAsync("/spaces");
        foreach (var name in NasPlatform.Search.Spaces.SearchSpaceCatalog.Names)
        {
            Assert.Contains($"href=\"/spaces/{name}\"", list, StringComparison.Ordinal);
            var page = await GetAsync($"/spaces/{name}");
            Assert.Contains("Drawn with seed 1", page, StringComparison.Ordinal);
            Assert.Contains("Whole network", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_pasted_genotype_is_drawn_and_can_be_trained()
    {
        var page = await GetAsync($"/spaces/nasbench201?cells=1&genotype={Uri.EscapeDataString(Cell)}");

        Assert.Contains("As given", page, StringComparison.Ordinal);
        Assert.Contains("avg pool 3×3", page, StringComparison.Ordinal);
        Assert.Contains($"/experiments/new?space=nasbench201&set=cells%3D1&genotype={Uri.EscapeDataString(Cell)}", page, StringComparison.Ordinal);
        var form = await GetAsync($"/experiments/new?space=nasbench201&set=cells%3D1&genotype={Uri.EscapeDataString(Cell)}");
        Assert.Contains(Cell, form, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_architectures_are_compared()
    {
        var page = await GetAsync($"/spaces/nasbench201?genotype={Uri.EscapeDataString(Cell)}&with={Uri.EscapeDataString(Cell.Replace("avg_pool_3x3", "nor_conv_1x1", StringComparison.Ordinal))}");

        Assert.Contains("avg_pool_3x3 from node 2 to output; different", page, StringComparison.Ordinal);
        Assert.Contains("nor_conv_1x1 from node 2 to output; different", page, StringComparison.Ordinal);
        Assert.DoesNotContain("nor_conv_3x3 from input to node 1; different", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/spaces/nasbench201?genotype=nonsense", "nonsense")]
    [InlineData("/spaces/nasbench201?colour=red", "no setting 'colour'")]
    public async Task What_is_wrong_is_said_on_the_page(string address, string said) => Assert.Contains(said, await GetAsync(address), StringComparison.Ordinal);

    [Fact]
    public async Task An_unknown_space_is_not_there()
    {
        using var http = platform.CreateClient();
        using var answer = await http.GetAsync("/spaces/nowhere", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private async Task<string> GetAsync(string path)
    {
        using var http = platform.CreateClient();
        return WebUtility.HtmlDecode(await http.GetStringAsync(path, TestContext.Current.CancellationToken));
    }
}
