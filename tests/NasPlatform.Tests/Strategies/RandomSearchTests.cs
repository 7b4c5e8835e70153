using NasPlatform.Search;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Strategies;

public sealed class RandomSearchTests : StrategyContract
{
    protected override string Name => "random";

    [Theory]
    [InlineData("networks", 32)]
    [InlineData("encodings", 31)]
    public void Distinct_networks_are_never_drawn_twice_and_encodings_are(string over, int mostDistinct)
    {
        // 5 bits have 32 strings: 32 draws without repetition see all of them, uniform ones practically never do.
        var space = new BitsSpace(5);
        var strategy = StrategyCatalog.Create("random", space, new Dictionary<string, string> { ["over"] = over }, new RandomSource(1));
        var distinct = Enumerable.Range(1, 32).Select(strategy.Propose).Distinct().Count();
        Assert.True(over == "networks" ? distinct == mostDistinct : distinct <= mostDistinct, $"{distinct}");
    }

    [Fact]
    public void Where_no_network_is_left_draws_are_taken_as_they_come()
    {
        var strategy = StrategyCatalog.Create("random", new BitsSpace(3), null, new RandomSource(1));
        var draws = Enumerable.Range(1, 200).Select(strategy.Propose).ToList();

        Assert.Equal(8, draws.Take(8).Distinct().Count());
        Assert.Equal(8, draws.Skip(8).Distinct().Count());
    }

    [Fact]
    public void Draws_are_uniform()
    {
        // 4,000 draws of 3 equal options: 1333 ± 5 deviations of 30.
        var space = SearchSpaceCatalog.Create("chain", new Dictionary<string, string> { ["layers"] = "1" });
        var strategy = StrategyCatalog.Create("random", space, new Dictionary<string, string> { ["over"] = "encodings" }, new RandomSource(1));
        var counts = Enumerable.Range(1, 4000).Select(number => strategy.Propose(number)["layer1/stride_height"]).CountBy(value => value);
        Assert.All(counts, count => Assert.InRange(count.Value, 1183, 1483));
    }
}
