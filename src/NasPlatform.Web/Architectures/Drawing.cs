using System.Collections.Immutable;
using System.Globalization;

namespace NasPlatform.Web.Architectures;

/// <summary>A graph ready to be drawn: everything placed, everything worded.</summary>
/// <param name="Title">What it shows, for who cannot see it.</param>
/// <param name="Size">Pixels.</param>
/// <param name="Nodes">Boxes.</param>
/// <param name="Edges">Arrows.</param>
public sealed record Drawing(string Title, Box Size, ImmutableArray<DrawnNode> Nodes, ImmutableArray<DrawnEdge> Edges);

/// <summary>A box.</summary>
/// <param name="Key">Says to who clicks it which it is; null where there is nothing more to show.</param>
/// <param name="Kind">What its colour tells: a word of <see cref="OperationKind"/>, <c>value</c>, <c>block</c>.</param>
/// <param name="Lines">What stands in it; the first line is the name.</param>
/// <param name="Tip">What is said of it on hover.</param>
/// <param name="Centre">Where.</param>
/// <param name="Size">How large.</param>
/// <param name="IsDead">Whether nothing depends on it: drawn faint.</param>
/// <param name="IsDifferent">Whether another drawing, which this one is compared with, has it not: drawn with a thick border.</param>
public sealed record DrawnNode(string? Key, string Kind, ImmutableArray<string> Lines, string Tip, Spot Centre, Box Size, bool IsDead, bool IsDifferent = false);

/// <summary>An arrow.</summary>
/// <param name="Path">The <c>d</c> of an SVG path.</param>
/// <param name="HasHead">Whether it ends in an arrow's head.</param>
/// <param name="IsDead">Whether it carries nothing, or what it carries reaches nobody: drawn dashed and faint.</param>
public sealed record DrawnEdge(string Path, bool HasHead, bool IsDead);

/// <summary>What drawings share.</summary>
internal static class Drawings
{
    /// <summary>The room for lines of text: estimated generously, since only the browser knows its font.</summary>
    public static Box Room(IReadOnlyList<string> lines) =>
        new(Math.Max(40, (lines.Select((line, index) => line.Length * (index == 0 ? 7.4 : 6.6)).Max()) + 22), 14 + (lines.Count * 16));

    /// <summary>A smooth curve through the points that leaves and arrives along the flow.</summary>
    public static string Curve(IReadOnlyList<Spot> points, Flow flow)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"M{points[0].X:0.#} {points[0].Y:0.#}");
        for (var place = 1; place < points.Count; place++)
        {
            var (from, to) = (points[place - 1], points[place]);
            path += flow == Flow.Down
                ? string.Create(CultureInfo.InvariantCulture, $"C{from.X:0.#} {(from.Y + to.Y) / 2:0.#} {to.X:0.#} {(from.Y + to.Y) / 2:0.#} {to.X:0.#} {to.Y:0.#}")
                : string.Create(CultureInfo.InvariantCulture, $"C{(from.X + to.X) / 2:0.#} {from.Y:0.#} {(from.X + to.X) / 2:0.#} {to.Y:0.#} {to.X:0.#} {to.Y:0.#}");
        }

        return path;
    }
}
