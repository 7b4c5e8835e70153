using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Supernets;
using NasPlatform.Web.Commands.Searching;

namespace NasPlatform.Tests.Commands;

public sealed class SearchViewTests
{
    private static readonly ExperimentSpec Spec = new() { Dataset = "bars", Budget = new(Trials: 4), Training = new() { BatchSize = 100 }, FinalEpochs = 2 };

    [Fact]
    public void Trials_move_from_running_to_ended()
    {
        var view = View(Spec).After(new ExperimentEvent.TrialStarted(Trial(1))).After(new ExperimentEvent.TrialStarted(Trial(2)));
        Assert.Equal([1, 2], view.Running.Keys);

        view = view.After(new ExperimentEvent.TrialProgressed(2, Progress(step: 5)));
        Assert.Equal(0.5, view.Running[2].Fraction);

        var ended = Trial(1, accuracy: 0.5);
        view = view.After(new ExperimentEvent.TrialEnded(ended, ended));
        Assert.Equal([2], view.Running.Keys);
        Assert.Equal([ended], view.Ended);
        Assert.Equal(ended, view.Best);
    }

    [Fact]
    public void Progress_of_a_trial_that_has_ended_is_passed_over()
    {
        var view = View(Spec);

        Assert.Equal(view, view.After(new ExperimentEvent.TrialProgressed(7, Progress(step: 5))));
    }

    [Fact]
    public void Earlier_trials_count_when_an_experiment_goes_on()
    {
        var view = SearchView.Of(Spec, 1000, [Trial(1, accuracy: 0.9), Trial(2, accuracy: 0.9), Trial(3)]);

        Assert.Equal(2, view.Ended.Count);
        Assert.Equal(1, view.Best?.Number);
        Assert.Equal(20, view.ElapsedBefore.TotalSeconds);
        Assert.Equal(0.5, view.SearchFraction(TimeSpan.Zero));
    }

    [Fact]
    public void Time_left_is_unknown_until_there_is_a_speed() => Assert.Null(View(Spec).TimeLeft(TimeSpan.Zero));

    [Fact]
    public void Time_left_is_that_of_the_trials_to_come_and_of_the_final_training()
    {
        var ended = Trial(1, accuracy: 0.5); // 10 s, 100 images/s
        var view = View(Spec).After(new ExperimentEvent.TrialEnded(ended, ended)).After(new ExperimentEvent.TrialStarted(Trial(2)))
            .After(new ExperimentEvent.TrialProgressed(2, Progress(step: 5))); // 500 images to go

        // 5 s of trial 2, two more trials of 10 s, and 2 epochs of 1,000 images.
        Assert.Equal(5 + 20 + 20, view.TimeLeft(TimeSpan.Zero)?.TotalSeconds);
    }

    [Fact]
    public void Trials_side_by_side_share_the_time()
    {
        var ended = Trial(1, accuracy: 0.5);
        var view = View(Spec with { Parallelism = 3, FinalEpochs = 0 }).After(new ExperimentEvent.TrialEnded(ended, ended));

        Assert.Equal(10, view.TimeLeft(TimeSpan.Zero)?.TotalSeconds);
    }

    [Fact]
    public void Time_left_is_never_more_than_the_budget_has()
    {
        var ended = Trial(1, accuracy: 0.5);
        var timed = Spec with { Budget = new(Trials: 1000, Minutes: 2) };
        var view = View(timed).After(new ExperimentEvent.TrialEnded(ended, ended));

        Assert.Equal(90, view.TimeLeft(TimeSpan.FromSeconds(30))?.TotalSeconds);
        Assert.Equal(0.5, view.SearchFraction(TimeSpan.FromSeconds(30)));
        Assert.Equal(0, view.TimeLeft(TimeSpan.FromMinutes(3))?.TotalSeconds);
    }

    [Fact]
    public void In_the_final_training_only_that_is_left()
    {
        var winner = Trial(1, accuracy: 0.5);
        var view = View(Spec).After(new ExperimentEvent.TrialStarted(Trial(2))).After(new ExperimentEvent.FinalStarted(winner, 2))
            .After(new ExperimentEvent.FinalProgressed(Progress(step: 10, epochs: 2)));

        Assert.Empty(view.Running);
        Assert.Equal(1, view.SearchFraction(TimeSpan.Zero));
        Assert.Equal(10, view.TimeLeft(TimeSpan.Zero)?.TotalSeconds);
    }

    internal static SearchView View(ExperimentSpec spec) => SearchView.Of(spec, finalExamples: 1000, []);

    /// <summary>Ten steps of 100 images an epoch, at 100 images a second.</summary>
    public static SupernetEpoch SupernetEpoch(int epoch) => new(
        epoch, 50, 1.25, 0.4, 1.5, 6 * epoch, $"genotype-{epoch}", new Dictionary<string, double> { ["entropy"] = 0.562 }, [new("edge0", ["none", "conv"], [0.25, 0.75])]);

    internal static TrainingProgress Progress(int step, int epochs = 1) => new(1, epochs, step, 10, 1.25, 100, null);

    internal static Trial Trial(int number, double? accuracy = null, Outcome outcome = Outcome.Completed, string? reason = null) => new()
    {
        Number = number,
        Genotype = $"genotype-{number} with some words that make it long enough to be cut off somewhere on a narrow screen",
        Decisions = new Dictionary<string, int>(),
        Key = $"{number}",
        State = accuracy is null ? TrialState.Running : TrialState.Completed,
        ProposedAt = DateTimeOffset.UnixEpoch,
        ElapsedSeconds = accuracy is null ? null : 10 * number,
        Evaluation = accuracy is null ? null : new()
        {
            Outcome = outcome,
            Reason = reason,
            Score = accuracy.Value,
            Loss = 0.75,
            ParameterCount = 45_349,
            MultiplyAdds = 12_345_678,
            DurationSeconds = 10,
            ImagesPerSecond = 100,
        },
    };
}
