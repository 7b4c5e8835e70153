using NasPlatform.Search;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Strategies.Tpe;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Strategies;

public sealed class TreeParzenTests : StrategyContract
{
    protected override string Name => "tpe";

    [Fact]
    public void It_finds_far_better_strings_than_chance()
    {
        var space = new BitsSpace(30);
        var strategy = StrategyCatalog.Create(Name, space, null, new RandomSource(2));
        var shares = new List<double>();
        for (var number = 1; number <= 150; number++)
        {
            var genotype = strategy.Propose(number);
            shares.Add(BitsSpace.ShareOfOnes(genotype));
            strategy.Observe(new(number, genotype, new()), BitsSpace.Evaluated(shares[^1]));
        }

        // Of 150 random strings of 30 bits the best has 0.77 to 0.87 ones.
        Assert.InRange(shares.Max(), 0.93, 1);
        Assert.True(shares.TakeLast(30).Average() > shares.Take(10).Average() + 0.25, $"{shares.TakeLast(30).Average():0.00}");
    }

    [Fact]
    public void Probabilities_are_counts_with_a_uniform_prior()
    {
        var space = new BitsSpace(2);
        var counts = new OptionCounts([space.Parse("10"), space.Parse("11"), space.Parse("11")], prior: 1);

        Assert.Equal(3.5 / 4, counts.Probability("bit0", 1, 2), 12);
        Assert.Equal(0.5 / 4, counts.Probability("bit0", 0, 2), 12);
        Assert.Equal(0.25, counts.Probability("nobody asked", 3, 4));
        Assert.Equal(Math.Log(3.5 / 4) + Math.Log(1.5 / 4), counts.LogProbability(space.Parse("10")), 12);
    }
}
