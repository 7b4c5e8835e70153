using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>A table while it is read from files: architectures and the columns of their figures.</summary>
/// <param name="usualName">Its name where the user gives none.</param>
/// <param name="title">One line for people.</param>
/// <param name="space">The space of the architectures.</param>
internal sealed class TableDraft(string usualName, string title, SearchSpace space)
{
    /// <summary>Draws of which the share that is in the table is counted.</summary>
    private const int CoverageDraws = 1000;

    private readonly ArchitectureIndex _index = new(space);
    private readonly List<string> _architectures = [];
    private readonly List<(ColumnTitle Title, List<double> Values)> _columns = [];

    public string UsualName => usualName;

    public SearchSpace Space => space;

    /// <summary>What a reader of its figures must know.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Adds a column, empty so far.</summary>
    /// <returns>Its number.</returns>
    public int Column(ColumnTitle column)
    {
        _columns.Add((column, []));
        return _columns.Count - 1;
    }

    /// <summary>The row of an architecture, a new one for a new architecture.</summary>
    public int Row(Genotype genotype)
    {
        if (_index.Find(genotype) is { } known)
        {
            return known;
        }

        _index.TryAdd(genotype, _architectures.Count);
        _architectures.Add(space.Format(genotype));
        return _architectures.Count - 1;
    }

    /// <summary>A row for an architecture that has none yet.</summary>
    /// <param name="genotype">The architecture.</param>
    /// <param name="rows">Where it stands.</param>
    /// <param name="column">The title of the column that names it.</param>
    /// <exception cref="UserErrorException">It has one.</exception>
    public int NewRow(Genotype genotype, TableRows rows, string column) => _index.Find(genotype) is { } known
        ? throw rows.Wrong(column, $"'{rows.Text(column)}' is an architecture that row {known + 1} of the table has already")
        : Row(genotype);

    public void Set(int row, int column, double value)
    {
        var values = _columns[column].Values;
        while (values.Count <= row)
        {
            values.Add(double.NaN);
        }

        values[row] = value;
    }

    /// <exception cref="UserErrorException">It has no rows.</exception>
    public (BenchmarkDescription Description, string[] Architectures, double[][] Columns) Finish(string name)
    {
        if (_architectures.Count == 0)
        {
            throw new UserErrorException("The table has no rows.");
        }

        var random = new RandomSource(1).Split("coverage");
        var description = new BenchmarkDescription
        {
            Name = name,
            Title = title,
            Space = space.Name,
            SpaceSettings = space.Settings,
            Notes = Notes,
            Rows = _architectures.Count,
            Coverage = Enumerable.Range(0, CoverageDraws).Count(_ => _index.Find(space.Sample(random)) is not null) / (double)CoverageDraws,
            Columns = [.. _columns.Select(column => $"{(column.Title.IsMeasurement && column.Title.Dataset is null ? column.Title with { Dataset = name } : column.Title)}")],
        };
        return (description, [.. _architectures], [.. _columns.Select(column => Filled(column.Values))]);

        double[] Filled(List<double> values) => [.. values, .. Enumerable.Repeat(double.NaN, _architectures.Count - values.Count)];
    }
}
