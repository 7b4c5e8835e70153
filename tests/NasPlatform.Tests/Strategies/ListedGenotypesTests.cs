using NasPlatform.Search;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;

namespace NasPlatform.Tests.Strategies;

public sealed class ListedGenotypesTests
{
    private const string First = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|";
    private const string Second = "|skip_connect~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_1x1~2|";

    private static readonly SearchSpace Space = SearchSpaceCatalog.Create("nasbench201");

    [Fact]
    public void Proposes_what_is_listed_in_order_and_no_more()
    {
        var strategy = Create($"{First}; {Second}");

        Assert.Equal(2, strategy.MostProposals);
        Assert.Equal([First, Second], new[] { 1, 2 }.Select(number => Space.Format(strategy.Propose(number))));
    }

    [Fact]
    public void A_text_that_is_no_genotype_is_refused_by_name()
    {
        var error = Assert.Throws<UserErrorException>(() => Create($"{First}; nonsense"));

        Assert.Contains("nonsense", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_spec_that_lists_nothing_is_not_valid()
    {
        var problem = Assert.Single(new ExperimentSpec { Dataset = "any", Space = "nasbench201", Strategy = "listed", Budget = new(1) }.Problems());

        Assert.Equal("strategy", problem.Field);
        Assert.Contains("nothing to propose", problem.Text, StringComparison.Ordinal);
    }

    private static Strategy Create(string genotypes) =>
        StrategyCatalog.Create("listed", Space, new Dictionary<string, string> { ["genotypes"] = genotypes }, new RandomSource(1));
}
