using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Strategies.Proxyless;
using NasPlatform.Search.Training.Supernets;
using NasPlatform.Tests.Support;
using NasPlatform.Tests.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Strategies.Proxyless;

/// <summary>Binarised paths, the gradient of their gates, the expected latency.</summary>
public sealed class ProxylessStrategyTests : TorchTest
{
    private const string Row = "block2/operation";

    private static readonly SearchSpace Space = SearchSpaceCatalog.Create("mobile", new Dictionary<string, string> { ["width"] = "0.1", ["cells"] = "2" });
    private static readonly TaskShape Task = new(3, 16, 16, 5);

    [Fact]
    public void PROXY_K2_the_gradient_of_the_parameters_follows_from_that_of_the_gates()
    {
        Close([1.0 / 4, -1.0 / 4], GateGradient.OfAlphas([1, 0], [0, 0]));
        Close([2.0 / 9, -1.0 / 9, -1.0 / 9], GateGradient.OfAlphas([1, 0, 0], [0.7, 0.7, 0.7]));
    }

    [Fact]
    public void PROXY_K3_its_sum_is_zero()
    {
        var random = new RandomSource(3);
        Assert.Equal(0, GateGradient.OfAlphas([.. Draw()], [.. Draw()]).Sum(), 12);

        IEnumerable<double> Draw() => Enumerable.Range(0, 7).Select(_ => random.NextGaussian());
    }

    [Fact]
    public void PROXY_K4_a_step_of_two_paths_leaves_the_probabilities_of_the_others()
    {
        var row = new PathRow("row", 5, new RandomSource(1), 0.5, 0);
        var before = row.Values;

        row.Step([1, 3], [0.4, -0.1]);

        Assert.Equal(Math.Exp(before[1]) + Math.Exp(before[3]), Math.Exp(row.Values[1]) + Math.Exp(row.Values[3]), 12);
        Assert.All([0, 2, 4], path => Assert.Equal(GateGradient.Softmax(before)[path], row.Probabilities[path], 12));
        Assert.True(row.Values[1] < before[1] && row.Values[3] > before[3]);
    }

    [Fact]
    public void PROXY_K5_multiplied_with_the_logarithm_of_the_latency()
    {
        var loss = new LatencyLoss(LatencyForm.Multiply, 80);
        Assert.Equal(0.2 * 1.7, loss.Of(1.7, 80), 12);
        Assert.Equal(0.209008, loss.Of(1, 160), 6);
        Slopes(loss);
    }

    [Fact]
    public void PROXY_K6_or_added_in_proportion()
    {
        var loss = new LatencyLoss(LatencyForm.Add, 80);
        Assert.Equal(1.7, loss.Of(1.7, 80), 12);
        Assert.Equal(1.8, loss.Of(1.7, 160), 12);
        Slopes(loss);
    }

    [Fact]
    public void PROXY_K7_the_expected_latency_of_one_path_each_is_that_network_s()
    {
        var table = new LatencyTable(new Dictionary<string, double[]> { ["a"] = [1, 2, 0], ["b"] = [4, 8] }, 16);
        Assert.Equal(16 + 2 + 4, table.Expected(row => row == "a" ? [0, 1, 0] : [1, 0]));
        Assert.Equal(16 + 0 + 8, table.Expected(row => row == "a" ? [0, 0, 1] : [0, 1]));
        Assert.Equal(16 + 1 + 6, table.Expected(row => row == "a" ? [1.0 / 3, 1.0 / 3, 1.0 / 3] : [0.5, 0.5]));
    }

    [Fact]
    public void A_latency_table_has_every_path_and_larger_kernels_and_expansions_take_longer()
    {
        var space = SearchSpaceCatalog.Create("mobile", new Dictionary<string, string> { ["width"] = "0.5", ["cells"] = "2" });
        var graph = space.Relaxed(new TaskShape(3, 64, 64, 10))!; // not null: the space has one
        var table = LatencyTable.Measure(graph, CPU, TimeProvider.System);

        Assert.Equal(graph.Alphas.Select(row => (row.Name, row.Options)), table.Paths.Select(row => (row.Key, row.Value.Length)));
        Assert.All(table.Paths, row => Assert.All(row.Value, (latency, path) => Assert.Equal(space.MixtureOf(row.Key)[path] == "Zero", latency == 0)));
        Assert.True(table.Fixed >= 0);
        Assert.True(table.Paths.Values.Sum(row => row[5]) > table.Paths.Values.Sum(row => row[0])); // 7×7 with 6 against 3×3 with 3
    }

    [Fact]
    public void One_path_is_the_network_of_those_decisions_and_shares_its_weights()
    {
        var relaxed = Space.Relaxed(Task)!; // not null: the space has one
        var genotype = Space.Sample(new RandomSource(4));
        var values = genotype.ToDictionary();

        var path = relaxed.WithPaths(row => [values[row]]);

        Assert.Empty(path.Alphas);
        Assert.Equal(ArchitectureKey.Of(Space.Build(genotype, Task).WithoutZeros()), ArchitectureKey.Of(path.WithoutZeros()));
        WeightSharing.AssertSameShapes([path, Space.Build(genotype, Task), relaxed]);
    }

    [Fact]
    public void The_gradient_of_the_gates_is_that_of_finite_differences()
    {
        using var folder = new TemporaryFolder();
        using var dataset = TinyDataset.Open(folder.Path);
        var relaxed = Space.Relaxed(Task)!; // not null: the space has one
        var paths = relaxed.Alphas.ToDictionary(row => row.Name, row => row.Name == Row && row.Options == 7 ? new[] { 6, 1 } : [0, 3]);
        var graph = relaxed.WithPaths(row => paths[row]);
        using var weights = new SharedWeightTraining(Context(TinySupernet.Proxyless(), dataset), graph, 32, 0.9, 0);
        using var network = new Network(graph, CPU, new RandomSource(1)) { IsGated = true };
        network.to(float64).eval(); // in training batch norms of 4×4 pixels bend too much for a difference
        manual_seed(1);
        var batch = (randn([32, 3, 16, 16], dtype: float64), randint(5, [32], dtype: int64));

        var (loss, ofGates) = ProxylessSupernet.GradientOfGates(network, weights, batch, _ => 1);

        Assert.Equal(weights.LossOf(network, batch).ToDouble(), loss, 4);

        // A step that 32 bits hold exactly. ReLU6 has kinks, some of which a difference steps over: what is compared is all gates together.
        const float Distance = 1f / (1 << 21);
        var (distance, length) = (0.0, 0.0);
        foreach (var (name, gradient) in ofGates)
        {
            for (var gate = 0; gate < 2; gate++)
            {
                var slope = (At(name, gate, Distance) - At(name, gate, -Distance)) / (2 * Distance);
                distance += Math.Pow(slope - gradient[gate], 2);
                length += slope * slope;
            }
        }

        Assert.Equal(relaxed.Alphas.Count, ofGates.Count);
        Assert.InRange(length, 1e-3, 1);
        Assert.InRange(Math.Sqrt(distance / length), 0, 5e-3);

        // A path that gives nothing changes nothing.
        Assert.Equal(0, ofGates[Row][0]);

        double At(string name, int gate, float moved)
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var gates = network.Alphas[name];
            gates[gate] += moved;
            var there = weights.LossOf(network, batch).ToDouble();
            gates[gate] -= moved;
            return there;
        }
    }

    [Fact]
    public void The_released_code_s_schedule_is_the_default_and_nothing_is_learnt_of_paths_in_the_warm_up()
    {
        var settings = StrategyCatalog.SettingsOf("proxylessnas");
        Assert.Equal(("40", "120", "256", "0.05", "0.025", "5"), (settings["warmup"], settings["epochs"], settings["batch"], settings["warmup_learning_rate"], settings["learning_rate"], settings["every"]));
        Assert.Equal(("0.001", "0", "4E-05", "0.1"), (settings["alpha_learning_rate"], settings["alpha_beta1"], settings["weight_decay"], settings["label_smoothing"]));

        using var folder = new TemporaryFolder();
        using var dataset = TinyDataset.Open(folder.Path);
        var told = new Told();
        Train(TinySupernet.Proxyless(1, ("epochs", "3")), dataset, folder, told);
        string[] beliefs = [.. told.Epochs.Select(epoch => string.Join(' ', epoch.Beliefs.SelectMany(belief => belief.Probabilities)))];
        Assert.Equal(beliefs[0], beliefs[1]);
        Assert.NotEqual(beliefs[1], beliefs[2]);
        Assert.NotEqual(beliefs[2], beliefs[3]);
    }

    [Theory]
    [InlineData("gates", "all", "none")]
    [InlineData("gates", "two", "add")]
    [InlineData("reinforce", "two", "none")]
    [InlineData("reinforce", "two", "add")]
    public void Each_way_learns(string gradient, string paths, string latency)
    {
        using var folder = new TemporaryFolder();
        using var dataset = TinyDataset.Open(folder.Path);
        var told = new Told();
        var result = Train(TinySupernet.Proxyless(1, ("gradient", gradient), ("paths", paths), ("latency", latency), ("samples", "3"), ("warmup", "0"), ("epochs", "2")), dataset, folder, told);

        Assert.Single(result.Genotypes);
        Assert.InRange(told.Epochs[^1].Diagnostics["entropy"], 0, Math.Log(7) - 1e-4);
        Assert.Equal(latency != "none", told.Epochs[^1].Diagnostics.ContainsKey("expected_ms"));
        Assert.Equal(gradient == "reinforce", told.Epochs[^1].Diagnostics.ContainsKey("reward"));
    }

    [Fact]
    public void Where_the_logarithm_of_the_milliseconds_would_make_no_sense_it_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var dataset = TinyDataset.Open(folder.Path);
        var error = Assert.Throws<UserErrorException>(() => Train(TinySupernet.Proxyless(1, ("latency", "mul"), ("target_ms", "0.5")), dataset, folder, new Told()));
        Assert.Contains("take latency=add", error.Message, StringComparison.Ordinal);
    }

    private static void Slopes(LatencyLoss loss)
    {
        const double Distance = 1e-6;
        Assert.Equal((loss.Of(2 + Distance, 100) - loss.Of(2 - Distance, 100)) / (2 * Distance), loss.OfCrossEntropy(100), 6);
        Assert.Equal((loss.Of(2, 100 + Distance) - loss.Of(2, 100 - Distance)) / (2 * Distance), loss.OfLatency(2, 100), 6);
    }

    private static void Close(double[] expected, double[] actual) => Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 12));

    private static SupernetContext Context(ExperimentSpec spec, Dataset dataset) => new(spec, Space, dataset, new RandomSource(spec.Seed), TimeProvider.System);

    private static SupernetResult Train(ExperimentSpec spec, Dataset dataset, TemporaryFolder folder, Told told)
    {
        var strategy = (OneShotStrategy)StrategyCatalog.Create(spec.Strategy, Space, spec.StrategySettings, new RandomSource(spec.Seed));
        return new SupernetTraining(spec, strategy, Space, dataset, TimeProvider.System).Run(() => null, folder["supernet.safetensors"], told, TestContext.Current.CancellationToken);
    }

    private sealed class Told : IProgress<ExperimentEvent>
    {
        public List<SupernetEpoch> Epochs { get; } = [];

        public void Report(ExperimentEvent value)
        {
            if (value is ExperimentEvent.SupernetEpochEnded(var epoch))
            {
                Epochs.Add(epoch);
            }
        }
    }
}
