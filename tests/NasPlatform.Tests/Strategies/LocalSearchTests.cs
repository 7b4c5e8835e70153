using NasPlatform.Search;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Strategies;

public sealed class LocalSearchTests : StrategyContract
{
    private const int Bits = 12;

    protected override string Name => "local-search";

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void It_climbs_a_hill_to_its_top_trying_every_neighbour_once(int sideBySide)
    {
        var proposals = Run(genotype => BitsSpace.ShareOfOnes(genotype), sideBySide, 120, out var strategy);

        Assert.Contains(proposals, genotype => BitsSpace.ShareOfOnes(genotype) == 1);
        Assert.True(strategy.Diagnostics["moves"] >= 2);
        var top = proposals.FindIndex(genotype => BitsSpace.ShareOfOnes(genotype) == 1);
        Assert.Equal(top + 1 - 10, proposals.Take(top + 1).Skip(10).Distinct().Count());
    }

    [Fact]
    public void On_top_of_a_hill_it_starts_again_elsewhere()
    {
        Run(genotype => BitsSpace.ShareOfOnes(genotype), 1, 300, out var strategy);
        Assert.True(strategy.Diagnostics["restarts"] >= 1);
    }

    [Fact]
    public void It_moves_to_the_best_neighbour_and_not_to_the_first_that_is_better()
    {
        // The later the bit, the more it is worth: the best neighbour of a start has its last zero turned.
        var proposals = Run(Worth, 1, 10 + Bits + 1, out var strategy);
        var start = proposals.Take(10).MaxBy(Worth)!;
        var known = proposals.Take(10).ToHashSet();
        var tried = proposals.Skip(10).TakeWhile(genotype => Distance(start, genotype) == 1).ToList();

        Assert.Equal(Bits - known.Count(genotype => Distance(start, genotype) == 1), tried.Count);
        Assert.Equal(1, strategy.Diagnostics["moves"]);
        var best = tried.Concat(known).Where(genotype => Distance(start, genotype) == 1).MaxBy(Worth)!;
        Assert.Equal(1, Distance(best, proposals[10 + tried.Count]));

        static double Worth(Genotype genotype) => genotype.Decisions.Index().Sum(bit => bit.Item.Value * (1 << bit.Index)) / (double)(1 << Bits);
    }

    private static int Distance(Genotype one, Genotype other) => one.Decisions.Zip(other.Decisions).Count(pair => pair.First.Value != pair.Second.Value);

    // Proposal n has been told the first n − sideBySide, as in a search.
    private List<Genotype> Run(Func<Genotype, double> score, int sideBySide, int trials, out Strategy strategy)
    {
        strategy = StrategyCatalog.Create(Name, new BitsSpace(Bits), null, new RandomSource(3));
        var proposals = new List<Genotype>();
        for (var number = 1; number <= trials; number++)
        {
            if (number > sideBySide)
            {
                var told = proposals[number - sideBySide - 1];
                strategy.Observe(new(number - sideBySide, told, new()), BitsSpace.Evaluated(score(told)));
            }

            proposals.Add(strategy.Propose(number));
        }

        return proposals;
    }
}
