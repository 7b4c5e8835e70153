using NasPlatform.Search.Datasets.Files;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>
/// A CSV file with a line of titles: rows to tell apart, rows to predict a number from, or a series in order of time to forecast. It is read twice, to know what the columns are like before
/// anything is kept; memory is bounded by the limits.
/// </summary>
internal sealed class TableFiles : DatasetSource
{
    private readonly SplitFiles _files;
    private ColumnProfile[] _columns = [];

    private TableFiles(SplitFiles files)
        : base(files.Files) => _files = files;

    /// <summary>The table in files that end in .csv or .tsv, gzipped or not, or null where there is none.</summary>
    /// <exception cref="UserErrorException">Which files are meant is not clear.</exception>
    public static DatasetSource? TryRead(SourceFiles files, bool isNamed, string path, IngestOptions options)
    {
        var isAsked = isNamed && options.Task is TaskKind.Forecasting or TaskKind.TabularClassification or TaskKind.TabularRegression;
        var found = SplitFiles.Find(files, isNamed, name => Endings.Of(name) is ".csv" or ".tsv" || isAsked, "the table", path);
        return found is null ? null : new TableFiles(found) { Kind = found.Kind("CSV file") };
    }

    /// <summary>Titles of the columns, and what their cells are like.</summary>
    public IReadOnlyList<ColumnProfile> Columns => _columns;

    /// <summary>Rows of all files.</summary>
    public long RowCount { get; private set; }

    /// <summary>Whether there is a file for each split.</summary>
    public bool HasSplits => _files.Parts.Count > 1;

    /// <inheritdoc/>
    public override DatasetContent Take(IngestJob job)
    {
        Profile(job);
        var options = job.Options;
        var time = FindTime();
        var isSeries = options.Task is { } asked ? asked == TaskKind.Forecasting : time is { IsClear: true } && !HasSplits && SplitColumn < 0 && options.Label is null;
        if (isSeries && HasSplits)
            throw new UserErrorException($"{job.Path} has {_files.Parts.Count} files; a series to forecast is one file in order of time, which the shares or the numbers of rows split.");
        return isSeries ? new ForecastTable(this, time?.Column ?? -1, time?.Direction == Direction.Down).Take(job) : new LabelledTable(this).Take(job);
    }

    /// <summary>The column that says each row's split, or -1.</summary>
    public int SplitColumn => Find("split");

    /// <summary>The column of a title, or -1.</summary>
    public int Find(string title) => Array.FindIndex(_columns, column => column.Name.Equals(title.Trim(), StringComparison.OrdinalIgnoreCase));

    /// <summary>The column of a title that somebody asked for.</summary>
    /// <exception cref="UserErrorException">There is none.</exception>
    public int Demand(string title) => Find(title) is >= 0 and var column ? column : throw NearestName.Unknown("column", title, [.. _columns.Select(known => known.Name)]);

    /// <summary>Goes through all rows once more, in the order of the splits and the files.</summary>
    /// <param name="row">Is given the row, what to call it, and the split that its file is for.</param>
    public void ForEach(IngestJob job, TaskKind task, string stage, Action<CsvRows, string, Split?> row)
    {
        var count = job.Work.Count(stage, task);
        var rows = 0L;
        // One after another: a tar would give them in its own order.
        foreach (var part in _files.Parts)
            foreach (var (file, content) in Source.Read([part.File]))
            {
                var name = Source.Files[file].Name;
                using var table = new CsvRows(content, name, job.Options.Limits);
                if (_columns.Length == 0)
                    _columns = [.. table.Titles.Select(title => new ColumnProfile(title))];
                if (!table.Titles.SequenceEqual(_columns.Select(column => column.Name), StringComparer.OrdinalIgnoreCase))
                    throw new UserErrorException($"{name} has other columns than {Source.Files[_files.Parts[0].File].Name}: {Labelled.Named(table.Titles)} and not {Labelled.Named(_columns.Select(column => column.Name))}.");
                while (table.Read())
                {
                    row(table, name, part.Split);
                    count(++rows);
                }
            }
    }

    private void Profile(IngestJob job)
    {
        var limits = job.Options.Limits;
        ForEach(job, TaskKind.TabularClassification, "looking through", (table, _, _) =>
        {
            RowCount++;
            if (RowCount * _columns.Length > limits.MaxValues)
                throw table.Wrong($"the table has more than {limits.MaxValues:N0} cells, which is the limit (Datasets:Limits:MaxValues in appsettings.json)");
            for (var column = 0; column < _columns.Length; column++)
                _columns[column].Add(table[column], table.HasDecimalCommas);
        });
        if (RowCount == 0)
            throw new UserErrorException($"{job.Path} has titles and no rows.");
    }

    // A first column that counts may also be a number of the row; it is a clear sign of time only where all else is numbers and its title does not say otherwise.
    private (int Column, Direction Direction, bool IsClear)? FindTime()
    {
        for (var column = 0; column < _columns.Length; column++)
            if (_columns[column].TimeDirection is { } direction)
                return (column, direction, HasOtherNumbers(column));
        return _columns[0].CountDirection is { } counting
            ? (0, counting, HasOtherNumbers(0) && _columns.Skip(1).All(column => column.Texts == 0) && !IsCalledNumber(_columns[0].Name))
            : null;

        bool HasOtherNumbers(int time) => _columns.Index().Any(pair => pair.Index != time && pair.Item.IsNumeric);
    }

    private static bool IsCalledNumber(string title) =>
        title.ToUpperInvariant() is "NO" or "NO." or "NR" or "#" or "INDEX" or "ROW" or "NUMBER" or "COLUMN 1" || title.EndsWith("id", StringComparison.OrdinalIgnoreCase);
}
