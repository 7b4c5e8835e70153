using System.Diagnostics;

namespace NasPlatform.Search.Networks;

/// <summary>What a network costs, in closed form from its layer graph.</summary>
/// <param name="ParameterCount">Trainable numbers; batch norm's running statistics and architecture parameters are not counted.</param>
/// <param name="MultiplyAdds">
/// Multiply-adds of the convolutions and full layers for one example, of a sequence for all its steps, with one addition for each bias, as NAS-Bench-201 counts
/// them; normalisation, activation and pooling are not counted.
/// </param>
/// <param name="ActivationCount">Numbers that all layers give out for one example: the greater part of training's memory.</param>
public readonly record struct NetworkCost(long ParameterCount, long MultiplyAdds, long ActivationCount)
{
    internal static NetworkCost Of(LayerGraph graph) => Sum(graph.Layers);

    /// <summary>One layer's part.</summary>
    public static NetworkCost Of(Layer layer) => layer.Op switch
    {
        Op.Conv2d conv => Conv(conv, layer),
        Op.Linear linear => Linear(linear, layer),
        Op.BatchNorm norm => new(norm.Affine ? 2L * layer.Shape.Channels : 0, 0, layer.Shape.Count),
        Op.Input or Op.Activation or Op.MaxPool or Op.AvgPool or Op.GlobalAvgPool or Op.Add or Op.Concat or Op.Pad or Op.Crop
            or Op.Slice or Op.Flatten or Op.Scale or Op.Zero or Op.Dropout
            or Op.DropPath or Op.ToSequence or Op.LastStep or Op.Multiply or Op.Lerp or Op.Mean or Op.Mix => new(0, 0, layer.Shape.Count),
        Op.HighwayMix => HighwayMix(layer.Shape.Channels, layer.Inputs.Length / 2),
        Op.Embedding embedding => new((long)embedding.Count * embedding.Size, 0, layer.Shape.Count),
        Op.TiedLinear => new(layer.Shape.Channels, layer.Shape.Count * (layer.Inputs[0].Shape.Channels + 1L), layer.Shape.Count),
        Op.Recurrent recurrent => Recurrent(recurrent.Cell, layer.Shape.Width),
        _ => throw new UnreachableException(layer.Op.GetType().Name),
    };

    private static NetworkCost Conv(Op.Conv2d conv, Layer layer)
    {
        var perOutput = (long)layer.Inputs[0].Shape.Channels / conv.Groups * conv.Kernel.Height * conv.Kernel.Width;
        var bias = conv.Bias ? 1 : 0;
        return new(conv.OutChannels * (perOutput + bias), layer.Shape.Count * (perOutput + bias), layer.Shape.Count);
    }

    private static NetworkCost Linear(Op.Linear linear, Layer layer)
    {
        var perOutput = (long)layer.Inputs[0].Shape.Channels + (linear.Bias ? 1 : 0);
        return new(perOutput * linear.OutFeatures, perOutput * layer.Shape.Count, layer.Shape.Count);
    }

    // One matrix for all edges. Of each edge are kept both halves, the functions' values and what they mix to.
    private static NetworkCost HighwayMix(long size, int edges) => new(2 * size * size, edges * 2 * size * size, edges * 8 * size);

    // One set of weights, used at every step.
    private static NetworkCost Recurrent(RecurrentCell cell, int steps)
    {
        var step = Sum(cell.Layers.Where(layer => layer.Op is not Op.Input));
        return new(step.ParameterCount, steps * step.MultiplyAdds, steps * step.ActivationCount);
    }

    private static NetworkCost Sum(IEnumerable<Layer> layers) => layers.Select(Of).Aggregate(
        default(NetworkCost),
        (sum, cost) => new(sum.ParameterCount + cost.ParameterCount, sum.MultiplyAdds + cost.MultiplyAdds, sum.ActivationCount + cost.ActivationCount));
}
