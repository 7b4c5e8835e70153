using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Export.Onnx;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Eas;
using NasPlatform.Tests.Support;
using TorchSharp;

namespace NasPlatform.Tests.Experiments;

/// <summary>Experiments in which networks are made of others by editing their layers.</summary>
public sealed class GrownExperimentTests : IDisposable
{
    private const string Start = "conv-8-3_pool_conv-8-3_pool_conv-8-3_pool_conv-8-3_pool_fc-16";

    private readonly TemporaryFolder _folder = new();
    private readonly Dataset _dataset;

    public GrownExperimentTests() => _dataset = TinyDataset.Open(_folder.Path);

    public void Dispose()
    {
        _dataset.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Trials_begin_with_what_the_first_one_has_learnt_and_an_interrupted_search_goes_on_as_it_would_have_gone()
    {
        var whole = await WholeAndInParts(Spec());

        var scratch = whole[0].Evaluation!.Curve[0].TrainLosses![0];
        Assert.All(whole.Skip(1), trial => Assert.True(trial.Evaluation!.Curve[0].TrainLosses![0] < 0.7 * scratch, $"{trial.Genotype} began at {trial.Evaluation.Curve[0].TrainLosses![0]}, the start at {scratch}"));
    }

    [Fact]
    public async Task Layers_are_scaled_inserted_and_removed_from_where_the_reward_is_best_and_an_interrupted_search_goes_on()
    {
        var spec = Spec() with
        {
            Strategy = "rena",
            StrategySettings = new Dictionary<string, string> { ["start"] = Start, ["batch"] = "2", ["actions"] = "2", ["units"] = "8", ["parameters"] = "1500", ["parameters_weight"] = "2" },
            Fidelity = new(Epochs: 1),
            Budget = new(Trials: 8),
        };
        var trials = await WholeAndInParts(spec);

        Assert.Equal(8, trials.Count(trial => trial.State == TrialState.Completed));
        Assert.Contains(trials, trial => trial.Evaluation!.ParameterCount < trials[0].Evaluation!.ParameterCount); // not null: they have ended
        Assert.Contains(trials, trial => trial.Evaluation!.ParameterCount > trials[0].Evaluation!.ParameterCount); // not null: they have ended
    }

    [Theory]
    [InlineData("eas-plain")]
    [InlineData("eas-dense")]
    public void What_is_grown_computes_almost_the_same(string name)
    {
        var space = (EasSpace)SearchSpaceCatalog.Create(name);
        var task = new TaskShape(1, 16, 16, 5);
        var weights = new StartWeights(space, task, _folder["start.safetensors"]);
        var start = space.Find("start");
        var wider = Enumerable.Range(0, 4).Aggregate(start, (grown, step) => space.Apply(grown, space.Edits(grown).OfType<EasEdit.Wider>().ElementAt(step % 3)));
        var child = Enumerable.Range(0, 2).Aggregate(wider, (grown, _) => space.Apply(grown, space.Edits(grown).OfType<EasEdit.Deeper>().Last()));
        using var scope = torch.NewDisposeScope();
        using var _ = torch.no_grad();
        using var before = new Network(space.Build(start, task), torch.CPU, new RandomSource(1));
        using var after = new Network(space.Build(child, task), torch.CPU, new RandomSource(2));
        var images = torch.randn(64, 1, 16, 16);

        Assert.False(weights.AreThere);
        weights.Save(start, before);
        weights.Grow(child, after, images, new RandomSource(3));
        before.eval();
        after.eval();
        var (expected, actual) = (before.call(images), after.call(images));

        Assert.Equal(6, space.Way(start, child).Count);
        Assert.True((expected - actual).abs().max().item<float>() < 0.1 * expected.abs().max().item<float>());
    }

    private static ExperimentSpec Spec() => new()
    {
        Dataset = "textures",
        Space = "eas-plain",
        SpaceSettings = new Dictionary<string, string> { ["layers"] = "3" },
        Strategy = "eas",
        StrategySettings = new Dictionary<string, string> { ["start"] = Start, ["batch"] = "2", ["wider"] = "1", ["deeper"] = "2", ["units"] = "8" },
        Budget = new(Trials: 6),
        Fidelity = new(Epochs: 4),
        Parallelism = 2,
        FinalEpochs = 0,
        Training = new() { BatchSize = 32 },
        Seed = 1,
    };

    // Runs it in one go, and again with an interruption: the same comes of it.
    private async Task<List<Trial>> WholeAndInParts(ExperimentSpec spec)
    {
        var whole = await RunAsync(ExperimentFolder.Create(_folder["whole"], spec), new());
        using var interruption = new CancellationTokenSource();
        var events = new Relay<ExperimentEvent>(told =>
        {
            if (told is ExperimentEvent.TrialEnded { Trial.Number: 3 })
            {
                interruption.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(ExperimentFolder.Create(_folder["parts"], spec), events, interruption.Token));
        var parts = await RunAsync(ExperimentFolder.Resume(_folder["parts"], resumed => resumed), new());

        Assert.Equal(whole.Select(trial => trial.Genotype), parts.Select(trial => trial.Genotype));
        Assert.Equal(whole.Select(trial => trial.Evaluation!.Loss), parts.Select(trial => trial.Evaluation!.Loss)); // not null: they have ended
        return whole;
    }

    private async Task<List<Trial>> RunAsync(ExperimentFolder folder, Relay<ExperimentEvent> events, CancellationToken? cancellation = null)
    {
        using (folder)
        {
            var runner = new ExperimentRunner(folder, _dataset, new ParityCheck(ExternalTool.NodePackages, TimeProvider.System), events, TimeProvider.System);
            await runner.RunAsync(cancellation ?? TestContext.Current.CancellationToken);
            return [.. folder.Trials.Values];
        }
    }

    private sealed class Relay<T>(Action<T>? report = null) : IProgress<T>
    {
        public void Report(T value) => report?.Invoke(value);
    }
}
