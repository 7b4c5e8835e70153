using NasPlatform.Search;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;

namespace NasPlatform.Tests.Experiments;

public sealed class StrategyReplayTests
{
    private static readonly Fidelity Fidelity = new(1);

    [Theory]
    [InlineData("evolution", 1)]
    [InlineData("evolution", 3)]
    [InlineData("tournament", 2)]
    public void Parents_are_those_that_proposals_were_made_from(string strategy, int parallelism)
    {
        var spec = Spec(strategy, parallelism);
        var (trials, parents, _) = Search(spec, 60);
        using var replay = Replayed(spec, trials);

        Assert.Equal(60, replay.Told);
        Assert.NotEmpty(parents);
        Assert.Equal(60, replay.Origins.Count);
        Assert.Equal(parents, replay.Origins.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value!.Value)); // not null: asked for
        Assert.All(parents, pair => Assert.True(pair.Value <= pair.Key - (parallelism == 1 ? 1 : 2 * parallelism)));
    }

    [Fact]
    public void Nothing_is_claimed_of_what_was_not_proposed()
    {
        var spec = Spec("evolution", 1);
        var (trials, parents, _) = Search(spec, 40);
        var child = parents.Keys.Max();
        var other = SearchSpaceCatalog.Create("nasbench201").Sample(new RandomSource(99));
        var changed = trials.ConvertAll(trial => trial.Number == child ? trial with { Decisions = other.ToDictionary() } : trial);
        using var replay = Replayed(spec, changed);

        Assert.DoesNotContain(child, replay.Origins.Keys);
    }

    [Theory]
    [InlineData("evolution")]
    [InlineData("tournament")]
    [InlineData("nsga2")]
    public void Parents_of_what_was_chosen_by_a_score_are_found_without_the_score(string strategy)
    {
        var spec = Spec(strategy, 1) with { StrategySettings = new Dictionary<string, string> { ["proxy"] = "naswot" } };
        var (trials, parents, _) = Search(spec, 60);
        using var replay = Replayed(spec, trials);

        // A tie in a tournament is decided by the score, which is not known any more: then nothing is claimed.
        var found = replay.Origins.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value!.Value); // not null: asked for
        Assert.All(found, pair => Assert.Equal(parents[pair.Key], pair.Value));
        Assert.True(found.Count > parents.Count / 2, $"{found.Count} of {parents.Count}");
    }

    [Theory]
    [InlineData("evolution")]
    [InlineData("tournament")]
    [InlineData("bananas")]
    [InlineData("reinforce")]
    public void What_a_replay_shows_is_what_the_search_s_own_strategy_shows(string strategy)
    {
        var spec = Spec(strategy, 2);
        var (trials, _, shown) = Search(spec, 45);
        using var replay = Replayed(spec, trials);
        var again = replay.Explain();

        Assert.Equal(shown?.Population, again?.Population);
        Assert.Equal(shown?.Predictions, again?.Predictions);
        Assert.Equal(shown?.Policy?.SelectMany(belief => belief.Probabilities), again?.Policy?.SelectMany(belief => belief.Probabilities));
    }

    [Fact]
    public void A_strategy_that_is_told_rewards_is_told_them_again()
    {
        var spec = Spec("evolution", 1) with { Objective = new(Cost.Parameters, Target: 2000) };
        var (trials, parents, shown) = Search(spec, 45);
        using var replay = Replayed(spec, trials);

        Assert.Equal(shown?.Population, replay.Explain()?.Population);
        Assert.Equal(parents.Count, replay.Origins.Count(pair => pair.Value is not null));
        Assert.NotEqual(shown?.Population?.Select(member => trials[member.Number - 1].Evaluation!.Score), shown?.Population?.Select(member => member.Score)); // not null: made so
    }

    [Fact]
    public void A_population_has_the_last_trials_and_a_predictor_s_words_stand_beside_what_came()
    {
        var evolution = Search(Spec("evolution", 1), 30).Shown?.Population;
        var bananas = Search(Spec("bananas", 1), 35).Shown?.Predictions;

        Assert.Equal(Enumerable.Range(21, 10), evolution?.Select(member => member.Number));
        Assert.Equal(Enumerable.Range(11, 25), bananas?.Select(prediction => prediction.Number));
        Assert.All(bananas ?? [], prediction => Assert.True(prediction.Deviation >= 0 && prediction.Score is >= 0 and <= 1));
    }

    [Fact]
    public void A_policy_tells_probabilities_that_sum_to_one_and_their_entropy()
    {
        var policy = Search(Spec("reinforce", 1), 20).Shown?.Policy ?? [];

        Assert.Equal(["edge0_1", "edge0_2", "edge0_3", "edge1_2", "edge1_3", "edge2_3"], policy.Select(belief => belief.Name).Order());
        Assert.All(policy, belief =>
        {
            Assert.Equal(1, belief.Probabilities.Sum(), 5);
            Assert.InRange(belief.Entropy, 0, Math.Log(5) + 1e-6);
            Assert.Equal(1, belief.Share);
        });
    }

    [Fact]
    public void The_catalogue_says_which_strategies_show_something()
    {
        var space = SearchSpaceCatalog.Create("nasbench201");
        foreach (var name in StrategyCatalog.Names.Where(name => !StrategyCatalog.IsOneShot(name) && !StrategyCatalog.IsEditing(name)))
        {
            var strategy = StrategyCatalog.Create(name, space, null, new RandomSource(1), 100);
            using var owned = strategy as IDisposable;
            Assert.Equal((name, StrategyCatalog.IsExplained(name)), (name, strategy.Explain() is not null));
        }
    }

    private static ExperimentSpec Spec(string strategy, int parallelism) => new() { Dataset = "any", Space = "nasbench201", Strategy = strategy, Fidelity = Fidelity, Parallelism = parallelism, Seed = 5 };

    private static StrategyReplay Replayed(ExperimentSpec spec, List<Trial> trials)
    {
        var replay = new StrategyReplay(spec);
        trials.ForEach(replay.Tell);
        return replay;
    }

    /// <summary>A search as it is run, each proposal told the trials that are due, without any training.</summary>
    private static (List<Trial> Trials, Dictionary<int, int> Parents, Explanation? Shown) Search(ExperimentSpec spec, int count)
    {
        var space = SearchSpaceCatalog.Create(spec.Space);
        var strategy = StrategyCatalog.Create(spec.Strategy, space, spec.StrategySettings, new RandomSource(spec.Seed).Split("strategy"), 1, (_, genotype) => genotype.Decisions.Sum(decision => (decision.Value * 7) % 5));
        using var owned = strategy as IDisposable;
        var (trials, parents, told) = (new List<Trial>(), new Dictionary<int, int>(), 0);
        for (var number = 1; number <= count; number++)
        {
            Tell(number - TrialSearch.WindowOf(spec));
            var genotype = strategy.Propose(number);
            if (strategy.ParentOf(number) is { } parent)
            {
                parents[number] = parent;
            }

            var score = genotype.Decisions.Average(decision => (double)decision.Value / decision.Choice.Options.Length);
            trials.Add(new()
            {
                Number = number,
                Genotype = space.Format(genotype),
                Decisions = genotype.ToDictionary(),
                Key = space.Key(genotype).Value,
                State = TrialState.Completed,
                ProposedAt = DateTimeOffset.UnixEpoch,
                Evaluation = new() { Outcome = Outcome.Completed, Score = score, BestOfLastFive = score, ParameterCount = 1000 + (700 * (number % 5)) },
            });
        }

        Tell(count);
        return (trials, parents, strategy.Explain());

        void Tell(int until)
        {
            for (; told < until; told++)
            {
                var evaluation = trials[told].Evaluation!; // not null: made so
                strategy.Observe(trials[told].Proposal(space, spec.Fidelity), spec.Objective?.Told(evaluation) ?? evaluation);
            }
        }
    }
}
