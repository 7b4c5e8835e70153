using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training.Bilevel;
using NasPlatform.Tests.Support;
using NasPlatform.Torch;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Training.Bilevel;

[Collection(Alone.Name)]
public sealed class BilevelLeakTests
{
    [Theory]
    [InlineData(GradientOrder.First, false)]
    [InlineData(GradientOrder.Second, false)]
    [InlineData(GradientOrder.First, true)]
    [InlineData(GradientOrder.Second, true)]
    public void A_step_leaves_no_tensor_behind(GradientOrder order, bool isRecurrent)
    {
        set_num_threads(1);
        using var outer = NewDisposeScope();
        var space = isRecurrent
            ? SearchSpaceCatalog.Create("darts-rnn", new Dictionary<string, string> { ["nodes"] = "3", ["hidden"] = "8" })
            : SearchSpaceCatalog.Create("darts", new Dictionary<string, string> { ["cells"] = "3", ["channels"] = "4", ["nodes"] = "2" });
        using var network = new Network(space.Relaxed(isRecurrent ? TaskShape.Text(3, 4) : new(3, 8, 8, 4))!, CPU, new RandomSource(5)); // not null: the space has such a network
        using var training = new BilevelTraining(network, CPU, new() { Order = order, ClipsUnrolled = isRecurrent });
        training.Begin(isRecurrent);
        var batch = isRecurrent ? (arange(12).view(4, 3) % 4, (arange(12).view(4, 3) + 1) % 4) : (randn(4, 3, 8, 8), arange(4));
        Turn();

        // A leak grows with every turn; what finalisers of earlier tests still hold becomes fewer.
        var growth = Enumerable.Range(0, 4).Select(_ =>
        {
            var before = LiveTensors.Count;
            Turn();
            return LiveTensors.Count - before;
        }).ToList();

        Assert.InRange(growth.Min(), long.MinValue, 0);

        void Turn()
        {
            using var scope = NewDisposeScope();
            training.ArchitectureStep(batch, batch);
            training.WeightStep(batch);
        }
    }
}
