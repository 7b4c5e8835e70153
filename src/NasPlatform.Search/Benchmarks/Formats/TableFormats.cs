namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>The formats in which tables can be imported.</summary>
internal static class TableFormats
{
    private static readonly TableFormat[] Known =
    [
        new NasBench201Format(),
        new NasBench101Format(),
        new NasBenchMacroFormat(),
        new NasBenchGraphFormat(),
        new EcNasFormat(),
        new EcNasBudgetsFormat(),
        new TransNasFormat(),
        new TransNasSceneFormat(),
        new OwnFormat(),
    ];

    /// <summary>Reads a table from files; a folder stands for the CSV files in it; NAS-Bench-101 can also be in the file of records that its authors publish.</summary>
    /// <exception cref="UserErrorException">The files are of no format, or not of one.</exception>
    public static TableDraft Read(IReadOnlyList<string> paths, ImportOptions options, ReadingTerms terms)
    {
        var files = options.FileNames is { } names
            ? paths.Zip(names, (path, name) => (Path: path, Name: Path.GetFileName(name))).ToList()
            : [.. paths.SelectMany(FilesAt).Select(path => (Path: path, Name: Path.GetFileName(path)))];
        if (files is [var (records, called)] && called.EndsWith(RecordFile.Suffix, StringComparison.OrdinalIgnoreCase))
        {
            return NasBench101Records.Read(records, terms);
        }

        var sources = files.Select(file => new TableSource(file.Path, file.Name, terms)).ToList();
        if (sources.Count == 0)
        {
            throw new UserErrorException($"There is no CSV file in {string.Join(", ", paths)}.");
        }

        var format = sources.Select(source => Known.FirstOrDefault(format => format.IsTable(source.Titles))).FirstOrDefault(format => format is not null) ?? throw Unknown(sources[0]);
        var tables = sources.Where(source => format.IsTable(source.Titles)).ToList();
        var extras = sources.Where(source => format.IsExtra(source.Titles)).ToList();
        if (sources.Except(tables).Except(extras).FirstOrDefault() is { } stranger)
        {
            throw new UserErrorException($"{stranger.FileName} does not belong to a table of {format.Name}; import it by itself, or name the files that belong together.");
        }

        if (tables.Count > 1 && !format.TakesSeveral)
        {
            throw new UserErrorException($"{string.Join(" and ", tables.Select(table => table.FileName))} are {tables.Count} tables; import one at a time.");
        }

        return format.Read(tables, extras, options);
    }

    private static IEnumerable<string> FilesAt(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path).Where(file => file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)
        : [path];

    private static UserErrorException Unknown(TableSource source) => new(
        $"{source.FileName} is no table of a benchmark: its titles are {string.Join(", ", source.Titles.Take(12))}{(source.Titles.Count > 12 ? ", ..." : "")}. "
        + $"Known are {string.Join("; ", Known.Select(format => $"{format.Name} ({string.Join(", ", format.Titles)})"))}.");
}
