using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Export;
using NasPlatform.Search.Export.Onnx;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Tests.Export;
using NasPlatform.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Experiments;

public sealed class ExperimentRunnerTests : IDisposable
{
    private const string FashionMnist = "/usr/share/datasets/fashion-mnist";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task From_dataset_to_a_tested_model_and_the_same_again_for_the_same_seed()
    {
        using var dataset = TinyDataset.Open(_folder.Path);

        var first = await RunAsync("first", dataset, seed: 4);
        var again = await RunAsync("again", dataset, seed: 4);
        var other = await RunAsync("other", dataset, seed: 5);

        Assert.Equal((4, 3), (first.Trials, first.FinalEpochs));
        Assert.Equal(first.BestSoFar, first.BestSoFar.Order());
        Assert.Equal(first.Winner.Evaluation?.Score, first.BestSoFar[^1]);
        Assert.InRange(first.TestScore ?? 0, 0.6, 1);
        Assert.Equal(first.BestSoFar, again.BestSoFar);
        Assert.Equal((first.Winner.Genotype, first.TestScore, first.TestLoss), (again.Winner.Genotype, again.TestScore, again.TestLoss));
        Assert.NotEqual(first.Winner.Genotype, other.Winner.Genotype);
        var kept = ExperimentFolder.ReadResult(_folder["first"]);
        Assert.Equal((first.TestScore, first.Parity), (kept.TestScore, kept.Parity));
        Assert.NotEqual(Parity.Differs, first.Parity?.Parity);

        using var package = ModelPackage.Open(_folder["first"]);
        Assert.Equal(first.TestScore, package.Description.Metrics.TestScore);
        Assert.All(["model.onnx", "model.py", "model.safetensors", "architecture.json", "README.md"], file => Assert.True(File.Exists(Path.Join(package.Folder, file)), file));
        using var network = new Network(package.Description.Graph, CPU, new(1));
        network.Load(name => WeightFile.Read(package.Weights, name));
        using var test = DeviceDataset.Of(dataset, dataset.Indices(Split.Test), CPU);
        Assert.Equal(first.TestScore, Trainer.Measure(network, test, TestContext.Current.CancellationToken).Score);
    }

    [Theory]
    [InlineData("chain", "3x3/1x1/24 5x3/2x1/36@1 1x7/1x3/48 3x3/2x2/64@2,3")]
    [InlineData("nasbench201", "|nor_conv_3x3~0|+|nor_conv_1x1~0|avg_pool_3x3~1|+|skip_connect~0|none~1|nor_conv_3x3~2|")]
    public void ONNX_and_PyTorch_source_agree_with_us_on_real_images(string name, string genotype)
    {
        Assert.SkipUnless(Directory.Exists(FashionMnist), "needs Debian's dataset-fashion-mnist");
        set_num_threads(1);
        var settings = name == "chain" ? new Dictionary<string, string> { ["layers"] = "4" } : new() { ["cells"] = "1" };
        var space = SearchSpaceCatalog.Create(name, settings);
        using var dataset = new DatasetCatalog(_folder.Path, TimeProvider.System).Open("fashion-mnist", cancellation: TestContext.Current.CancellationToken);
        var graph = space.Build(space.Parse(genotype), new TaskShape(1, 28, 28, 10));
        using var network = new Network(graph, CPU, new(1));
        using var train = DeviceDataset.Of(dataset, dataset.Indices(Split.Train).AsSpan(0, 1024), CPU);
        using (var trainer = new Trainer(network, CPU, new TrainingOptions { BatchSize = 64 }, new(1), TimeProvider.System))
        {
            trainer.Train(train, null, 1, [], null, null, TestContext.Current.CancellationToken);
        }

        var test = dataset.Indices(Split.Test)[..100];
        var description = SampleModels.Describe(graph.WithoutZeros(), name, genotype) with { Input = new(1, 28, 28, "crop", dataset.Mean, dataset.Std) };
        ModelPackage.Write(_folder["model"], description, spec => WeightFile.Entry(spec.Name, network.Weights[spec.Name]));
        using (var package = ModelPackage.Open(_folder["model"]))
        {
            ExportFormat.WriteAll(package, _folder["model"], TestContext.Current.CancellationToken);
        }

        var exported = new ExportedModel(
            _folder["model"], [test.Length, 1, 28, 28], [.. test.SelectMany(index => dataset.Image(index).ToArray()).Select(value => value / 255f)]);
        var ours = Ours(network, dataset, test);
        Assert.InRange(ours.Distance(ExportedModel.RunOnnx(exported)[0]), 0, 1e-4);
        Assert.InRange(ours.Distance(ExportedModel.RunPyTorch(exported)[0]), 0, 1e-4);
    }

    [Fact]
    public async Task The_training_that_was_found_trains_the_winner_and_is_told_with_its_model()
    {
        using var dataset = TinyDataset.Open(_folder["tuned"]);
        var spec = new ExperimentSpec
        {
            Dataset = dataset.Name,
            Space = "chain",
            SpaceSettings = new Dictionary<string, string> { ["layers"] = "2", ["filters"] = "8,16" },
            Architecture = "3x3/1x1/8 3x3/2x2/16@1",
            Tune = new Dictionary<string, string> { ["learning_rate"] = "0.0000001,0.02", ["optimizer"] = "adamw", ["batch_size"] = "16" },
            Strategy = "grid",
            Budget = new(Trials: 5),
            FinalEpochs = 2,
            Training = new() { Schedule = ScheduleKind.OneCycle },
        };
        using var folder = ExperimentFolder.Create(_folder["tuned-run"], spec);
        var result = await new ExperimentRunner(folder, dataset, new ParityCheck(ExternalTool.NodePackages, TimeProvider.System), new Progress<ExperimentEvent>(), TimeProvider.System)
            .RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, result.Trials);
        Assert.Equal("optimizer=adamw learning_rate=0.02 batch_size=16", result.Winner.Genotype);
        Assert.True(result.Winner.Evaluation!.Score > 0.5); // not null: it won
        Assert.Equal(new() { Optimizer = OptimizerKind.AdamW, LearningRate = 0.02, Schedule = ScheduleKind.OneCycle, BatchSize = 16 }, result.Training);
        using var package = ModelPackage.Open(folder.ModelFolder);
        var (facts, training) = (package.Description.Architecture, package.Description.Training);
        Assert.Equal((spec.Architecture, "chain"), (facts.Genotype, facts.Space));
        Assert.Equal(SearchSpaceCatalog.Create("chain", facts.SpaceSettings).Parse(spec.Architecture).ToDictionary(), facts.Decisions);
        Assert.Equal((0.02, 16), (training.LearningRate, training.BatchSize));
        Assert.Equal("AdamW; the learning rate rises from a 25th during 30 % of the steps, then falls to almost 0: one cycle", training.Optimizer);
    }

    [Fact]
    public async Task What_is_tried_is_what_scores_best_before_it_is_trained_also_after_a_restart()
    {
        using var dataset = TinyDataset.Open(_folder["screened"]);
        var spec = new ExperimentSpec
        {
            Dataset = dataset.Name,
            Space = "chain",
            SpaceSettings = new Dictionary<string, string> { ["layers"] = "2", ["filters"] = "4,8,16" },
            Strategy = "evolution",
            StrategySettings = new Dictionary<string, string> { ["population"] = "2", ["proxy"] = "synflow", ["proxy_candidates"] = "5" },
            Budget = new(Trials: 3),
            FinalEpochs = 0,
        };
        var events = new Progress<ExperimentEvent>();
        using (var folder = ExperimentFolder.Create(_folder["screened-run"], spec))
        {
            await new ExperimentRunner(folder, dataset, new ParityCheck(ExternalTool.NodePackages, TimeProvider.System), events, TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);
        }

        using (var folder = ExperimentFolder.Create(_folder["screened-whole"], spec with { Budget = new(Trials: 5) }))
        {
            await new ExperimentRunner(folder, dataset, new ParityCheck(ExternalTool.NodePackages, TimeProvider.System), events, TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);
        }

        using var resumed = ExperimentFolder.Resume(_folder["screened-run"], earlier => earlier with { Budget = new(Trials: 5) });
        await new ExperimentRunner(resumed, dataset, new ParityCheck(ExternalTool.NodePackages, TimeProvider.System), events, TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);
        using var whole = ExperimentFolder.Resume(_folder["screened-whole"], spec => spec);
        Assert.Equal(whole.Trials.Values.Select(trial => trial.Genotype), resumed.Trials.Values.Select(trial => trial.Genotype));

        // The first trial: of five random networks the one that SynFlow, which needs no examples, scores highest.
        var space = spec.CreateSpace();
        var random = new RandomSource(spec.Seed).Split("strategy").Split("proposal", 1);
        using var batch = ScoredBatch.Of(dataset, CPU);
        var best = Enumerable.Range(0, 5).Select(_ => space.Sample(random)).MaxBy(genotype => batch.Score(space.Build(genotype, batch.Task), Proxy.SynFlow));
        Assert.Equal(space.Format(best!), resumed.Trials[1].Genotype); // not null: there are five
    }

    [Fact]
    public void A_score_does_not_depend_on_what_was_scored_before()
    {
        using var dataset = TinyDataset.Open(_folder["scores"]);
        var spec = new ExperimentSpec { Dataset = dataset.Name, Space = "nasbench201", SpaceSettings = new Dictionary<string, string> { ["cells"] = "1", ["channels"] = "4" } };
        var space = spec.CreateSpace();

        // One network, whose convolution has another name, and so other weights, in each.
        var (one, other) = (space.Parse("|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|"), space.Parse("|skip_connect~0|+|none~0|none~1|+|none~0|nor_conv_3x3~1|none~2|"));
        Assert.Equal(space.Key(one), space.Key(other));
        using var both = new ProxyScores(spec, space, () => ScoredBatch.Of(dataset, CPU));
        using var alone = new ProxyScores(spec, space, () => ScoredBatch.Of(dataset, CPU));
        Assert.NotEqual(both.Of(Proxy.Snip, one), both.Of(Proxy.Snip, other));
        Assert.Equal(alone.Of(Proxy.Snip, other), both.Of(Proxy.Snip, other));
    }

    private static ModelOutput Ours(Network network, Dataset dataset, int[] examples)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var resident = (ImageExamples)DeviceDataset.Of(dataset, examples, CPU);
        network.eval();
        var logits = network.call(resident.Batch(0, examples.Length).Inputs);
        return new(logits.data<float>().ToArray(), nn.functional.softmax(logits, 1).data<float>().ToArray());
    }

    private async Task<ExperimentResult> RunAsync(string name, Dataset dataset, ulong seed)
    {
        var spec = new ExperimentSpec
        {
            Dataset = dataset.Name,
            Space = "chain",
            SpaceSettings = new Dictionary<string, string> { ["layers"] = "2", ["strides"] = "1,2", ["filters"] = "8,16" },
            Budget = new(Trials: 4),
            Fidelity = new(Epochs: 2),
            FinalEpochs = 3,
            Training = new() { BatchSize = 32, LearningRate = 0.05 },
            Seed = seed,
        };
        using var folder = ExperimentFolder.Create(_folder[name], spec);
        return await new ExperimentRunner(folder, dataset, new ParityCheck(ExternalTool.NodePackages, TimeProvider.System), new Progress<ExperimentEvent>(), TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);
    }
}
