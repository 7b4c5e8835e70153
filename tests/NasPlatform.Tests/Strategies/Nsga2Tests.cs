using NasPlatform.Search;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Strategies.Evolution;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Strategies;

public sealed class Nsga2Tests : StrategyContract
{
    private static readonly BitsSpace Space = new(20);

    protected override string Name => "nsga2";

    /// <summary>Deb et al. 2002, figures 1 and 2: fronts first, and within the front the ends, then what has the most room.</summary>
    [Fact]
    public void Fronts_come_first_and_within_them_the_emptiest_places()
    {
        Nsga2.Member[] members = [Of(0.5, 30), Of(0.9, 50), Of(0.1, 10), Of(0.2, 12), Of(0.15, 11), Of(0.4, 40), Of(0.05, 60)];

        var ranked = Nsga2.Ranked(members).ToList();

        Assert.Equal([0, 0, 0, 0, 0, 1, 2], ranked.Select(member => member.Front));
        Assert.Equal([0.1, 0.9], ranked.Take(2).Select(member => member.Score).Order());
        Assert.Equal([0.5, 0.2, 0.15], ranked.Skip(2).Take(3).Select(member => member.Score));
        Assert.Equal((double.PositiveInfinity, double.PositiveInfinity), (ranked[0].Crowding, ranked[1].Crowding));
        Assert.Equal(((0.9 - 0.2) / 0.8) + ((50 - 12) / 40.0), ranked[2].Crowding, 12);
    }

    /// <summary>Score is the share of ones among the first ten bits, the cost that of all: the front has zeros in the last ten.</summary>
    [Fact]
    public void It_finds_the_front_of_a_toy()
    {
        var strategy = StrategyCatalog.Create(Name, Space, new Dictionary<string, string> { ["population"] = "16" }, new RandomSource(3));
        var told = new List<(double Score, long Cost)>();
        for (var number = 1; number <= 600; number++)
        {
            var genotype = strategy.Propose(number);
            var (useful, all) = (genotype.Decisions.Take(10).Sum(bit => bit.Value), genotype.Decisions.Sum(bit => bit.Value));
            told.Add((useful / 10.0, all + 1));
            strategy.Observe(new(number, genotype, new()), BitsSpace.Evaluated(useful / 10.0) with { ParameterCount = all + 1 });
        }

        // Every score is reached at its least cost.
        Assert.Equal(Enumerable.Range(0, 11).Select(ones => (ones / 10.0, ones + 1L)), told.GroupBy(trial => trial.Score).OrderBy(group => group.Key).Select(group => (group.Key, group.Min(trial => trial.Cost))));
    }

    [Fact]
    public void A_child_of_two_has_every_decision_from_one_or_the_other()
    {
        var (zeros, ones) = (Space.Parse(new string('0', 20)), Space.Parse(new string('1', 20)));
        var child = Space.Cross(zeros, ones, new RandomSource(1));

        Assert.InRange(child.Decisions.Sum(bit => bit.Value), 4, 16);
        Assert.Equal(ones, Space.Cross(ones, ones, new RandomSource(1)));
    }

    [Fact]
    public void Crossed_genotypes_of_every_space_are_genotypes_of_it()
    {
        foreach (var name in SearchSpaceCatalog.Names)
        {
            var space = SearchSpaceCatalog.Create(name);
            var random = new RandomSource(4);
            for (var draw = 0; draw < 5; draw++)
            {
                var child = space.Cross(space.Sample(random), space.Sample(random), random);
                Assert.Equal(child, space.FromValues(child.ToDictionary()));
                Assert.True(space.IsValid(child), name);
            }
        }
    }

    private static Nsga2.Member Of(double score, double cost) => new(1, Space.Parse(new string('0', 20)), score, cost);
}
