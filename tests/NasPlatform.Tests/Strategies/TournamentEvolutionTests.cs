using NasPlatform.Search;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Strategies.Evolution;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Strategies;

public sealed class TournamentEvolutionTests : StrategyContract
{
    protected override string Name => "tournament";

    [Theory]
    [InlineData(200, 10)]
    [InlineData(7000, 350)]
    [InlineData(19, 1)]
    public void HIER_K3_a_tournament_is_five_per_cent_and_one_at_least(int population, int size) => Assert.Equal(size, TournamentEvolution.TournamentSize(population, 0.05));

    [Fact]
    public void HIER_K9_nothing_ever_leaves_the_population()
    {
        var space = new BitsSpace(20);
        var strategy = StrategyCatalog.Create(Name, space, new Dictionary<string, string> { ["initial"] = "30" }, new RandomSource(1));
        for (var number = 1; number <= 200; number++)
        {
            var genotype = strategy.Propose(number);
            strategy.Observe(new(number, genotype, new()), BitsSpace.Evaluated(BitsSpace.ShareOfOnes(genotype)));
            Assert.Equal(number, strategy.Diagnostics["population"]);
        }
    }

    [Fact]
    public void A_child_is_a_mutation_of_the_best_of_its_tournament()
    {
        var space = new BitsSpace(20);
        var strategy = StrategyCatalog.Create(Name, space, new Dictionary<string, string> { ["initial"] = "1", ["share"] = "1" }, new RandomSource(1));
        foreach (var ones in new[] { 3, 20, 7 })
        {
            strategy.Observe(new(ones, space.Parse(new string('1', ones) + new string('0', 20 - ones)), new()), BitsSpace.Evaluated(ones / 20.0));
        }

        Assert.Equal(0.95, BitsSpace.ShareOfOnes(strategy.Propose(4)), 6);
    }
}
