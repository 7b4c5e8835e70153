using NasPlatform.Search;
using NasPlatform.Search.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Support;

/// <summary>Networks with weights as training leaves them, and whether two give the same.</summary>
internal static class TrainedNetworks
{
    private const double Tolerance = 1e-5;

    /// <summary>Weights and running statistics that are not those of a fresh network: identities would hide what goes wrong.</summary>
    public static TrainedNetwork Draw(LayerGraph graph)
    {
        var random = new RandomSource(3);
        return new(graph, graph.Layers.SelectMany(WeightSpec.Of).ToDictionary(spec => spec.Name, spec =>
        {
            var source = random.Split(spec.Name);
            var fanIn = spec.Shape.Skip(1).Aggregate(1L, (product, side) => product * side);
            return Enumerable.Range(0, (int)spec.Shape.Aggregate(1L, (product, side) => product * side)).Select(_ => (float)(spec.Part switch
            {
                "running_var" => 0.5 + source.NextDouble(),
                "weight" when spec.Shape.Length == 1 => 0.8 + (0.4 * source.NextDouble()),
                "weight" => source.NextGaussian() / Math.Sqrt(fanIn),
                _ => 0.2 * source.NextGaussian(),
            })).ToArray();
        }));
    }

    /// <summary>In evaluation, for two random images, within a hundred-thousandth of the largest output.</summary>
    public static void AssertSame(TrainedNetwork one, TrainedNetwork other)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var task = one.Graph.Task;
        var images = rand(2, task.Channels, task.Height, task.Width, generator: new Generator(11));
        var (expected, given) = (Run(one, images), Run(other, images));
        var scale = Math.Max(1, expected.abs().max().item<float>());
        var difference = (expected - given).abs().max().item<float>() / scale;
        Assert.True(difference <= Tolerance, $"The outputs differ by {difference} of the largest.");
    }

    private static Tensor Run(TrainedNetwork trained, Tensor images)
    {
        using var network = new Network(trained.Graph, CPU, new RandomSource(1));
        trained.CopyTo(network);
        network.eval();
        return network.call(images).clone();
    }
}
