using System.Collections.Immutable;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Web.Architectures;

/// <summary>Draws a sketch: values as round boxes, the operations between them as boxes of their kind's colour on the arrows.</summary>
internal static class SketchDrawing
{
    /// <param name="other">The same part of another architecture: what it has not is marked.</param>
    public static Drawing Of(Sketch sketch, Flow flow, Sketch? other = null)
    {
        var live = sketch.LiveEdges();
        var boxes = new List<(string Kind, ImmutableArray<string> Lines, string Tip, bool IsDead, bool IsDifferent)>();
        var arrows = new List<(int From, int To, bool HasHead, bool IsDead)>();
        var places = new int[sketch.Nodes.Length];
        for (var node = 0; node < sketch.Nodes.Length; node++)
        {
            // An operation stands between its ends, so that every arrow goes forward.
            var into = Enumerable.Range(0, sketch.Edges.Length).Where(edge => sketch.Edges[edge].To == node).ToList();
            var operations = into.Where(edge => sketch.Edges[edge].Operation is not null).ToDictionary(edge => edge, edge =>
            {
                boxes.Add(Operation(sketch, sketch.Edges[edge], !live[edge], other));
                return boxes.Count - 1;
            });
            places[node] = boxes.Count;
            boxes.Add(Value(sketch, node, live, other));
            foreach (var edge in into)
            {
                var from = places[sketch.Edges[edge].From];
                if (operations.TryGetValue(edge, out var operation))
                {
                    arrows.Add((from, operation, false, !live[edge]));
                    from = operation;
                }

                arrows.Add((from, places[node], true, !live[edge]));
            }
        }

        var sizes = boxes.ConvertAll(box => Drawings.Room(box.Lines));
        var layout = LayeredLayout.Of(sizes, [.. arrows.Select(arrow => (arrow.From, arrow.To))], flow, gap: 18, rankGap: 26);
        return new(
            sketch.Title,
            layout.Size,
            [.. boxes.Select((box, place) => new DrawnNode(null, box.Kind, box.Lines, box.Tip, layout.Nodes[place], sizes[place], box.IsDead, box.IsDifferent))],
            [.. arrows.Select((arrow, place) => new DrawnEdge(Drawings.Curve(layout.Edges[place], flow), arrow.HasHead, arrow.IsDead))]);
    }

    private static (string Kind, ImmutableArray<string> Lines, string Tip, bool IsDead, bool IsDifferent) Operation(Sketch sketch, SketchEdge edge, bool isDead, Sketch? other)
    {
        var isDifferent = other is not null && !other.Edges.Contains(edge);
        var operation = edge.Operation!; // not null: asked before
        var why = edge.IsZero ? "; it gives zeros, so nothing passes" : isDead ? "; it has no effect on the output" : "";
        var (from, to) = (sketch.Nodes[edge.From].Label, sketch.Nodes[edge.To].Label);
        return (OperationKind.Of(operation), [OperationKind.Words(operation)], $"{operation} from {from} to {to}{why}{(isDifferent ? "; different" : "")}", isDead, isDifferent);
    }

    private static (string Kind, ImmutableArray<string> Lines, string Tip, bool IsDead, bool IsDifferent) Value(Sketch sketch, int node, ImmutableArray<bool> live, Sketch? other)
    {
        var (label, detail) = sketch.Nodes[node];
        var isEnd = node == 0 || node == sketch.Nodes.Length - 1;
        var isDead = !isEnd && !sketch.Edges.Where((edge, place) => live[place] && (edge.From == node || edge.To == node)).Any();

        // What it reads without an operation has no box of its own: it shows here.
        var isDifferent = other is not null && (node >= other.Nodes.Length || other.Nodes[node] != sketch.Nodes[node] || !Bare(sketch).SetEquals(Bare(other)));
        return ("value", detail is null ? [label] : [label, detail], (isDead ? $"{label}: it has no effect on the output" : label) + (isDifferent ? "; different" : ""), isDead, isDifferent);

        HashSet<int> Bare(Sketch one) => [.. one.Edges.Where(edge => edge.To == node && edge.Operation is null).Select(edge => edge.From)];
    }
}
