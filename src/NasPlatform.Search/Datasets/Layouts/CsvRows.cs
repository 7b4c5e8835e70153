using CsvHelper;
using NasPlatform.Search.Datasets.Files;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>The rows of a CSV file below its titles, with errors that name the file and the line. The separator is found out (comma, semicolon, tab, bar).</summary>
internal sealed class CsvRows : IDisposable
{
    /// <summary>How such files are read; a record is at most 1 MiB.</summary>
    public static CsvReaderOptions Format { get; } = new() { TrackLineNumbers = true, MaxRecordSize = 1 << 20 };

    private readonly CsvReader _csv;
    private readonly string _name;

    /// <param name="content">Is disposed with this.</param>
    /// <exception cref="UserErrorException">The file is damaged, or has no line of titles that can be used.</exception>
    public CsvRows(Stream content, string name, DatasetLimits limits)
    {
        _name = name;
        _csv = CsvReader.Create(TextFile.Open(content, name, limits), Format);
        Try(() =>
        {
            Titles = [.. _csv.Headers.Select((title, column) => title.Trim() is { Length: > 0 } given ? given : $"column {column + 1}")];
            return true;
        });
        if (Titles.Count == 0)
            throw new UserErrorException($"{name} is empty.");
        if (Titles.FirstOrDefault(title => Cell.IsNumber(title, false, out _)) is { } number)
            throw new UserErrorException($"The first line of {name} holds the number {number}; it should hold the titles of the columns. Put a line of titles first.");
        if (Titles.GroupBy(title => title, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { Key: var twice })
            throw new UserErrorException($"{name} has two columns of the title '{twice}'. Rename one.");
    }

    /// <summary>The titles of the columns; different, none empty.</summary>
    public IReadOnlyList<string> Titles { get; private set; } = [];

    /// <summary>Whether a comma may be a decimal one, as it does not separate columns.</summary>
    public bool HasDecimalCommas => _csv.Separator != ',';

    /// <summary>Goes to the next row.</summary>
    /// <exception cref="UserErrorException">It has another number of cells than there are titles, or cannot be read.</exception>
    public bool Read()
    {
        if (!Try(_csv.Read))
            return false;
        if (_csv.FieldCount != Titles.Count)
            throw Wrong($"it has {_csv.FieldCount:N0} cells; the first line has {Titles.Count:N0} titles");
        return true;
    }

    /// <summary>A cell of the row, without white space around it.</summary>
    public string this[int column]
    {
        get
        {
            var text = _csv.GetString(column).Trim();
            return text.Contains('\uFFFD') ? throw Wrong("it has bytes that are no UTF-8 text; save the file as UTF-8") : text;
        }
    }

    /// <summary>An error at the row.</summary>
    public UserErrorException Wrong(string what) => new($"{_name}, line {_csv.LineNumber:N0}: {what}.");

    public void Dispose() => _csv.Dispose();

    private T Try<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is CsvFormatException || SourceFiles.IsDamage(e))
        {
            throw new UserErrorException($"{_name} cannot be read as a table, near line {_csv.LineNumber}: {e.Message}", e);
        }
    }
}
