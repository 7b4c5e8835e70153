using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Export.PyTorch;

/// <summary>One step of a block: a layer, or a block of layers that is called as one.</summary>
/// <param name="Name">What it is called within its block, parts joined by <c>/</c>.</param>
/// <param name="Inputs">The layers outside it that it reads, each once.</param>
/// <param name="Output">The layer whose value it gives out.</param>
internal abstract record Member(string Name, IReadOnlyList<Layer> Inputs, Layer Output);

/// <summary>A layer by itself.</summary>
internal sealed record LayerMember(string Name, Layer Layer) : Member(Name, [.. Layer.Operands.Distinct()], Layer);

/// <summary>Layers whose names start alike and that can be called as one: they give out one value, and nothing between them is computed elsewhere.</summary>
internal sealed record Block(string Name, IReadOnlyList<Layer> Inputs, Layer Output, IReadOnlyList<Member> Members) : Member(Name, Inputs, Output)
{
    /// <summary>Whether each step reads what the one before it gave out and nothing else.</summary>
    public bool IsStraight { get; } = Inputs.Count == 1
        && Members.Index().All(step => (step.Item is not LayerMember leaf || !ModuleTree.IsExpression(leaf.Layer.Op))
            && step.Item.Inputs.SequenceEqual([step.Index == 0 ? Inputs[0] : Members[step.Index - 1].Output]));
}

/// <summary>A layer graph as nested blocks, after the parts of its layers' names.</summary>
internal sealed class ModuleTree
{
    private readonly LayerGraph _graph;

    private ModuleTree(LayerGraph graph) => _graph = graph;

    /// <summary>Whether a layer is written as an expression where it is run, and not as a module.</summary>
    public static bool IsExpression(Op op) =>
        op is Op.Add or Op.Concat or Op.Crop or Op.Slice or Op.Scale or Op.Zero or Op.ToSequence or Op.LastStep or Op.Multiply or Op.Lerp or Op.Mean;

    /// <summary>The outermost block: the whole graph but the input, which it reads.</summary>
    public static Block Of(LayerGraph graph)
    {
        var members = new ModuleTree(graph).Split([.. graph.Layers.Skip(1)], "", "");
        return new("", [graph.Layers[0]], graph.Output, members);
    }

    // `layers` are those of block `block` whose names start with `start`; members' names leave the block's out.
    private List<Member> Split(IReadOnlyList<Layer> layers, string block, string start)
    {
        var members = new List<Member>();
        foreach (var part in layers.GroupBy(layer => NextPart(layer.Name, start)))
        {
            var group = part.ToHashSet();
            var name = start + part.Key;
            if (part.Key == "" || (group.Count == 1 && part.First().Name == name))
            {
                members.AddRange(part.Select(layer => new LayerMember(Within(layer.Name, block), layer)));
            }
            else if (part.Any(layer => WeightSpec.Of(layer).Count > 0) && OutputOf(group) is { } output)
            {
                List<Layer> inputs = [.. part.SelectMany(layer => layer.Operands).Where(input => !group.Contains(input)).Distinct().OrderBy(input => input.Index)];
                members.Add(new Block(Within(name, block), inputs, output, Split([.. part], $"{name}/", $"{name}/")));
            }
            else
            {
                members.AddRange(Split([.. part], block, $"{name}/"));
            }
        }

        // A step comes after those that it reads: all layers of a block lead to its output.
        return [.. members.OrderBy(member => member.Output.Index)];
    }

    // Empty for the layer that has the name of its own group.
    private static string NextPart(string name, string start) => name.Length > start.Length ? name[start.Length..].Split('/')[0] : "";

    private static string Within(string name, string block) => name.Length > block.Length ? name[block.Length..] : name.Split('/')[^1];

    // The one layer that is read from elsewhere, or null where there are several, or where a layer elsewhere must run between two of them.
    private Layer? OutputOf(HashSet<Layer> group)
    {
        var read = _graph.Layers.Where(layer => !group.Contains(layer)).SelectMany(layer => layer.Operands).Append(_graph.Output).Where(group.Contains);
        if (read.Distinct().Take(2).ToList() is not [var output])
        {
            return null;
        }

        var after = new HashSet<Layer>();
        foreach (var layer in _graph.Layers)
        {
            var isAfter = layer.Operands.Any(after.Contains);
            if (!group.Contains(layer))
            {
                if (isAfter || layer.Operands.Any(group.Contains))
                {
                    after.Add(layer);
                }
            }
            else if (isAfter)
            {
                return null;
            }
        }

        return output;
    }
}
