using NasPlatform.Search;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Strategies.Rena;

namespace NasPlatform.Tests.Strategies.Rena;

public sealed class RewardEngineTests
{
    [Fact]
    public void A_limit_that_is_kept_costs_nothing_and_one_that_is_not_costs_by_its_weight()
    {
        var engine = Engine(("parameters", "1000"), ("seconds", "10"), ("seconds_weight", "2"), ("score_power", "2"));

        Assert.Equal(0.64, engine.Of(Tried(0.8, parameters: 1000, seconds: 10)), 12);
        Assert.Equal(0.64, engine.Of(Tried(0.8, parameters: 10, seconds: 1)), 12);
        Assert.Equal(0.64 / 4, engine.Of(Tried(0.8, parameters: 4000, seconds: 10)), 12);
        Assert.Equal(0.64 / 4, engine.Of(Tried(0.8, parameters: 500, seconds: 20)), 12);
        Assert.Equal(0.64 / 16, engine.Of(Tried(0.8, parameters: 4000, seconds: 20)), 12);
    }

    [Fact]
    public void The_soft_form_is_MnasNets_and_pays_for_staying_below()
    {
        var engine = Engine(("form", "soft"), ("multiply_adds", "1000000"));
        var objective = new Objective(Cost.MultiplyAdds, 1e6);

        foreach (var tried in new[] { Tried(0.75, multiplyAdds: 2_000_000), Tried(0.75, multiplyAdds: 1_000_000), Tried(0.75, multiplyAdds: 300_000) })
        {
            Assert.Equal(objective.Of(tried), engine.Of(tried), 12);
        }

        Assert.Equal(0.714478, engine.Of(Tried(0.75, multiplyAdds: 2_000_000)), 1e-6); // X-K3
    }

    [Fact]
    public void What_is_not_known_or_did_not_complete_is_paid_nothing()
    {
        var engine = Engine(("latency_ms", "3"));

        Assert.Equal(0, engine.Of(Tried(0.8)));
        Assert.Equal(0, Engine().Of(new Evaluation { Outcome = Outcome.Diverged, Score = 0 }));
        Assert.Equal(0.8, Engine().Of(Tried(0.8)));
    }

    [Fact]
    public void Trials_are_compared_by_what_the_engine_pays()
    {
        var spec = Spec(("parameters", "1000"));
        var (large, small) = (Trial(1, Tried(0.9, parameters: 2000)), Trial(2, Tried(0.8, parameters: 1000)));

        Assert.True(small.RankBy(spec.Reward)!.Value.Beats(large.RankBy(spec.Reward)!.Value)); // not null: they have completed
        Assert.True(large.RankBy(Spec().Reward)!.Value.Beats(small.RankBy(Spec().Reward)!.Value)); // not null: as above
        Assert.Equal(Cost.Latency, Spec(("latency_ms", "2"), ("seconds", "3")).Cost);
    }

    [Fact]
    public void An_objective_beside_it_and_what_nobody_predicts_are_refused()
    {
        Assert.Contains(Problems(Spec() with { Objective = new(Cost.Parameters, 1000) }), text => text.Contains("a reward engine with limits of its own", StringComparison.Ordinal));
        Assert.Contains(Problems(Spec(("predictor_steps", "0"), ("imagined", "5"))), text => text.Contains("without predictors", StringComparison.Ordinal));
        Assert.Contains(Problems(Spec(("seconds", "-1"))), text => text.Contains("'seconds' is '-1'", StringComparison.Ordinal));
        Assert.Empty(Problems(Spec(("predictor_steps", "0"))));
    }

    private static List<string> Problems(ExperimentSpec spec) => [.. spec.Problems().Select(problem => problem.Text)];

    private static ExperimentSpec Spec(params (string Name, string Value)[] settings) => new()
    {
        Dataset = "any",
        Space = "eas-plain",
        Strategy = "rena",
        StrategySettings = settings.ToDictionary(setting => setting.Name, setting => setting.Value),
        Budget = new(Trials: 3),
    };

    private static Trial Trial(int number, Evaluation evaluation) => new()
    {
        Number = number,
        Genotype = "",
        Decisions = new Dictionary<string, int>(),
        Key = "",
        State = TrialState.Completed,
        ProposedAt = DateTimeOffset.UnixEpoch,
        Evaluation = evaluation,
    };

    private static Evaluation Tried(double score, long parameters = 0, long multiplyAdds = 0, double seconds = 0) =>
        new() { Outcome = Outcome.Completed, Score = score, ParameterCount = parameters, MultiplyAdds = multiplyAdds, DurationSeconds = seconds };

    private static RewardEngine Engine(params (string Name, string Value)[] settings) =>
        RewardEngine.Of(new Settings("Strategy 'rena'", settings.ToDictionary(setting => setting.Name, setting => setting.Value)));
}
