using System.Collections.Immutable;

namespace NasPlatform.Search.Spaces;

/// <summary>
/// A part of an architecture as its paper draws it: nodes that hold values, edges that carry operations. The first node is what comes in, the
/// last what goes out.
/// </summary>
/// <param name="Title">What it shows: <c>Cell</c>, <c>Layers</c>.</param>
/// <param name="Nodes">In an order in which every edge goes forward.</param>
/// <param name="Edges">By the nodes' places.</param>
public sealed record Sketch(string Title, ImmutableArray<SketchNode> Nodes, ImmutableArray<SketchEdge> Edges)
{
    /// <summary>Which edges matter: neither do they carry nothing but zeros, nor does what they carry fail to reach the last node.</summary>
    public ImmutableArray<bool> LiveEdges()
    {
        var fed = new bool[Nodes.Length];
        var read = new bool[Nodes.Length];
        fed[0] = read[^1] = true;
        foreach (var edge in Edges.Where(edge => !edge.IsZero).OrderBy(edge => edge.To))
        {
            fed[edge.To] |= fed[edge.From];
        }

        foreach (var edge in Edges.Where(edge => !edge.IsZero).OrderByDescending(edge => edge.From))
        {
            read[edge.From] |= read[edge.To];
        }

        return [.. Edges.Select(edge => !edge.IsZero && fed[edge.From] && read[edge.To])];
    }
}

/// <summary>A place that holds a value.</summary>
/// <param name="Label">A word or two.</param>
/// <param name="Detail">What is decided there, if anything: <c>3×5 · 48 filters</c>.</param>
public sealed record SketchNode(string Label, string? Detail = null);

/// <summary>A connection, forward.</summary>
/// <param name="From">The place in <see cref="Sketch.Nodes"/> that it reads.</param>
/// <param name="To">The later place that it feeds.</param>
/// <param name="Operation">What it does to the value; null where it only passes it on.</param>
/// <param name="IsZero">Whether the operation gives nothing but zeros.</param>
public sealed record SketchEdge(int From, int To, string? Operation = null, bool IsZero = false);
