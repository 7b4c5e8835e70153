using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Networks;

public sealed class RecurrentLoopTests
{
    private const int Batch = 5;

    [Theory]
    [InlineData("enas-rnn")]
    [InlineData("enas-rnn", "variant", "google-research")]
    [InlineData("darts-rnn")]
    [InlineData("nasrl-rnn")]
    public void The_kernel_gives_what_the_steps_give_one_by_one(string name, params string[] setting)
    {
        var settings = new Dictionary<string, string> { ["hidden"] = "19", ["layers"] = "1", ["drop_x"] = "0.4", ["drop_h"] = "0.3" };
        if (setting is [var key, var value])
        {
            settings[key] = value;
        }

        var space = SearchSpaceCatalog.Create(name, settings);
        var random = new RandomSource(1);
        for (var draw = 0; draw < 6; draw++)
        {
            using var scope = NewDisposeScope();
            using var network = new Network(space.Build(space.Sample(random), TaskShape.Text(4, 11)), CPU, new RandomSource(2));
            var layer = network.Graph.Layers.Single(layer => layer.Op is Op.Recurrent);
            var loop = new RecurrentLoop(network, layer, network.Weights.ToDictionary());
            foreach (var (type, tolerance) in new[] { (ScalarType.Float32, 1e-4), (ScalarType.Float64, 1e-11) })
            {
                network.to(type);
                foreach (var trains in new[] { true, false })
                {
                    network.train(trains);
                    var kernel = Results(network, layer, type, loop.Run);
                    loop.ResetState();
                    var steps = Results(network, layer, type, loop.RunByStep);
                    loop.ResetState();
                    Assert.All(kernel.Zip(steps), pair => Assert.InRange((pair.First - pair.Second).abs().max().ToDouble(), 0, tolerance * (1 + pair.Second.abs().max().ToDouble())));
                }
            }
        }
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        var space = SearchSpaceCatalog.Create("enas-rnn", new Dictionary<string, string> { ["hidden"] = "19" });
        using var network = new Network(space.Build(space.Sample(new RandomSource(1)), TaskShape.Text(4, 11)), CPU, new RandomSource(2));
        network.train();
        network.CarriesState = true;
        Step();
        var before = LiveTensors.Count;
        Step();

        Assert.Equal(before, LiveTensors.Count);

        void Step()
        {
            using var scope = NewDisposeScope();
            network.zero_grad();
            network.call(zeros([Batch, 4], int64)).sum().backward();
        }
    }

    /// <summary>Two batches that follow one another, and the gradients of the sum of the second's outputs' squares.</summary>
    private static List<Tensor> Results(Network network, Layer layer, ScalarType type, Func<Tensor, Tensor> run)
    {
        network.CarriesState = true;
        network.SeedNoise(new RandomSource(7));
        using var generator = new Generator(3, CPU);
        var first = randn([Batch, 4, layer.Inputs[0].Shape.Channels], dtype: type, generator: generator);
        var second = randn([Batch, 4, layer.Inputs[0].Shape.Channels], dtype: type, generator: generator).requires_grad_();
        var outputs = new List<Tensor> { run(first), run(second) };
        var weights = network.Trainable.Where(entry => entry.Name.StartsWith($"{layer.Name}.", StringComparison.Ordinal)).Select(entry => (Tensor)entry.Parameter);
        outputs.AddRange(autograd.grad([outputs[1].pow(2).sum()], [second, .. weights]));
        network.CarriesState = false;
        return outputs;
    }
}
