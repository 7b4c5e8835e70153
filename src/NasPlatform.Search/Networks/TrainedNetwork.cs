using TorchSharp;

namespace NasPlatform.Search.Networks;

/// <summary>A layer graph with its weights as plain numbers: what transformations work on.</summary>
/// <param name="Graph">The network.</param>
/// <param name="Weights">Numbers in PyTorch's layout under the names of <see cref="WeightSpec"/>.</param>
public sealed record TrainedNetwork(LayerGraph Graph, IReadOnlyDictionary<string, float[]> Weights)
{
    /// <summary>A copy of a network's weights.</summary>
    public static TrainedNetwork Of(Network network)
    {
        using var _ = torch.no_grad();
        return new(network.Graph, network.Weights.ToDictionary(pair => pair.Key, pair => Numbers(pair.Value)));

        static float[] Numbers(torch.Tensor weight)
        {
            using var here = weight.detach().cpu();
            using var whole = here.contiguous();
            using var data = whole.data<float>();
            return data.ToArray();
        }
    }

    /// <summary>Puts the weights into a network of the same graph.</summary>
    public void CopyTo(Network network)
    {
        var shapes = Graph.Layers.Concat(Graph.AuxiliaryLayers).SelectMany(WeightSpec.Of).ToDictionary(spec => spec.Name, spec => spec.Shape);
        network.Load(name => torch.tensor(Weights[name], shapes[name]));
    }
}
