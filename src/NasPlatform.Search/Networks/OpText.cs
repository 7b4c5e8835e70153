using System.Diagnostics;
using System.Globalization;

namespace NasPlatform.Search.Networks;

/// <summary>A short, stable text for a primitive: what keys hash and what people read in listings and diagrams.</summary>
public static class OpText
{
    public static string Of(Op op) => op switch
    {
        Op.Input => "input",
        Op.Conv2d conv => Of(conv),
        Op.BatchNorm norm => Invariant($"batch_norm eps={norm.Epsilon} momentum={norm.Momentum}{(norm.Affine ? "" : " no affine")}"),
        Op.Activation activation => activation.Kind.ToString().ToLowerInvariant(),
        Op.MaxPool pool => $"max_pool {pool.Kernel}{Stride(pool.Stride)} pad={pool.Padding}",
        Op.AvgPool pool => $"avg_pool {pool.Kernel}{Stride(pool.Stride)} pad={pool.Padding}",
        Op.GlobalAvgPool => "global_avg_pool",
        Op.Linear linear => $"linear {linear.OutFeatures}{(linear.Bias ? "" : " no bias")}",
        Op.Add => "add",
        Op.Concat => "concat",
        Op.Pad pad => $"pad {pad.Top},{pad.Left},{pad.Bottom},{pad.Right}",
        Op.Crop crop => $"crop {crop.Top},{crop.Left},{crop.Bottom},{crop.Right}",
        Op.Slice slice => $"slice {slice.Start}+{slice.Count}",
        Op.Flatten => "flatten",
        Op.Scale => "scale",
        Op.Zero => "zero",
        Op.Dropout dropout => Invariant($"dropout {dropout.Probability}{(dropout.IsLocked ? " locked" : "")}{(dropout.Mask is { } mask ? $" mask={mask}" : "")}"),
        Op.DropPath dropPath => Invariant($"drop_path {dropPath.Probability}"),
        Op.Embedding embedding => Invariant($"embedding {embedding.Count}x{embedding.Size}{(embedding.DropProbability > 0 ? $" dropout={embedding.DropProbability}" : "")}"),
        Op.TiedLinear => "linear tied",
        Op.ToSequence => "to_sequence",
        Op.LastStep => "last_step",
        Op.Multiply => "multiply",
        Op.Lerp => "lerp",
        Op.Mean => "mean",
        Op.Recurrent recurrent => $"recurrent {recurrent.Cell}",
        Op.Mix mix => $"mix by {mix.Alphas}",
        Op.HighwayMix mix => $"highway mix by {mix.Alphas}",
        _ => throw new UnreachableException(op.GetType().Name),
    };

    private static string Of(Op.Conv2d conv)
    {
        var text = $"conv {conv.Kernel} {conv.OutChannels}{Stride(conv.Stride)} pad={conv.Padding}";
        if (conv.Dilation != Extent.One)
        {
            text += $" dilation={conv.Dilation}";
        }

        if (conv.Groups != 1)
        {
            text += $" groups={conv.Groups}";
        }

        return conv.Bias ? text + " bias" : text;
    }

    private static string Stride(Extent stride) => stride == Extent.One ? "" : $" stride={stride}";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
