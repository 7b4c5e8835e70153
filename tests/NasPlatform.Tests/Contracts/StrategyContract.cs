using NasPlatform.Search;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;

namespace NasPlatform.Tests.Contracts;

/// <summary>What is true of every strategy, on every space.</summary>
public abstract class StrategyContract
{
    private const int Trials = 30;

    protected abstract string Name { get; }

    /// <summary>The most that a trial is trained for.</summary>
    protected virtual int Epochs => 1;

    public static TheoryData<string> Spaces => [.. SearchSpaceCatalog.Names];

    [Theory]
    [MemberData(nameof(Spaces))]
    public void Every_proposal_is_in_the_space(string space)
    {
        var known = SearchSpaceCatalog.Create(space);
        Assert.All(Run(known, seed: 1), proposal => Assert.Equal(proposal.Genotype, known.FromValues(proposal.Genotype.ToDictionary())));
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void Same_seed_proposes_the_same(string space)
    {
        var known = SearchSpaceCatalog.Create(space);
        Assert.Equal(Run(known, seed: 1), Run(known, seed: 1));
        Assert.NotEqual(Run(known, seed: 1), Run(known, seed: 2));
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void Replaying_the_told_trials_gives_the_state_back(string space)
    {
        var known = SearchSpaceCatalog.Create(space);
        var all = Run(known, seed: 3);
        var restarted = Create(known, seed: 3);
        foreach (var proposal in all.Take(20))
        {
            restarted.Observe(proposal, Evaluated(proposal.Genotype));
        }

        Assert.Equal(all[20].Genotype, restarted.Propose(21));
        Assert.Equal(all[20].Fidelity.Epochs, restarted.EpochsOf(21) ?? Epochs);
    }

    [Fact]
    public void Failed_trials_are_taken_in()
    {
        var space = SearchSpaceCatalog.Create("nasbench201");
        var strategy = Create(space, seed: 1);
        for (var number = 1; number <= Trials; number++)
        {
            strategy.Observe(new(number, strategy.Propose(number), new(strategy.EpochsOf(number) ?? Epochs)), new Evaluation { Outcome = Outcome.Diverged, Reason = "in a test" });
        }

        Assert.NotNull(strategy.Propose(Trials + 1));
    }

    [Fact]
    public void An_unknown_setting_is_refused()
    {
        var space = SearchSpaceCatalog.Create("nasbench201");
        var error = Assert.Throws<UserErrorException>(
            () => StrategyCatalog.Create(Name, space, new Dictionary<string, string> { ["colour"] = "red" }, new RandomSource(1), Epochs));
        Assert.Contains("no setting 'colour'", error.Message, StringComparison.Ordinal);
    }

    private static Evaluation Evaluated(Genotype genotype)
    {
        var accuracy = genotype.Decisions.Average(decision => (double)decision.Value / decision.Choice.Options.Length);
        return new() { Outcome = Outcome.Completed, Score = accuracy, BestOfLastFive = accuracy };
    }

    private Strategy Create(SearchSpace space, ulong seed) => StrategyCatalog.Create(Name, space, null, new RandomSource(seed), Epochs);

    private List<Proposal> Run(SearchSpace space, ulong seed)
    {
        var strategy = Create(space, seed);
        using var owned = strategy as IDisposable;
        var proposals = new List<Proposal>();
        for (var number = 1; number <= Trials; number++)
        {
            proposals.Add(new(number, strategy.Propose(number), new(strategy.EpochsOf(number) ?? Epochs)));
            strategy.Observe(proposals[^1], Evaluated(proposals[^1].Genotype));
        }

        return proposals;
    }
}
