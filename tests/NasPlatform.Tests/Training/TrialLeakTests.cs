using NasPlatform.Search;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Tests.Support;
using NasPlatform.Torch;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Training;

[Collection(Alone.Name)]
public sealed class TrialLeakTests
{
    [Theory]
    [InlineData("chain")]
    [InlineData("nasbench201")]
    public void A_trial_leaves_no_tensor_behind(string name)
    {
        set_num_threads(1);
        using var folder = new TemporaryFolder();
        using var dataset = TinyDataset.Open(folder.Path);
        var settings = name == "nasbench201" ? new Dictionary<string, string> { ["cells"] = "1" } : [];
        var space = SearchSpaceCatalog.Create(name, settings);
        var spec = new ExperimentSpec
        {
            Dataset = dataset.Name,
            Space = name,
            SpaceSettings = settings,
            Training = new() { BatchSize = 32, Augmentation = new(CropPadding: 1, Flip: true, Cutout: 2) },
        };
        using var evaluator = new TrainingEvaluator(spec, dataset, "none", TimeProvider.System);
        var random = new RandomSource(2);
        Try(1);

        // A leak grows with every round; what the finalisers of earlier tests or a thread that is just ending still hold does not.
        var growth = new List<long>();
        for (var round = 0; round < 4; round++)
        {
            var before = Settled();
            for (var number = 2; number <= 4; number++)
            {
                Try(number);
            }

            growth.Add(Settled() - before);
        }

        Assert.True(growth.Min() <= 0, $"Live tensors grew by {string.Join(", ", growth)} in four rounds of three trials.");

        void Try(int number)
        {
            var proposal = new Proposal(number, space.Sample(random), new Fidelity(Epochs: 2));
            var evaluation = evaluator.Evaluate(proposal, new Progress<TrainingProgress>(), TestContext.Current.CancellationToken);
            Assert.Equal(Outcome.Completed, evaluation.Outcome);
        }
    }

    [Fact]
    public void A_relaxed_network_leaves_no_tensor_behind_and_keeps_its_rows_when_the_scope_ends()
    {
        var space = SearchSpaceCatalog.Create("darts", new Dictionary<string, string> { ["nodes"] = "1", ["cells"] = "3", ["channels"] = "4" });
        Step();
        var growth = new List<long>();
        for (var round = 0; round < 4; round++)
        {
            var before = Settled();
            Step();
            growth.Add(Settled() - before);
        }

        Assert.True(growth.Min() <= 0, $"Live tensors grew by {string.Join(", ", growth)} in four rounds.");

        void Step()
        {
            Network network;
            using (NewDisposeScope())
            {
                network = new Network(space.Relaxed(new(3, 8, 8, 4))!, CPU, new RandomSource(1)); // not null: it is a search network
            }

            using (network)
            using (NewDisposeScope())
            {
                network.train();
                network.call(rand(2, 3, 8, 8)).square().sum().backward();
                Assert.All(network.Alphas.Values, row => Assert.True(row.grad!.isfinite().all().item<bool>())); // not null: it took part
            }
        }
    }

    private static long Settled()
    {
        for (var live = -1L; live != LiveTensors.Count;)
        {
            live = LiveTensors.Count;
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
        }

        return LiveTensors.Count;
    }
}
