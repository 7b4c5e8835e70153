using System.Diagnostics;

namespace NasPlatform.Search.Networks;

/// <summary>What a network costs, in closed form from its layer graph.</summary>
/// <param name="ParameterCount">Trainable numbers; batch norm's running statistics are not counted.</param>
/// <param name="MultiplyAdds">
/// Multiply-adds of the convolutions and full layers for one example, with one addition for each bias, as NAS-Bench-201 counts
/// them; normalisation, activation and pooling are not counted.
/// </param>
/// <param name="ActivationCount">Numbers that all layers give out for one example: the greater part of training's memory.</param>
public readonly record struct NetworkCost(long ParameterCount, long MultiplyAdds, long ActivationCount)
{
    internal static NetworkCost Of(LayerGraph graph)
    {
        var total = default(NetworkCost);
        foreach (var layer in graph.Layers)
        {
            var cost = Of(layer);
            total = new(
                total.ParameterCount + cost.ParameterCount,
                total.MultiplyAdds + cost.MultiplyAdds,
                total.ActivationCount + cost.ActivationCount);
        }

        return total;
    }

    /// <summary>One layer's part.</summary>
    public static NetworkCost Of(Layer layer) => layer.Op switch
    {
        Op.Conv2d conv => Conv(conv, layer),
        Op.Linear linear => Linear(linear, layer),
        Op.BatchNorm => new(2L * layer.Shape.Channels, 0, layer.Shape.Count),
        Op.Input or Op.Activation or Op.MaxPool or Op.AvgPool or Op.GlobalAvgPool or Op.Add or Op.Concat or Op.Pad or Op.Crop
            or Op.Slice or Op.Flatten or Op.Scale or Op.Zero or Op.Dropout
            or Op.DropPath => new(0, 0, layer.Shape.Count),
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
        var weights = ((long)layer.Inputs[0].Shape.Channels + (linear.Bias ? 1 : 0)) * linear.OutFeatures;
        return new(weights, weights, layer.Shape.Count);
    }
}
