using System.Diagnostics;

namespace NasPlatform.Search.Networks;

/// <summary>A tensor that a layer holds.</summary>
/// <param name="Name">
/// The name under which it is kept everywhere: the layer's name with dots for slashes, a dot, and PyTorch's name of the part
/// (<c>stage1.cell1.edge0_1.conv.weight</c>). A recurrent layer's go on with those of its cell (<c>layer1.node2.from1.weight</c>).
/// </param>
/// <param name="Holder">The layer; of a recurrent layer the one of its cell.</param>
/// <param name="Part"><c>weight</c>, <c>bias</c>, <c>running_mean</c> or <c>running_var</c>.</param>
/// <param name="Shape">In PyTorch's layout.</param>
/// <param name="IsTrainable">False for batch norm's running statistics.</param>
public sealed record WeightSpec(string Name, Layer Holder, string Part, long[] Shape, bool IsTrainable)
{
    /// <summary>What a layer holds, trainable parts first.</summary>
    public static IReadOnlyList<WeightSpec> Of(Layer layer)
    {
        var name = layer.Name.Replace('/', '.');
        return layer.Op switch
        {
            Op.Conv2d conv => WithBias(
                conv.Bias, Part("weight", conv.OutChannels, layer.Inputs[0].Shape.Channels / conv.Groups, conv.Kernel.Height, conv.Kernel.Width)),
            Op.Linear linear => WithBias(linear.Bias, Part("weight", linear.OutFeatures, layer.Inputs[0].Shape.Channels)),
            Op.BatchNorm norm =>
            [
                .. norm.Affine ? new[] { Part("weight", layer.Shape.Channels), Part("bias", layer.Shape.Channels) } : [],
                Part("running_mean", layer.Shape.Channels) with { IsTrainable = false },
                Part("running_var", layer.Shape.Channels) with { IsTrainable = false },
            ],
            Op.Input or Op.Activation or Op.MaxPool or Op.AvgPool or Op.GlobalAvgPool or Op.Add or Op.Concat or Op.Pad or Op.Crop
                or Op.Slice or Op.Flatten or Op.Scale or Op.Zero or Op.Dropout
                or Op.DropPath or Op.ToSequence or Op.LastStep or Op.Multiply or Op.Lerp or Op.Mean or Op.Mix => [],
            Op.HighwayMix => [Part("weight", 2 * layer.Shape.Channels, layer.Shape.Channels)],
            Op.Embedding embedding => [Part("weight", embedding.Count, embedding.Size)],
            Op.TiedLinear => [Part("bias", layer.Shape.Channels)],
            Op.Recurrent recurrent => [.. recurrent.Cell.Layers.SelectMany(Of).Select(spec => spec with { Name = $"{name}.{spec.Name}" })],
            _ => throw new UnreachableException(layer.Op.GetType().Name),
        };

        IReadOnlyList<WeightSpec> WithBias(bool bias, WeightSpec weight) => bias ? [weight, Part("bias", weight.Shape[0])] : [weight];

        WeightSpec Part(string part, params long[] shape) => new($"{name}.{part}", layer, part, shape, IsTrainable: true);
    }
}
