using NasPlatform.Search.Evaluation;
using NasPlatform.Web.Experiments.Charts;

namespace NasPlatform.Tests.Experiments.Charts;

public sealed class ChartDataTests
{
    [Fact]
    public void Rungs_tell_what_was_trained_how_long_and_what_went_on()
    {
        TrialPoint[] trials =
        [
            new(1, 0.5, 1, 1, 1, 1, "a"), new(2, 0.7, 1, 1, 2, 1, "b"), new(3, 0.6, 1, 1, 3, 1, "c"), new(4, 0.1, 1, 1, 3, 1, "d"),
            new(5, 0.75, 1, 1, 4, 3, "b"), new(6, 0.65, 1, 1, 5, 3, "c"), new(7, 0.8, 1, 1, 6, 9, "b"),
        ];

        Assert.Equal([new Rung(1, 4, 2, 0.7, 0.55), new Rung(3, 2, 1, 0.75, 0.7), new Rung(9, 1, 0, 0.8, 0.8)], Rung.Of(trials));
        Assert.Empty(Rung.Of([new(1, 0.5, 1, 1, 1)]));
        Assert.Equal(7, BestSoFar.ByTrial([.. trials, new(8, 0.99, 1, 1, 7, 1, "e")]).Steps[^1].Number);
    }

    [Fact]
    public void The_best_so_far_has_a_step_for_each_improvement_in_the_order_of_the_ends()
    {
        var best = BestSoFar.ByTime([Trial(1, 0.5, 10, 8), Trial(2, 0.7, 10, 3), Trial(3, 0.6, 10, 9), Trial(4, 0.8, 10, 12), Trial(5, 0.8, 10, 13)]);

        Assert.Equal([2, 4], best.Steps.Select(step => step.Number));
        Assert.Equal(5, best.Last?.Number);
    }

    [Fact]
    public void By_trial_the_steps_go_up_with_the_numbers()
    {
        var best = BestSoFar.ByTrial([Trial(2, 0.1, 10, 3), Trial(1, 0.5, 10, 8), Trial(3, 0.6, 10, 9)]);

        Assert.Equal([1, 3], best.Steps.Select(step => step.Number));
    }

    [Fact]
    public void Nothing_completed_gives_no_steps()
    {
        var best = BestSoFar.ByTrial([]);

        Assert.Empty(best.Steps);
        Assert.Null(best.Last);
    }

    [Fact]
    public void The_front_holds_what_nothing_dominates_once()
    {
        var scatter = CostScatter.Of([Trial(1, 0.5, 10), Trial(2, 0.5, 20), Trial(3, 0.4, 5), Trial(4, 0.9, 40), Trial(5, 0.9, 40), Trial(6, 0.3, 50)], Cost.Parameters);

        Assert.Equal([3, 1, 4], scatter.Front.Select(point => point.Number));
        Assert.Equal(6, scatter.Points.Length);
    }

    [Fact]
    public void Ten_thousand_trials_are_thinned_but_the_front_is_whole()
    {
        var random = new NasPlatform.Search.RandomSource(1);
        var trials = Enumerable.Range(1, 10_000).Select(number => Trial(number, random.Next(10_000) / 10_000.0, random.Next(1_000_000))).ToList();

        var scatter = CostScatter.Of(trials, Cost.Parameters);

        Assert.InRange(scatter.Points.Length, CostScatter.MostPoints, CostScatter.MostPoints + scatter.Front.Length);
        Assert.All(scatter.Front, point => Assert.Contains(point, scatter.Points));
        Assert.Equal(10_000, scatter.TrialCount);
    }

    [Fact]
    public void Thinning_keeps_both_ends()
    {
        var thin = Thinned.Evenly(Enumerable.Range(0, 1000).ToList(), 10);

        Assert.Equal(10, thin.Count);
        Assert.Equal((0, 999), (thin[0], thin[^1]));
    }

    [Fact]
    public void Diagnostics_become_one_line_each()
    {
        var traces = StrategyTrace.Of(
        [
            (2, new Dictionary<string, double> { ["reward"] = 0.2, ["baseline"] = 0.1 }),
            (1, new Dictionary<string, double> { ["reward"] = 0.1 }),
        ]);

        Assert.Equal(["reward", "baseline"], traces.Select(trace => trace.Name));
        Assert.Equal([(1, 0.1), (2, 0.2)], traces[0].Points);
    }

    [Fact]
    public void The_training_loss_goes_on_within_the_epoch_that_runs()
    {
        var curve = new LearningCurve(1, CurveRole.Running, [new(1, 1, 2, [2.5, 1.5], 0.5, 1, 3), new(1, 2, 1, [], 0.6, 1, 6)])
        {
            Running = new(3, 4, 5, 40, 0.9, 100, null, [0.95, 0.85]),
        };

        Assert.Equal([(0.5, 2.5), (1, 1.5), (2, 1), (2.05, 0.95), (2.1, 0.85)], curve.TrainLosses().Select(point => (point.Epoch, point.Loss ?? 0)));
    }

    /// <summary>The last word of an epoch's progress may come after its result.</summary>
    [Fact]
    public void An_epoch_that_was_measured_is_not_drawn_twice()
    {
        var curve = new LearningCurve(1, CurveRole.Running, [new(1, 1, 2, [2.5, 1.5], 0.5, 1, 3)]) { Running = new(1, 1, 40, 40, 2, 100, null, [2.5, 1.5]) };

        Assert.Equal([0.5, 1], curve.TrainLosses().Select(point => point.Epoch));
    }

    private static TrialPoint Trial(int number, double accuracy, long parameters, double elapsed = 0) => new(number, accuracy, parameters, parameters * 10, elapsed);
}
