using System.Collections.Immutable;

namespace NasPlatform.Search.Spaces.Cells;

/// <summary>A cell whose nodes combine two earlier values each: that of NASNet, AmoebaNet and DARTS. Places 0 and 1 are the cell's inputs, place 2 is the first node.</summary>
/// <param name="Nodes">In order.</param>
/// <param name="Output">The places whose values are joined along the channels into the cell's output, ascending.</param>
internal sealed record PairCell(ImmutableArray<PairNode> Nodes, ImmutableArray<int> Output)
{
    /// <summary>The places, the inputs among them, that no node reads.</summary>
    public static ImmutableArray<int> Unused(ImmutableArray<PairNode> nodes) =>
        [.. Enumerable.Range(0, nodes.Length + 2).Except(nodes.SelectMany(node => new[] { node.First.From, node.Second.From }))];

    /// <param name="title">The cell's name.</param>
    /// <param name="first">What place 0 holds.</param>
    /// <param name="second">What place 1 holds.</param>
    public Sketch Draw(string title, string first, string second)
    {
        // Place p is node p + 1 of the sketch: before the two inputs lies what is common to them.
        var nodes = Nodes.Select((node, index) => new SketchNode($"node {index + 2}", node.IsJoined ? "joined" : null));
        var edges = Nodes.SelectMany((node, index) => new[] { node.First, node.Second }.Select(branch => new SketchEdge(branch.From + 1, index + 3, branch.Operation)));
        var ends = Output.Select(place => new SketchEdge(place + 1, Nodes.Length + 3));
        return new(title, [new("cells before"), new("0", first), new("1", second), .. nodes, new("output")], [new(0, 1), new(0, 2), .. edges, .. ends]);
    }
}

/// <summary>A node: two branches, added or, where it says so, joined along the channels.</summary>
internal readonly record struct PairNode(Branch First, Branch Second, bool IsJoined = false);

/// <summary>An operation on what an earlier place holds.</summary>
internal readonly record struct Branch(string Operation, int From)
{
    public override string ToString() => $"{Operation}@{From}";
}
