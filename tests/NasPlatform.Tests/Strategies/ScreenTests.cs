using NasPlatform.Search;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Strategies;

public sealed class ScreenTests
{
    private static readonly SearchSpace Space = SearchSpaceCatalog.Create("nasbench201");

    public static TheoryData<string> Screened => ["random", "evolution", "tournament", "nsga2", "local-search", "bananas", "tpe"];

    [Theory]
    [MemberData(nameof(Screened))]
    public void The_first_proposals_are_the_best_of_their_candidates(string name)
    {
        var scored = new List<Genotype>();
        var strategy = Create(name, (proxy, genotype) =>
        {
            Assert.Equal(Proxy.Naswot, proxy);
            scored.Add(genotype);
            return Ones(genotype);
        });
        for (var number = 1; number <= 5; number++)
        {
            scored.Clear();
            var proposal = strategy.Propose(number);
            Assert.Equal(7, scored.Count);
            Assert.Equal(scored.Max(Ones), Ones(proposal));
            Tell(strategy, number, proposal, 0.5);
        }
    }

    [Theory]
    [MemberData(nameof(Screened))]
    public void Without_a_proxy_nothing_is_scored_and_draws_are_as_ever(string name)
    {
        var plain = StrategyCatalog.Create(name, Space, null, new RandomSource(3));
        var off = StrategyCatalog.Create(name, Space, new Dictionary<string, string> { ["proxy"] = "none" }, new RandomSource(3), 1, (_, _) => throw new InvalidOperationException("scored"));
        for (var number = 1; number <= 30; number++)
        {
            var proposal = plain.Propose(number);
            Assert.Equal(proposal, off.Propose(number));
            Assert.Empty(off.ChosenFrom);
            Tell(plain, number, proposal, Ones(proposal));
            Tell(off, number, proposal, Ones(proposal));
        }
    }

    [Theory]
    [InlineData("evolution")]
    [InlineData("tournament")]
    [InlineData("nsga2")]
    public void A_child_is_the_best_of_several_mutations_and_its_parent_does_not_depend_on_scores(string name)
    {
        var (strategy, blind) = (Create(name, (_, genotype) => Ones(genotype)), Create(name, null));
        for (var number = 1; number <= 40; number++)
        {
            var proposal = strategy.Propose(number);
            blind.Propose(number);
            Assert.Equal(blind.ParentOf(number), strategy.ParentOf(number));
            Assert.Equal(blind.ChosenFrom, strategy.ChosenFrom);
            Assert.Equal(7, strategy.ChosenFrom.Count);
            Assert.Equal(strategy.ChosenFrom.Max(Ones), Ones(proposal));

            // All scores differ, so that no tournament is tied.
            Tell(strategy, number, proposal, number / 100.0);
            Tell(blind, number, proposal, number / 100.0);
        }
    }

    [Fact]
    public void Of_members_whose_trials_scored_alike_the_one_with_the_better_score_is_the_parent()
    {
        var strategy = StrategyCatalog.Create("evolution", Space, new Dictionary<string, string> { ["population"] = "5", ["sample"] = "100", ["proxy"] = "synflow" }, new RandomSource(1), 1, (_, genotype) => Ones(genotype));
        var drawn = new List<Genotype>();
        for (var number = 1; number <= 5; number++)
        {
            drawn.Add(strategy.Propose(number));
            Tell(strategy, number, drawn[^1], 0.5);
        }

        strategy.Propose(6);
        Assert.Equal(drawn.Max(Ones), Ones(drawn[strategy.ParentOf(6)!.Value - 1])); // not null: it is a child
    }

    [Fact]
    public void Local_search_tries_neighbours_in_the_order_of_their_scores()
    {
        var strategy = StrategyCatalog.Create("local-search", Space, new Dictionary<string, string> { ["initial"] = "1", ["proxy"] = "zen" }, new RandomSource(1), 1, (_, genotype) => Ones(genotype));
        Tell(strategy, 1, strategy.Propose(1), 1);
        var tried = new List<int>();
        for (var number = 2; number <= 25; number++)
        {
            var neighbour = strategy.Propose(number);
            tried.Add(Ones(neighbour));
            Tell(strategy, number, neighbour, 0);
        }

        Assert.Equal(tried.OrderDescending(), tried);
    }

    [Fact]
    public void What_cannot_be_scored_ranks_last()
    {
        var scored = new List<Genotype>();
        var strategy = Create("random", (_, genotype) =>
        {
            scored.Add(genotype);
            return Ones(genotype) > 0 ? null : -1;
        });
        var ones = new List<int>();
        for (var number = 1; number <= 40; number++)
        {
            scored.Clear();
            ones.Add(Ones(strategy.Propose(number)));
            Assert.True(ones[^1] == 0 || scored.All(candidate => Ones(candidate) > 0));
        }

        Assert.Contains(0, ones);
    }

    [Fact]
    public void Strategies_of_several_fidelities_hand_scores_to_their_sampler()
    {
        var asked = 0;
        var strategy = StrategyCatalog.Create("asha", Space, new Dictionary<string, string> { ["sampler.proxy"] = "parameters", ["sampler.proxy_candidates"] = "4" }, new RandomSource(1), 9, (proxy, _) => proxy == Proxy.Parameters ? asked++ : null);
        strategy.Propose(1);
        Assert.Equal(4, asked);
    }

    [Fact]
    public void A_proxy_that_is_none_is_refused()
    {
        var error = Assert.Throws<UserErrorException>(() => StrategyCatalog.Create("evolution", Space, new Dictionary<string, string> { ["proxy"] = "luck" }, new RandomSource(1)));
        Assert.Contains("one of none, parameters, multiply-adds, naswot, synflow, gradient-norm, snip, zen", error.Message, StringComparison.Ordinal);
    }

    private static Strategy Create(string name, ProxyScore? scores) =>
        StrategyCatalog.Create(name, Space, new Dictionary<string, string> { ["proxy"] = "naswot", ["proxy_candidates"] = "7" }, new RandomSource(2), 1, scores);

    private static void Tell(Strategy strategy, int number, Genotype genotype, double score) =>
        strategy.Observe(new(number, genotype, new(1)), new() { Outcome = Outcome.Completed, Score = score, BestOfLastFive = score, ParameterCount = 1 });

    private static int Ones(Genotype genotype) => genotype.Decisions.Count(decision => decision.Value == 1);
}
