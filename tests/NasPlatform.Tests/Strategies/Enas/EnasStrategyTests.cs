using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Strategies.Controllers;
using NasPlatform.Search.Strategies.Enas;
using NasPlatform.Search.Training.Supernets;
using NasPlatform.Tests.Support;
using NasPlatform.Tests.Torch;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Strategies.Enas;

/// <summary>ENAS's turns: shared weights by name, rewards, the controller's update, the choice at the end.</summary>
public sealed class EnasStrategyTests : TorchTest
{
    [Fact]
    public void The_presets_are_the_released_code_s()
    {
        var micro = StrategyCatalog.SettingsOf("enas");
        var macro = StrategyCatalog.SettingsOf("enas", new Dictionary<string, string> { ["preset"] = "enas-macro" });
        var recurrent = StrategyCatalog.SettingsOf("enas", new Dictionary<string, string> { ["preset"] = "enas-rnn" });

        Assert.Equal(("150", "160", "0.05", "0.0005", "10", "30", "10", "0.0035", "1.1", "batch"), Of(micro));
        Assert.Equal(("310", "128", "0.05", "0.0005", "10", "50", "20", "0.001", "1.5", "moving"), Of(macro));
        Assert.Equal(("600", "128", "20", "20", "0", "25", "10", "5E-05", "2.25", "moving"), Of(recurrent));
        Assert.Equal(("0.4", "0.8", "0.99", "5"), (macro["skip_target"], macro["skip_weight"], macro["decay"], recurrent["temperature"]));

        static (string, string, string, string, string, string, string, string, string, string) Of(IReadOnlyDictionary<string, string> settings) => (
            settings["epochs"], settings["batch"], settings["learning_rate"], settings["last_learning_rate"], settings["period"], settings["updates"], settings["samples"],
            settings["controller_learning_rate"], settings["cap"], settings["statistics"]);
    }

    [Fact]
    public void The_learning_rate_begins_anew_after_10_20_40_epochs()
    {
        var options = Options();

        Assert.All([1, 11, 31, 71], epoch => Assert.Equal(0.05, options.LearningRateIn(epoch, 150), 12));
        Assert.Equal(0.02525, options.LearningRateIn(6, 150), 12);
        Assert.Equal(0.02525, options.LearningRateIn(21, 150), 12);
        Assert.InRange(options.LearningRateIn(10, 150), 0.0005, 0.002);
        Assert.Equal(0.02525, (options with { Period = 0 }).LearningRateIn(76, 150), 12);
    }

    [Fact]
    public void The_baseline_takes_a_reward_with_its_entropy_in_before_it_is_subtracted()
    {
        var space = SearchSpaceCatalog.Create("enas-micro", new Dictionary<string, string> { ["nodes"] = "3" });
        var options = Options() with { Decay = 0.9, Entropy = 0.1 };
        var controller = new Controller<float>(space, new RandomSource(1), 8, 1, 0, null); // all weights zero: every option is as likely
        var learning = new ControllerLearning(space, controller, new(controller.Parameters, 0.01), options);
        var genotype = learning.Sample(new RandomSource(2));

        learning.Learn([(genotype, 0.5), (genotype, 0.25)]);

        // Eight decisions: of each cell two inputs of two and two operations of five.
        var entropy = 4 * (Math.Log(2) + Math.Log(5));
        var first = 0.1 * (0.5 + (0.1 * entropy));
        Assert.Equal((0.9 * first) + (0.1 * (0.25 + (0.1 * entropy))), learning.Diagnostics["baseline"], 5);
        Assert.Equal((0.375, entropy / 8), (learning.Diagnostics["reward"], learning.Diagnostics["entropy"]), (one, other) => Math.Abs(one.Item1 - other.Item1) + Math.Abs(one.Item2 - other.Item2) < 1e-6);
    }

    [Fact]
    public void What_is_paid_for_becomes_likelier()
    {
        var space = SearchSpaceCatalog.Create("enas-micro", new Dictionary<string, string> { ["nodes"] = "3" });
        var controller = new Controller<float>(space, new RandomSource(1), 16, 1, 0.1, new(null, 2.5));
        var learning = new ControllerLearning(space, controller, new(controller.Parameters, 0.02, 0, 1e-3), Options());
        for (var update = 0; update < 60; update++)
        {
            var random = new RandomSource(3).Split("update", update);
            learning.Learn([.. Enumerable.Range(0, 10).Select(sample => learning.Sample(random.Split("sample", sample))).Select(genotype => (genotype, Share(genotype)))]);
        }

        Assert.InRange(Enumerable.Range(0, 50).Average(sample => Share(learning.Sample(new RandomSource(4).Split("drawn", sample)))), 0.6, 1); // 0.2 at first

        static double Share(Genotype genotype) => genotype.Decisions.Where(decision => decision.Choice.Kind == "operation").Average(decision => decision.Option == "max_pool_3x3" ? 1.0 : 0);
    }

    [Fact]
    public void A_network_of_shared_weights_is_at_first_the_one_that_it_would_be_alone()
    {
        var space = SearchSpaceCatalog.Create("enas-macro", new Dictionary<string, string> { ["layers"] = "3", ["channels"] = "4" });
        var graph = space.Build(space.Sample(new RandomSource(1)), TaskShape.Cifar10);
        var input = randn([2, 3, 32, 32]);
        using var shared = new SharedWeights(CPU, Plan.For(graph, TorchSharp.DeviceType.CPU).IsChannelsLast, new RandomSource(5));
        using var alone = new Network(graph, CPU, new RandomSource(5));
        using (var one = new Network(graph, CPU, new RandomSource(6), shared: shared))
        {
            one.eval();
            alone.eval();
            Assert.True(allclose(alone.call(input), one.call(input)));
            Assert.Empty(one.parameters());
            Assert.Equal(alone.Trainable.Select(entry => entry.Name), one.Trainable.Select(entry => entry.Name));
        }

        using var again = new Network(graph, CPU, new RandomSource(7), shared: shared);
        again.eval();
        Assert.True(allclose(alone.call(input), again.call(input)));
        Assert.All(again.Trainable.Zip(shared.Trainable), pair => Assert.Same(pair.First.Parameter, pair.Second.Parameter));
    }

    [Fact]
    public void One_name_cannot_stand_for_two_shapes()
    {
        using var shared = new SharedWeights(CPU, isChannelsLast: true, new RandomSource(5));
        using var one = Network("4");
        Assert.Contains("in another", Assert.Throws<InvalidOperationException>(() => Network("8")).Message, StringComparison.Ordinal);

        Network Network(string channels)
        {
            var space = SearchSpaceCatalog.Create("enas-macro", new Dictionary<string, string> { ["layers"] = "3", ["channels"] = channels });
            return new(space.Build(space.Sample(new RandomSource(1)), TaskShape.Cifar10), CPU, new RandomSource(6), shared: shared);
        }
    }

    [Theory]
    [InlineData("no")]
    [InlineData("yes")]
    public void ENAS_K11_a_step_moves_only_the_sampled_network_unless_all_weights_decay(string decays)
    {
        using var folder = new TemporaryFolder();
        using var dataset = TinyDataset.Open(folder.Path);
        var spec = TinySupernet.Enas(1, ("batch", "4"), ("decay_all", decays), ("weight_decay", "0.01"));
        using var supernet = Begin(spec, dataset);
        supernet.Begin(1, 3, new RandomSource(1));
        var lossSum = zeros(1);
        var unmoved = 0;
        var before = Weights();
        for (var step = 0; step < 12; step++)
        {
            supernet.Step(step, lossSum);
            var after = Weights();
            unmoved += before.Count(pair => pair.Key.EndsWith("conv.weight", StringComparison.Ordinal) && pair.Value.SequenceEqual(after[pair.Key]));
            before = after;
        }

        Assert.Equal(decays == "yes", unmoved == 0);

        Dictionary<string, byte[]> Weights() => supernet.Save().Where(entry => !entry.Name.Contains('/')).ToDictionary(entry => entry.Name, Bytes);

        static byte[] Bytes(TensorEntry entry)
        {
            var stream = new MemoryStream();
            entry.WriteTo(stream);
            return stream.ToArray();
        }
    }

    [Theory]
    [InlineData("enas-macro", "layers=3", "channels=2")]
    [InlineData("mobile", "width=0.1", "cells=1")]
    public void It_trains_on_every_space_that_shares_by_name(string space, params string[] settings)
    {
        using var folder = new TemporaryFolder();
        using var dataset = TinyDataset.Open(folder.Path);
        var spec = TinySupernet.Enas(1, ("epochs", "1")) with { Space = space, SpaceSettings = settings.Select(setting => setting.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]) };
        Assert.Equal(2, Train(spec, dataset, folder).Genotypes.Count);
    }

    [Theory]
    [InlineData("enas-rnn")]
    [InlineData("darts-rnn")]
    public void Recurrent_cells_share_by_name_too(string space)
    {
        using var folder = new TemporaryFolder();
        using var dataset = TaskDatasets.Open(folder.Path, TaskKind.LanguageModelling);
        var spec = TinySupernet.Enas(1, ("preset", "enas-rnn"), ("epochs", "1"), ("learning_rate", "1"), ("last_learning_rate", "1")) with
        {
            Dataset = dataset.Name,
            Space = space,
            SpaceSettings = new Dictionary<string, string> { ["nodes"] = "3", ["hidden"] = "8" },
        };
        Assert.Equal(2, Train(spec, dataset, folder).Genotypes.Count);
    }

    [Fact]
    public void More_to_be_tried_than_candidates_are_refused()
    {
        var error = Assert.Throws<UserErrorException>(() => StrategyCatalog.SettingsOf("enas", new Dictionary<string, string> { ["candidates"] = "3", ["tried"] = "4" }));
        Assert.Equal("Strategy 'enas': of 3 candidates 4 cannot be tried; give more candidates, or fewer to try.", error.Message);
    }

    private static EnasOptions Options() => new()
    {
        Epochs = 150,
        Batch = 160,
        LearningRate = 0.05,
        LastLearningRate = 0.0005,
        Period = 10,
        Momentum = 0.9,
        WeightDecay = 1e-4,
        DecaysAll = false,
        GradientClip = 0,
        ByBatchStatistics = true,
        Updates = 30,
        Samples = 10,
        Policy = "enas-micro",
        Units = 64,
        Layers = 1,
        Range = 0.1,
        ControllerLearningRate = 0.0035,
        Entropy = 0,
        Decay = 0.9,
        SkipWeight = 0,
        Shaping = new(),
        Candidates = 100,
        Tried = 1,
    };

    private static SupernetResult Train(ExperimentSpec spec, Dataset dataset, TemporaryFolder folder)
    {
        var (space, strategy) = Create(spec);
        return new SupernetTraining(spec, strategy, space, dataset, TimeProvider.System)
            .Run(() => null, folder["supernet.safetensors"], new Progress<ExperimentEvent>(), TestContext.Current.CancellationToken);
    }

    private static Supernet Begin(ExperimentSpec spec, Dataset dataset)
    {
        var (space, strategy) = Create(spec);
        return strategy.Begin(new(spec, space, dataset, new RandomSource(spec.Seed), TimeProvider.System));
    }

    private static (SearchSpace Space, OneShotStrategy Strategy) Create(ExperimentSpec spec)
    {
        var space = SearchSpaceCatalog.Create(spec.Space, spec.SpaceSettings);
        return (space, (OneShotStrategy)StrategyCatalog.Create(spec.Strategy, space, spec.StrategySettings, new RandomSource(spec.Seed)));
    }
}
