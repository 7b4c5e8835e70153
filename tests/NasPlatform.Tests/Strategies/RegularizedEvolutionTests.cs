using NasPlatform.Search;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Strategies;

public sealed class RegularizedEvolutionTests : StrategyContract
{
    protected override string Name => "evolution";

    /// <summary>
    /// The reference notebook's toy (search-methods-evolution.md §10.1): 100 bits, noise 0.01, P = 100, S = 10, 1,000 evaluations. Over 200 seeds of
    /// an independent implementation the best-scored model has 0.84 to 0.95 ones and the last population 0.82 at least.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Toy_of_100_bits_climbs_to_its_known_plateau(ulong seed)
    {
        var space = new BitsSpace(100);
        var noise = new RandomSource(seed).Split("noise");
        var strategy = StrategyCatalog.Create(
            Name, space, new Dictionary<string, string> { ["population"] = "100", ["sample"] = "10" }, new RandomSource(seed));
        var history = new List<(Genotype Genotype, double Score)>();
        for (var number = 1; number <= 1000; number++)
        {
            var genotype = strategy.Propose(number);
            var accuracy = BitsSpace.ShareOfOnes(genotype) + (0.01 * noise.NextGaussian());
            strategy.Observe(new(number, genotype, new()), BitsSpace.Evaluated(accuracy));
            history.Add((genotype, accuracy));
        }

        Assert.InRange(BitsSpace.ShareOfOnes(history.MaxBy(entry => entry.Score).Genotype), 0.80, 1);
        Assert.InRange(history.TakeLast(100).Average(entry => BitsSpace.ShareOfOnes(entry.Genotype)), 0.78, 1);
        Assert.Equal(100, strategy.Diagnostics["population"]);
    }

    [Fact]
    public void The_oldest_dies_however_good_it_is()
    {
        var space = new BitsSpace(20);
        var strategy = StrategyCatalog.Create(
            Name, space, new Dictionary<string, string> { ["population"] = "2", ["sample"] = "50" }, new RandomSource(1));
        var ones = space.Parse(new string('1', 20));
        var zeros = space.Parse(new string('0', 20));

        strategy.Observe(new(1, ones, new()), BitsSpace.Evaluated(1));
        strategy.Observe(new(2, zeros, new()), BitsSpace.Evaluated(0.1));
        var childOfBest = strategy.Propose(3);
        strategy.Observe(new(3, zeros, new()), BitsSpace.Evaluated(0.2));
        var childAfterItsDeath = strategy.Propose(4);

        Assert.Equal(0.95, BitsSpace.ShareOfOnes(childOfBest), 6);
        Assert.Equal(0.05, BitsSpace.ShareOfOnes(childAfterItsDeath), 6);
    }
}
