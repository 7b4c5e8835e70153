using NasPlatform.Search;
using NasPlatform.Search.Strategies.MultiFidelity;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Strategies.MultiFidelity;

public sealed class SuccessiveHalvingTests : StrategyContract
{
    protected override string Name => "successive-halving";

    protected override int Epochs => 9;

    /// <summary>(configurations, epochs) of each rung.</summary>
    [Fact]
    public void SH_K1_X_K6_rungs_for_eta_3_and_81_epochs()
    {
        using var strategy = (SuccessiveHalving)Told.Create(Name, new BitsSpace(8), null, 1, 81);

        Assert.Equal([(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)], strategy.Cycle.Single().Configurations.Zip(strategy.Cycle.Single().Epochs));
    }

    [Fact]
    public void A_round_gives_the_best_architecture_all_epochs_and_the_next_one_begins_anew()
    {
        using var strategy = Told.Create(Name, new BitsSpace(12), null, 2, 9);
        var trials = new Told(strategy);
        trials.Run(26);

        Assert.Equal([(1, 9), (3, 3), (9, 1)], trials.All.Take(13).GroupBy(trial => trial.Epochs).Select(rung => (rung.Count(), rung.Key ?? 0)).Order());
        var firstRung = trials.All.Take(9).OrderByDescending(trial => BitsSpace.ShareOfOnes(trial.Genotype)).ToList();
        Assert.Equal(firstRung.Take(3).Select(trial => trial.Genotype), trials.All.Skip(9).Take(3).Select(trial => trial.Genotype));
        Assert.Equal(firstRung[0].Genotype, trials.All[12].Genotype);
        Assert.All(trials.All.Skip(13).Take(9), trial => Assert.Equal(1, trial.Epochs));
        Assert.Equal(2, strategy.Diagnostics["brackets_ended"]);
    }

    [Fact]
    public void SH_K2_synchronous_promotes_nine_eight_and_seven_in_either_order()
    {
        Assert.Equal([9, 8, 7], Told.PromotedOf(Name, Enumerable.Range(1, 9)));
        Assert.Equal([9, 8, 7], Told.PromotedOf(Name, Enumerable.Range(1, 9).Reverse()));
    }

    [Fact]
    public void Trainings_that_fail_go_no_further()
    {
        using var strategy = Told.Create(Name, new BitsSpace(12), null, 2, 9);
        var trials = new Told(strategy, isFailing: true);
        trials.Run(30);

        Assert.All(trials.All, trial => Assert.Equal(1, trial.Epochs));
    }

    [Fact]
    public void Too_few_epochs_for_two_rungs_are_refused()
    {
        var error = Assert.Throws<UserErrorException>(() => Told.Create(Name, new BitsSpace(4), null, 1, 2));

        Assert.Contains("at least 3 epochs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sampler_has_its_own_settings()
    {
        var settings = new Dictionary<string, string> { ["sampler"] = "evolution", ["sampler.population"] = "7" };
        using var strategy = Told.Create(Name, new BitsSpace(4), settings, 1, 9);

        Assert.Equal("7", strategy.Settings["sampler.population"]);
        Assert.Equal("3", strategy.Settings["sampler.sample"]);
        settings["sampler.colour"] = "red";
        Assert.Contains("no setting 'colour'", Assert.Throws<UserErrorException>(() => Told.Create(Name, new BitsSpace(4), settings, 1, 9)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sampler_that_waits_for_its_trials_is_refused()
    {
        var settings = new Dictionary<string, string> { ["sampler"] = "reinforce", ["sampler.preset"] = "nas-rl-replicas" };
        var error = Assert.Throws<UserErrorException>(() => Told.Create(Name, new BitsSpace(4), settings, 1, 9));

        Assert.Contains("sampler.replicas=0", error.Message, StringComparison.Ordinal);
        settings["sampler.replicas"] = "0";
        using var taken = Told.Create(Name, new BitsSpace(4), settings, 1, 9);
    }

    [Theory]
    [InlineData("evolution")]
    [InlineData("local-search")]
    public void A_sampler_that_learns_finds_better_architectures_than_chance(string sampler)
    {
        Assert.True(Mean(sampler) > Mean("random") + 0.1);

        static double Mean(string sampler)
        {
            using var strategy = Told.Create("successive-halving", new BitsSpace(30), new Dictionary<string, string> { ["sampler"] = sampler }, 4, 9);
            var trials = new Told(strategy);
            trials.Run(400);
            return trials.All.Skip(300).Where(trial => trial.Epochs == 1).Average(trial => BitsSpace.ShareOfOnes(trial.Genotype));
        }
    }
}
