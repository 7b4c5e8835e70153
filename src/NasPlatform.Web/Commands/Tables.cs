using Spectre.Console;

namespace NasPlatform.Web.Commands;

/// <summary>The look of the program's tables: a bold head, a rule below it, no boxes.</summary>
internal static class Tables
{
    /// <param name="columns">The heads.</param>
    /// <param name="numbers">The columns, 0-based, that are aligned to the right.</param>
    public static Table New(string[] columns, int[]? numbers = null)
    {
        var table = new Table().Border(TableBorder.Simple).BorderColor(Color.Grey);
        foreach (var (index, column) in columns.Index())
        {
            table.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold)))
            {
                Alignment = numbers?.Contains(index) == true ? Justify.Right : Justify.Left,
                NoWrap = index == 0,
            });
        }

        return table;
    }

    /// <summary>Adds a row of plain texts, whatever brackets they hold.</summary>
    public static void Row(this Table table, params IEnumerable<string> cells) => table.AddRow(cells.Select(text => new Text(text)).ToArray());
}
