using System.Collections.Immutable;
using System.Globalization;

namespace NasPlatform.Search.Spaces.Cells;

/// <summary>
/// The text of a normal and a reduction cell with a slash between them: a word a node, <c>operation@place+operation@place</c>, with a comma for the plus where the two are joined; then, where the
/// space lets it be chosen, <c>out=2,4,6</c>, the places that the cell's output joins.
/// </summary>
/// <param name="nodes">How many a cell has.</param>
/// <param name="operations">Their names.</param>
/// <param name="mayJoin">Whether a comma may stand for the plus.</param>
/// <param name="firstOutput">The first place that can be chosen for the output (the last node always is); null where none can.</param>
/// <param name="error">Makes the error from the reason.</param>
internal sealed class PairCellText(int nodes, ImmutableArray<string> operations, bool mayJoin, int? firstOutput, Func<string, UserErrorException> error)
{
    private const string OutputWord = "out=";

    public string Write(IEnumerable<PairCell> cells) => string.Join(" / ", cells.Select(Write));

    /// <summary>The normal cell, then the reduction cell; <see cref="PairCell.Output"/> is empty where nothing was said of it.</summary>
    public PairCell[] Read(string text) => text.Split('/') switch
    {
        [var normal, var reduction] => [ReadCell(normal, "normal cell"), ReadCell(reduction, "reduction cell")],
        var parts => throw error($"it has {parts.Length} cells and needs a normal and a reduction cell with '/' between them"),
    };

    private string Write(PairCell cell)
    {
        var words = cell.Nodes.Select(node => $"{node.First}{(node.IsJoined ? ',' : '+')}{node.Second}");
        return string.Join(' ', firstOutput is null ? words : words.Append(OutputWord + string.Join(',', cell.Output)));
    }

    private PairCell ReadCell(string text, string cell)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var output = ImmutableArray<int>.Empty;
        if (words is [.. var before, var last] && last.StartsWith(OutputWord, StringComparison.Ordinal))
        {
            words = before;
            output = ReadOutput(last, cell);
        }

        return words.Length == nodes
            ? new([.. words.Select((word, index) => ReadNode(word, index + 2, cell))], output)
            : throw error($"the {cell} has {words.Length} nodes and needs {nodes}");
    }

    private PairNode ReadNode(string word, int place, string cell)
    {
        var where = $"node {place} of the {cell}, '{word}',";
        var sign = word.IndexOfAny(['+', ',']);
        if (sign < 0)
        {
            throw error($"{where} needs two branches with '+' between them");
        }

        var isJoined = word[sign] == ',';
        return !isJoined || mayJoin
            ? new(ReadBranch(word[..sign], place, where), ReadBranch(word[(sign + 1)..], place, where), isJoined)
            : throw error($"{where} joins its branches, which are always added here: write '+'");
    }

    private Branch ReadBranch(string text, int place, string where)
    {
        if (text.Split('@') is not [var operation, var from])
        {
            throw error($"{where} has the branch '{text}', which is no operation@place");
        }

        if (!operations.Contains(operation))
        {
            throw error($"{where} has the operation '{operation}', which is not one of {string.Join(", ", operations)}");
        }

        return TryPlace(from, 0, place - 1, out var number) ? new(operation, number) : throw error($"{where} reads place '{from}' and can read 0 to {place - 1}");
    }

    private ImmutableArray<int> ReadOutput(string word, string cell)
    {
        if (firstOutput is not { } first)
        {
            throw error($"the {cell} says '{word}', but what a cell gives out cannot be chosen here");
        }

        var places = new SortedSet<int>();
        foreach (var text in word[OutputWord.Length..].Split(','))
        {
            if (!TryPlace(text, first, nodes + 1, out var place) || !places.Add(place))
            {
                throw error($"the {cell} gives out place '{text}' of '{word}', and can give out different places from {first} to {nodes + 1}");
            }
        }

        return places.Contains(nodes + 1) ? [.. places] : throw error($"the {cell} says '{word}' without its last node, {nodes + 1}, which no node reads");
    }

    private static bool TryPlace(string text, int least, int most, out int place) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out place) && place >= least && place <= most;
}
