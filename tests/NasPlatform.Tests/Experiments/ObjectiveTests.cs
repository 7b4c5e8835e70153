using NasPlatform.Search.Evaluation;

namespace NasPlatform.Tests.Experiments;

public sealed class ObjectiveTests
{
    [Fact]
    public void X_K3_twice_the_target_costs_five_percent_of_the_accuracy()
    {
        var soft = new Objective(Cost.Latency, Target: 40);

        Assert.Equal(0.952638, soft.Reward(1, 80), 6);
        Assert.Equal(0.714478, soft.Reward(0.75, 80), 6);
        Assert.Equal(1.00027, 1.05 * soft.Reward(1, 80), 5);
        Assert.Equal(0.75, soft.Reward(0.75, 40), 12);
        Assert.True(soft.Reward(0.75, 20) > 0.75);
    }

    [Fact]
    public void A_hard_limit_costs_nothing_below_it_and_in_proportion_above()
    {
        var hard = new Objective(Cost.Parameters, Target: 1000, Tradeoff.Hard);

        Assert.Equal([0.8, 0.8, 0.4], new double?[] { 10, 1000, 2000 }.Select(cost => hard.Reward(0.8, cost)));
    }

    [Fact]
    public void A_weighted_sum_is_never_negative()
    {
        var sum = new Objective(Cost.Memory, Target: 2, Tradeoff.Sum, Weight: 0.5);

        Assert.Equal(0.3, sum.Reward(0.8, 2), 12);
        Assert.Equal(0, sum.Reward(0.8, 20));
    }

    [Theory]
    [InlineData(Cost.Parameters, 1234)]
    [InlineData(Cost.MultiplyAdds, 5678)]
    [InlineData(Cost.Latency, 1.5)]
    [InlineData(Cost.Memory, 2.5)]
    public void Strategies_are_told_the_reward_of_what_completed(Cost cost, double value)
    {
        var evaluation = new Evaluation
        {
            Outcome = Outcome.Completed,
            Score = 0.6,
            BestOfLastFive = 0.7,
            ParameterCount = 1234,
            MultiplyAdds = 5678,
            LatencyMs = 1.5,
            MemoryBytes = 2_500_000,
        };
        var objective = new Objective(cost, value / 2, Tradeoff.Hard);

        Assert.Equal(value, cost.Of(evaluation));
        Assert.Equal(0.3, objective.Told(evaluation).Score, 12);
        Assert.Equal(0.35, objective.Told(evaluation).BestOfLastFive, 12);
        Assert.Equal(0, objective.Told(new() { Outcome = Outcome.Completed, Score = 0.6 }).Score);
        Assert.Equal(Outcome.Failed, objective.Told(new() { Outcome = Outcome.Failed }).Outcome);
    }

    [Theory]
    [InlineData(0, 0.1, "must be above 0")]
    [InlineData(double.NaN, 0.1, "must be above 0")]
    [InlineData(1, -1, "must not be negative")]
    public void Bad_numbers_are_refused(double target, double weight, string problem) =>
        Assert.Contains(problem, Assert.Single(new Objective(Cost.Latency, target, Tradeoff.Sum, weight).Problems()), StringComparison.Ordinal);
}
