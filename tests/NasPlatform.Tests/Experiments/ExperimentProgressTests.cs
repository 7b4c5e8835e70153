using NasPlatform.Search.Experiments;
using NasPlatform.Search.Training;
using NasPlatform.Web.Experiments;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Experiments;

public sealed class ExperimentProgressTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void By_trials_the_share_of_the_trials_counts_and_the_time_is_reckoned_from_them()
    {
        var progress = Of(new Budget(Trials: 40), ExperimentState.Searching, ended: 10, seconds: 100);

        Assert.Equal(0.25, progress.Fraction);
        Assert.Equal("10 of 40 trials", progress.Words);
        Assert.Equal(300, progress.Left!.Value.TotalSeconds, 3);
    }

    [Fact]
    public void By_time_the_search_has_its_share_and_what_is_left_is_for_all()
    {
        var progress = Of(new Budget(Trials: null, Minutes: 20), ExperimentState.Searching, ended: 3, seconds: 270, since: 30);

        Assert.Equal(0.5, progress.Fraction);
        Assert.Equal("3 trials", progress.Words);
        Assert.Equal(900, progress.Left!.Value.TotalSeconds, 3);
    }

    [Fact]
    public void Before_three_trials_nobody_knows_how_long_trials_take() =>
        Assert.Null(Of(new Budget(Trials: 40), ExperimentState.Searching, ended: 2, seconds: 100).Left);

    [Fact]
    public void The_final_training_tells_its_own_share()
    {
        var progress = Of(new Budget(Trials: null, Minutes: 20), ExperimentState.Finishing, ended: 30, seconds: 600, since: 60, final: 0.1);

        Assert.Equal(0.1, progress.Fraction);
        Assert.Equal("Trial 7 is trained in full", progress.Words);
        Assert.Equal(540, progress.Left!.Value.TotalSeconds, 3);
    }

    [Fact]
    public void A_supernet_counts_its_epochs()
    {
        var progress = Of(new Budget(Trials: 1), ExperimentState.Searching, 0, 30, supernet: new(3, 10, 50, 100, 1, 500, null, null, 20));

        Assert.Equal((0.25, "Supernet: epoch 3 of 10"), (progress.Fraction!.Value, progress.Words));
        Assert.Equal(7.5 * 100 * 20 / 500, progress.Left!.Value.TotalSeconds, 3);
    }

    [Fact]
    public void What_waits_has_no_share() => Assert.Null(Of(new Budget(), ExperimentState.Waiting, 0, 0).Fraction);

    private static ExperimentProgress Of(Budget budget, ExperimentState state, int ended, double seconds, double since = 0, double? final = null, TrainingProgress? supernet = null)
    {
        var spec = new ExperimentSpec { Dataset = "textures", Budget = budget };
        var experiment = new StoredExperiment
        {
            Id = Guid.NewGuid(),
            Name = "x",
            Spec = SpecJson.Write(spec),
            Dataset = "textures",
            Space = spec.Space,
            Strategy = spec.Strategy,
            Origin = Origin.Platform,
            State = state,
            CreatedAt = Now,
            EndedCount = ended,
            SearchSeconds = seconds,
            BestTrial = 7,
        };
        return ExperimentProgress.Of(experiment, spec, Now.AddSeconds(-since), final, Now, supernet);
    }
}
