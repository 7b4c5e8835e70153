using System.Text.Json;
using NasPlatform.Search;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Tuned;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Web.Experiments.Starting;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Experiments.Starting;

public sealed class ExperimentFormTests
{
    [Fact]
    public void A_new_form_needs_nothing_but_a_dataset()
    {
        var form = ExperimentForm.New(cores: 2);
        form.Dataset = "fashion-mnist";

        var spec = form.ToSpec();

        Assert.Empty(spec.Problems());
        Assert.Equal(("nasbench201", "evolution", "1"), (spec.Space, spec.Strategy, spec.SpaceSettings["cells"]));
        Assert.Equal((20d, (int?)null, 100, 2, 2), (spec.Budget.Minutes, spec.Budget.Trials, spec.FinalEpochs, spec.Parallelism, spec.Threads));
        Assert.Equal(NetworkSize.Small, form.Size);
    }

    [Fact]
    public void The_form_of_a_spec_makes_that_spec_again()
    {
        var spec = new ExperimentSpec
        {
            Dataset = "textures",
            Space = "chain",
            SpaceSettings = new Dictionary<string, string>(SearchSpaceCatalog.Create("chain").Settings) { ["layers"] = "3", ["kernels"] = "1,3", ["strides"] = "1", ["filters"] = "8,16" },
            Architecture = "3x3/1x1/8 3x3/1x1/16 3x3/1x1/16",
            Tune = new Dictionary<string, string> { ["learning_rate"] = "0.01, 0.1", ["schedule"] = "" },
            Strategy = "random",
            StrategySettings = new Dictionary<string, string>(StrategyCatalog.SettingsOf("random")) { ["over"] = "encodings" },
            Fidelity = new(4, 0.35),
            Budget = new(30, 12, 0.7),
            FinalEpochs = 12,
            FinalNetwork = FinalNetwork.Paper,
            Parallelism = 3,
            Threads = 6,
            Seed = 99,
            Training = new() { BatchSize = 64, Optimizer = OptimizerKind.AdamW, LearningRate = 0.05, Schedule = ScheduleKind.OneCycle, Momentum = 0.8, WeightDecay = 1e-4, LabelSmoothing = 0.1, Precision = Precision.BFloat16, Augmentation = new(2, true, 4) },
        };

        var again = ExperimentForm.Of(spec, Visibility.Private).ToSpec();

        Assert.Equal(Json(spec), Json(again));
    }

    [Fact]
    public void Another_optimiser_brings_a_learning_rate_that_suits_it()
    {
        var form = ExperimentForm.New(2);
        form.ChooseOptimizer(OptimizerKind.AdamW);
        Assert.Equal((OptimizerKind.AdamW, 0.001), (form.Optimizer, form.LearningRate));

        form.LearningRate = 0.004;
        form.ChooseOptimizer(OptimizerKind.Rmsprop);
        Assert.Equal(0.004, form.LearningRate);

        form.ChooseOptimizer(OptimizerKind.Sgd);
        Assert.Equal(0.1, form.LearningRate);
    }

    [Fact]
    public void Usual_options_of_what_is_tuned_follow_the_form_until_a_person_gives_others()
    {
        var form = ExperimentForm.New(2);
        var (rate, optimizer) = (TrainingChoice.Named("learning_rate"), TrainingChoice.Named("optimizer"));
        form.SetTuned(rate, true);
        Assert.Equal("0.003, 0.01, 0.03, 0.1, 0.3, 1", form.OptionsOf(rate));
        form.SetTuned(optimizer, true);
        form.SetOptions(optimizer, "adam, adamw");
        Assert.Equal("0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01", form.OptionsOf(rate));

        form.SetOptions(rate, "0.1,0.2");
        Assert.Equal("0.1,0.2", form.OptionsOf(rate));
        form.SetTuned(optimizer, false);
        Assert.Equal(["learning_rate"], form.ToSpec().Tune.Keys);
        Assert.Empty((form.ToSpec() with { Dataset = "textures" }).Problems());

        form.SetOptions(rate, "fast");
        Assert.Equal(["tune"], form.ToSpec().Problems().Select(problem => problem.Field));
        form.SetOptions(rate, "");
        form.Architecture = "nonsense";
        Assert.Equal(["architecture"], form.ToSpec().Problems().Select(problem => problem.Field));
    }

    [Fact]
    public void Fields_that_are_empty_are_named_as_problems()
    {
        var form = ExperimentForm.New(2);
        form.Minutes = null;
        form.Epochs = null;
        form.Parallelism = null;

        Assert.Equal(["budget.minutes", "fidelity.epochs", "parallelism"], form.ToSpec().Problems().Select(problem => problem.Field).Order());
    }

    [Theory]
    [InlineData(20, NetworkSize.Small, 0.2)]
    [InlineData(80, NetworkSize.Small, 0.4)]
    [InlineData(20, NetworkSize.Large, 0.054)]
    [InlineData(10_000, NetworkSize.Small, 1)]
    public void Trials_see_more_images_the_more_time_there_is(double minutes, NetworkSize size, double share) =>
        Assert.Equal(share, SearchEffort.Fraction(minutes, 54_000, 28 * 28, size), 3);

    [Fact]
    public void What_will_happen_is_told_in_sentences()
    {
        var spec = new ExperimentSpec { Dataset = "textures", Budget = new(null, 20), FinalEpochs = 100, Parallelism = 2 };

        var sentences = Forecast.Of(spec, null, secondsPerTrial: 24);

        Assert.Contains("2 trials run side by side.", sentences);
        Assert.Contains("Earlier trials of this kind took 24 s here, so expect about 50 trials.", sentences);
        Assert.Contains("The search ends after 10 min.", sentences);
        Assert.Contains(sentences, sentence => sentence.StartsWith("The best is trained in full for as many epochs as fit into the other 10 min", StringComparison.Ordinal));
    }

    private static string Json(ExperimentSpec spec) => JsonSerializer.Serialize(
        spec with { SpaceSettings = new SortedDictionary<string, string>(spec.SpaceSettings.ToDictionary()), StrategySettings = new SortedDictionary<string, string>(spec.StrategySettings.ToDictionary()) },
        ExperimentFolder.Json);

    [Fact]
    public void Another_preset_of_a_strategy_brings_its_own_values()
    {
        var form = new ExperimentForm();
        form.ChooseStrategy("reinforce");
        form.SetStrategySetting("units", "77");
        Assert.Equal(("nas-rl", "77"), (form.StrategySettings["preset"], form.StrategySettings["units"]));

        form.SetStrategySetting("preset", "nasnet");
        Assert.Equal(("ppo", "100", "20"), (form.StrategySettings["algorithm"], form.StrategySettings["units"], form.StrategySettings["batch"]));

        form.ChooseStrategy("asha");
        form.SetStrategySetting("eta", "4");
        form.SetStrategySetting("sampler", "evolution");
        Assert.Equal(("4", "10"), (form.StrategySettings["eta"], form.StrategySettings["sampler.population"]));
        Assert.DoesNotContain("sampler.over", form.StrategySettings.Keys);

        form.ChooseStrategy("reinforce");
        form.SetStrategySetting("preset", "nasnet");
        form.SetStrategySetting("preset", "nonsense");
        Assert.Equal(("nonsense", "100"), (form.StrategySettings["preset"], form.StrategySettings["units"]));
    }

    [Fact]
    public void Every_setting_of_every_strategy_is_explained()
    {
        foreach (var name in StrategyCatalog.Names)
        {
            var settings = StrategyCatalog.SettingsOf(name);
            Assert.All(settings.Keys, setting => Assert.False(string.IsNullOrEmpty(SettingHelp.Of(name, setting, settings.GetValueOrDefault("sampler")).Help), $"{name}.{setting}"));
        }
    }
}
