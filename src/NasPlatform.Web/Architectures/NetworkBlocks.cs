using System.Collections.Immutable;
using NasPlatform.Search.Networks;

namespace NasPlatform.Web.Architectures;

/// <summary>A layer graph as blocks that people can overlook: stem, cells, residual blocks, head, told apart by the layers' stable names.</summary>
/// <param name="Blocks">In topological order.</param>
/// <param name="Edges">Which block reads which, by place; each pair once, each forward.</param>
public sealed record NetworkBlocks(ImmutableArray<NetworkBlock> Blocks, ImmutableArray<(int From, int To)> Edges)
{
    public static NetworkBlocks Of(LayerGraph graph)
    {
        var alive = graph.WithoutZeros().Layers.Select(layer => layer.Name).ToHashSet();
        var names = NamesOf(graph);
        var groups = graph.Layers.GroupBy(layer => names[layer.Index]).ToList();
        var places = groups.SelectMany((group, place) => group.Select(layer => (layer.Index, place))).ToDictionary(pair => pair.Index, pair => pair.place);
        var blocks = groups.Select(group => Block(group.Key, [.. group], alive)).ToImmutableArray();
        var edges = graph.Layers
            .SelectMany(layer => layer.Inputs.Select(input => (From: places[input.Index], To: places[layer.Index])))
            .Where(edge => edge.From < edge.To).Distinct().Order().ToImmutableArray();
        return new NetworkBlocks(blocks, edges).Folded();
    }

    /// <summary>
    /// The block of each layer. A first part such as <c>stage1</c> that holds only parts of parts is split once more, into <c>stage1/cell1</c> and so on.
    /// </summary>
    private static string[] NamesOf(LayerGraph graph)
    {
        var parts = graph.Layers.Select(layer => layer.Name.Split('/')).ToList();
        var stages = parts.GroupBy(name => name[0]).Where(group => group.All(name => name.Length > 2)).Select(group => group.Key).ToHashSet();
        return [.. parts.Select(name => stages.Contains(name[0]) ? $"{name[0]}/{name[1]}" : name[0])];
    }

    private static NetworkBlock Block(string name, ImmutableArray<Layer> layers, HashSet<string> alive)
    {
        var costs = layers.Select(NetworkCost.Of).ToList();
        return new(
            name,
            name,
            1,
            layers[^1].Shape,
            costs.Sum(cost => cost.ParameterCount),
            costs.Sum(cost => cost.MultiplyAdds),
            [.. layers.Select(layer => new BlockLayer(layer, !alive.Contains(layer.Name)))]);
    }

    /// <summary>Blocks in a row that are the same but for their name are shown as one, several times.</summary>
    private NetworkBlocks Folded()
    {
        var target = new int[Blocks.Length];
        var folded = new List<NetworkBlock>();
        for (var place = 0; place < Blocks.Length; place++)
        {
            var block = Blocks[place];
            if (place > 0 && folded[^1].IsRepeatedBy(block) && Edges.Where(edge => edge.To == place).SequenceEqual([(place - 1, place)]) && Edges.Count(edge => edge.From == place - 1) == 1)
            {
                folded[^1] = folded[^1] with { LastName = block.Name, Count = folded[^1].Count + 1 };
            }
            else
            {
                folded.Add(block);
            }

            target[place] = folded.Count - 1;
        }

        return new(
            [.. folded],
            [.. Edges.Select(edge => (From: target[edge.From], To: target[edge.To])).Where(edge => edge.From < edge.To).Distinct().Order()]);
    }
}

/// <summary>A block, or several in a row that are the same.</summary>
/// <param name="Name">The part of the layers' names that they share.</param>
/// <param name="LastName">The name of the last of them.</param>
/// <param name="Count">How many there are in a row.</param>
/// <param name="Shape">What comes out, for one image: channels, rows, columns.</param>
/// <param name="ParameterCount">Trainable numbers of one.</param>
/// <param name="MultiplyAdds">Of one, for one image.</param>
/// <param name="Layers">The primitives of the first, inputs before users.</param>
public sealed record NetworkBlock(
    string Name, string LastName, int Count, Shape Shape, long ParameterCount, long MultiplyAdds, ImmutableArray<BlockLayer> Layers)
{
    /// <summary>What people call it: <c>stage 1, cells 1 to 5</c>.</summary>
    public string Title
    {
        get
        {
            var (first, last) = (Spaced(Name), Spaced(LastName).Split(' ')[^1]);
            return Count == 1 ? first : $"{first} to {last}";
        }
    }

    /// <summary>The name of a layer within the block.</summary>
    public string Within(Layer layer) => layer.Name.Length > Name.Length ? layer.Name[(Name.Length + 1)..] : layer.Name;

    /// <summary>Whether another block is the same, layer by layer.</summary>
    public bool IsRepeatedBy(NetworkBlock other) =>
        Shape == other.Shape
        && Layers.Length == other.Layers.Length
        && Layers.Zip(other.Layers).All(pair => Within(pair.First.Layer) == other.Within(pair.Second.Layer) && pair.First.Layer.Op == pair.Second.Layer.Op);

    private static string Spaced(string name) => string.Join(", ", name.Split('/').Select(part =>
    {
        var digits = part.Length - part.TrimEnd("0123456789".ToCharArray()).Length;
        var isSize = digits > 0 && digits + 1 < part.Length && part[^(digits + 1)] == 'x' && char.IsAsciiDigit(part[^(digits + 2)]);
        return isSize ? OperationKind.Words(part) : digits is 0 || digits == part.Length ? part : $"{part[..^digits]} {part[^digits..]}";
    }));
}

/// <summary>A primitive of a block.</summary>
/// <param name="Layer">What it is.</param>
/// <param name="IsDead">Whether the output does not change without it: zeros, and what only they feed or read.</param>
public sealed record BlockLayer(Layer Layer, bool IsDead);
