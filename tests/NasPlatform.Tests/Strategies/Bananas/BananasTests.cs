using NasPlatform.Search;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Strategies.Bananas;

public sealed class BananasTests : StrategyContract
{
    protected override string Name => "bananas";

    [Theory]
    [InlineData("its")]
    [InlineData("ucb")]
    [InlineData("ei")]
    public void It_finds_better_than_chance_and_never_the_same_twice(string acquisition)
    {
        var space = new BitsSpace(30);
        var strategy = StrategyCatalog.Create(Name, space, new Dictionary<string, string> { ["acquisition"] = acquisition }, new RandomSource(2));
        var proposals = new List<Genotype>();
        for (var number = 1; number <= 150; number++)
        {
            proposals.Add(strategy.Propose(number));
            strategy.Observe(new(number, proposals[^1], new()), BitsSpace.Evaluated(BitsSpace.ShareOfOnes(proposals[^1])));
        }

        // The best of 150 random strings of 30 bits has 22 or 23 ones.
        Assert.InRange(proposals.Max(BitsSpace.ShareOfOnes), 28 / 30.0, 1);
        Assert.Equal(150, proposals.Distinct().Count());
        Assert.InRange(strategy.Diagnostics["predictor_error"], 0, 0.1);
    }
}
