using System.Collections.Immutable;
using NasPlatform.Search.Networks;
using NasPlatform.Web.Commands;

namespace NasPlatform.Web.Architectures;

/// <summary>Draws the whole network as its blocks, and a block as its primitive layers.</summary>
internal static class NetworkDrawing
{
    public static Drawing Of(NetworkBlocks network, Flow flow = Flow.Down) => Draw(
        "The whole network",
        [.. network.Blocks.Select(block => new Part(
            block.Name,
            block.Name == "input" ? "value" : "block",
            Lines(block),
            $"{block.Title}: output {block.Shape}, {Figures.Many(block.ParameterCount * block.Count, "parameter")}, {Figures.Many(block.MultiplyAdds * block.Count, "multiply-add")}",
            false))],
        network.Edges,
        flow);

    /// <summary>A block's layers, with what comes into it.</summary>
    public static Drawing Of(NetworkBlock block, Flow flow = Flow.Down)
    {
        var inside = block.Layers.Select((layer, place) => (layer.Layer.Index, place)).ToDictionary(pair => pair.Index, pair => pair.place);
        var outside = block.Layers.SelectMany(layer => layer.Layer.Inputs).Where(input => !inside.ContainsKey(input.Index)).DistinctBy(input => input.Index).ToList();
        var place = outside.Select((layer, index) => (layer.Index, index))
            .Concat(inside.Select(pair => (Index: pair.Key, index: pair.Value + outside.Count)))
            .ToDictionary(pair => pair.Index, pair => pair.index);
        var parts = outside
            .Select(layer => new Part(null, "value", ["from", layer.Name], $"The output of {layer.Name}, {layer.Shape}", false))
            .Concat(block.Layers.Select(Part));
        return Draw(
            block.Title,
            [.. parts],
            [.. block.Layers.SelectMany(layer => layer.Layer.Inputs.Select(input => (place[input.Index], place[layer.Layer.Index]))).Distinct()],
            flow);

        Part Part(BlockLayer layer)
        {
            var text = OpText.Of(layer.Layer.Op);
            return new(
                null,
                OperationKind.Of(text),
                [Words(layer.Layer), $"{layer.Layer.Shape}"],
                $"{block.Within(layer.Layer)}: {text}, output {layer.Layer.Shape}, {Figures.Many(NetworkCost.Of(layer.Layer).ParameterCount, "parameter")}"
                + (layer.IsDead ? "; the output is the same without it" : ""),
                layer.IsDead);
        }
    }

    /// <summary>A primitive in a word or two: <c>conv 3×3</c>.</summary>
    private static string Words(Layer layer) => layer.Op switch
    {
        Op.Conv2d conv => $"conv {conv.Kernel.Height}×{conv.Kernel.Width}{(conv.Stride == Extent.One ? "" : $" /{Sides(conv.Stride)}")}",
        Op.MaxPool pool => $"max pool {pool.Kernel.Height}×{pool.Kernel.Width}{(pool.Stride == Extent.One ? "" : $" /{Sides(pool.Stride)}")}",
        Op.AvgPool pool => $"avg pool {pool.Kernel.Height}×{pool.Kernel.Width}{(pool.Stride == Extent.One ? "" : $" /{Sides(pool.Stride)}")}",
        Op.BatchNorm => "batch norm",
        Op.GlobalAvgPool => "global avg pool",
        Op.Pad => "pad",
        _ => OpText.Of(layer.Op).Replace('_', ' '),
    };

    private static string Sides(Extent extent) => extent.Height == extent.Width ? $"{extent.Height}" : $"{extent.Height}×{extent.Width}";

    private static ImmutableArray<string> Lines(NetworkBlock block)
    {
        var costs = block.ParameterCount == 0 && block.MultiplyAdds == 0
            ? ""
            : $"{Figures.Short(block.ParameterCount)} parameters{(block.MultiplyAdds > 0 ? $" · {Figures.Short(block.MultiplyAdds)} multiply-adds" : "")}{(block.Count > 1 ? " each" : "")}";
        return costs == "" ? [block.Title, $"{block.Shape}"] : [block.Title, $"{block.Shape}", costs];
    }

    private static Drawing Draw(string title, IReadOnlyList<Part> parts, IReadOnlyList<(int From, int To)> edges, Flow flow)
    {
        var sizes = parts.Select(part => Drawings.Room(part.Lines)).ToList();
        var layout = LayeredLayout.Of(sizes, edges, flow, rankGap: 26);
        return new(
            title,
            layout.Size,
            [.. parts.Select((part, index) => new DrawnNode(part.Key, part.Kind, part.Lines, part.Tip, layout.Nodes[index], sizes[index], part.IsDead))],
            [.. edges.Select((edge, index) =>
                new DrawnEdge(Drawings.Curve(layout.Edges[index], flow), true, parts[edge.From].IsDead || parts[edge.To].IsDead))]);
    }

    private sealed record Part(string? Key, string Kind, ImmutableArray<string> Lines, string Tip, bool IsDead);
}
