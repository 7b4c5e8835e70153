using NasPlatform.Search;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Strategies;

public sealed class GridSearchTests
{
    [Fact]
    public void Every_combination_is_proposed_once_the_last_decision_moving_fastest()
    {
        var space = new BitsSpace(3);
        var strategy = StrategyCatalog.Create("grid", space, null, new RandomSource(1));

        Assert.Equal(8, strategy.MostProposals);
        Assert.Equal(["000", "001", "010", "011", "100", "101", "110", "111"], Enumerable.Range(1, 8).Select(number => space.Format(strategy.Propose(number))));
    }

    [Fact]
    public void A_coarse_grid_has_evenly_spaced_options_of_each_decision()
    {
        var space = SearchSpaceCatalog.Create("nasbench201");
        var strategy = StrategyCatalog.Create("grid", space, new Dictionary<string, string> { ["points"] = "3" }, new RandomSource(1));

        Assert.Equal(729, strategy.MostProposals); // 3 of 5 operations on each of 6 edges
        Assert.Equal([0, 2, 4], Enumerable.Range(1, 729).SelectMany(number => strategy.Propose(number).Decisions).Select(decision => decision.Value).Distinct().Order());
    }

    [Fact]
    public void It_can_be_asked_out_of_order_after_a_restart()
    {
        var space = new BitsSpace(4);
        var strategy = StrategyCatalog.Create("grid", space, null, new RandomSource(1));

        Assert.Equal("1001", space.Format(strategy.Propose(10)));
        Assert.Equal("0000", space.Format(strategy.Propose(1)));
    }

    [Fact]
    public void A_huge_space_is_not_gone_through_whole_and_one_point_is_no_grid()
    {
        Assert.Equal(20_000, StrategyCatalog.Create("grid", SearchSpaceCatalog.Create("nasnet"), null, new RandomSource(1)).MostProposals);
        Assert.Contains(
            "at least 2, or 0",
            Assert.Throws<UserErrorException>(() => StrategyCatalog.Create("grid", new BitsSpace(3), new Dictionary<string, string> { ["points"] = "1" }, new RandomSource(1))).Message,
            StringComparison.Ordinal);
    }
}
