using CsvHelper;
using NasPlatform.Search.Datasets.Files;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>
/// A table with a header row that lists image files and their labels, and perhaps their splits. Paths are relative to the table's
/// folder. The separator is found out (comma, semicolon, tab, bar).
/// </summary>
internal static class CsvListing
{
    private const int StartBytes = 1 << 14;

    private static readonly string[] FileColumns = ["file", "path", "image", "filename"];
    private static readonly string[] LabelColumns = ["label", "class", "target"];

    private sealed record Row(long Line, string File, string Label, Split? Split);

    /// <summary>The examples of the one table among the files that has the columns, or null when there is none.</summary>
    /// <exception cref="UserErrorException">There are several such tables, or a row of it is wrong.</exception>
    public static ImageSource? TryRead(SourceFiles files, string path, DatasetLimits limits)
    {
        var candidates = Enumerable.Range(0, files.Files.Count).Where(i => Path.GetExtension(files.Files[i].Name).ToUpperInvariant() is ".CSV" or ".TSV").ToArray();
        if (candidates.Length == 0)
            return null;
        var starts = files.ReadStarts(candidates, StartBytes);
        var tables = candidates.Where(file => HasColumns(starts.GetValueOrDefault(file, []))).ToArray();
        if (tables.Length == 0)
            return null;
        if (tables.Length > 1)
            throw new UserErrorException($"{path} has {tables.Length} tables that list files and labels: {string.Join(", ", tables.Select(table => files.Files[table].Name))}. Add one of them by its own path; a column split (train, validation, test) may tell the splits apart.");
        var name = files.Files[tables[0]].Name;
        var rows = ReadRows(files, tables[0], name);
        var folder = name[..(name.LastIndexOf('/') + 1)];
        return Build(files, $"{files.Kind} with a table of files and labels ({name})", rows, row => files.Find(folder + row.File), limits);
    }

    /// <summary>The examples of a table that was named itself, whose images lie beside it; null when it has not the columns.</summary>
    public static ImageSource? TryReadFile(string path, DatasetLimits limits)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        using var table = FolderFiles.OfNames(folder, [Path.GetFileName(path)]);
        if (!HasColumns(table.ReadStarts([0], StartBytes).GetValueOrDefault(0, [])))
            return null;
        var rows = ReadRows(table, 0, path);
        var files = FolderFiles.OfNames(folder, rows.Select(row => row.File));
        return Build(files, "table of files and labels", rows, row => files.Find(row.File), limits);
    }

    private static EncodedImages Build(SourceFiles files, string kind, IReadOnlyList<Row> rows, Func<Row, int> find, DatasetLimits limits)
    {
        var classes = ClassOrder.Of(rows.Select(row => row.Label));
        var labels = classes.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        return new EncodedImages(files, [.. rows.Select(find)], limits)
        {
            Kind = kind,
            Classes = classes,
            Examples = [.. rows.Select(row => new Example(row.File, labels[row.Label], row.Split))],
        };
    }

    private static bool HasColumns(byte[] start)
    {
        if (start.Contains((byte)0))
            return false;
        using var csv = CsvReader.Create(start, CsvRows.Format);
        try
        {
            return Column(csv, FileColumns) >= 0 && Column(csv, LabelColumns) >= 0;
        }
        catch (CsvFormatException)
        {
            return false;
        }
    }

    // Sorted by file, so that the order of the rows does not matter.
    private static List<Row> ReadRows(SourceFiles files, int index, string table)
    {
        var rows = new Dictionary<string, Row>(StringComparer.Ordinal);
        foreach (var (_, content) in files.Read([index]))
        {
            using var csv = CsvReader.Create(content, CsvRows.Format, leaveOpen: true);
            try
            {
                var (file, label, split) = (Column(csv, FileColumns), Column(csv, LabelColumns), Column(csv, ["split"]));
                while (csv.Read())
                {
                    var row = ReadRow(csv, file, label, split, table);
                    if (!rows.TryAdd(row.File, row) && rows[row.File] is var first && (first.Label, first.Split) != (row.Label, row.Split))
                        throw new UserErrorException($"{table}, line {row.Line}: '{row.File}' is '{row.Label}'{In(row.Split)} here but '{first.Label}'{In(first.Split)} in line {first.Line}. Keep one of the two.");
                }
            }
            catch (Exception e) when (e is CsvFormatException || SourceFiles.IsDamage(e))
            {
                throw new UserErrorException($"{table} cannot be read as a table, near line {csv.LineNumber}: {e.Message}", e);
            }
        }
        if (rows.Count == 0)
            throw new UserErrorException($"{table} lists no files: it has a header row and nothing else.");
        return [.. rows.Values.OrderBy(row => row.File, StringComparer.Ordinal)];

        static string In(Split? split) => split is null ? "" : $" for {split.ToString()?.ToLowerInvariant()}";
    }

    private static Row ReadRow(CsvReader csv, int fileColumn, int labelColumn, int splitColumn, string table)
    {
        var given = Cell(fileColumn);
        var file = given.Replace('\\', '/');
        var parts = file.Split('/').Where(part => part is not ("" or ".")).ToArray();
        if (parts.Length == 0 || file.Any(char.IsControl))
            throw new UserErrorException($"{table}, line {csv.LineNumber}: the file's name is missing.");
        if (file[0] == '/' || parts.Contains("..") || (file.Length > 1 && file[1] == ':'))
            throw new UserErrorException($"{table}, line {csv.LineNumber}: '{given}' leads out of the table's folder. Paths must be relative to it and stay in it.");
        var label = Cell(labelColumn);
        if (label.Length == 0)
            throw new UserErrorException($"{table}, line {csv.LineNumber}: '{given}' has no label.");
        Split? split = null;
        if (splitColumn >= 0 && Cell(splitColumn) is { Length: > 0 } name)
            split = SplitNames.Of(name) ?? throw new UserErrorException($"{table}, line {csv.LineNumber}: the split '{name}' is not known; it is train, validation or test, or left empty.");
        return new Row(csv.LineNumber, string.Join('/', parts), label, split);

        string Cell(int column) => csv.GetString(column).Trim();
    }

    private static int Column(CsvReader csv, string[] names)
    {
        for (var column = 0; column < csv.Headers.Count; column++)
            if (names.Contains(csv.Headers[column].Trim(), StringComparer.OrdinalIgnoreCase))
                return column;
        return -1;
    }
}
