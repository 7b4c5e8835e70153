using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Networks;

/// <summary>Mean and variance (of the whole, not a sample's estimate) of each channel at some place of a network, of a batch of data.</summary>
public sealed record ChannelStatistics(float[] Mean, float[] Variance)
{
    /// <summary>What a layer gives for a batch, in evaluation.</summary>
    /// <param name="network">The network.</param>
    /// <param name="layer">The layer's name.</param>
    /// <param name="images">Normalised, <c>[batch, channels, height, width]</c>; EAS takes 64 of them.</param>
    public static ChannelStatistics Of(TrainedNetwork network, string layer, Tensor images)
    {
        var place = Net2Net.Find(network.Graph, layer);
        var before = network with { Graph = LayerGraph.Of(network.Graph.Task, network.Graph.Layers, place) };
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var runs = new Network(before.Graph, images.device, new RandomSource(1));
        before.CopyTo(runs);
        runs.eval();
        var values = runs.call(images);
        var perChannel = values.transpose(0, 1).flatten(1);
        var mean = perChannel.mean([1], keepdim: true);
        return new(Numbers(mean), Numbers((perChannel - mean).pow(2).mean([1])));
    }

    private static float[] Numbers(Tensor values)
    {
        using var data = values.cpu().contiguous().data<float>();
        return data.ToArray();
    }
}
