using System.Globalization;

namespace NasPlatform.Search.Benchmarks;

/// <summary>What a table is, told without reading its rows.</summary>
public sealed record BenchmarkDescription
{
    /// <summary>The name in <see cref="BenchmarkCatalog"/>.</summary>
    public required string Name { get; init; }

    /// <summary>One line for people: which benchmark, or which part of it.</summary>
    public required string Title { get; init; }

    /// <summary>The search space whose architectures it has.</summary>
    public required string Space { get; init; }

    public IReadOnlyDictionary<string, string> SpaceSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>What a reader of its figures must know.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Architectures.</summary>
    public int Rows { get; init; }

    /// <summary>The share of the space's encodings that are in the table, of 1,000 uniform draws; 1 where the table is whole.</summary>
    public double Coverage { get; init; }

    /// <summary>How many architectures there are, of how much of the space: <c>423,624 architectures, 37.5 % of the space's encodings</c>.</summary>
    public string Extent => string.Create(
        CultureInfo.InvariantCulture, $"{Rows:N0} architecture{(Rows == 1 ? "" : "s")}, {(Coverage == 1 ? "all" : Coverage.ToString("0.0 %", CultureInfo.InvariantCulture))} of the space's encodings");

    /// <summary>The titles of the columns after the architecture's, each <c>dataset/name@epochs#repeat</c>.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>The datasets on which the architectures were trained, in the order of the columns.</summary>
    public IReadOnlyList<string> Datasets => [.. Titles.Where(title => title.IsMeasurement).Select(title => title.Dataset ?? Name).Distinct()];

    /// <summary>The numbers of epochs after which a dataset's architectures were measured, ascending.</summary>
    public IReadOnlyList<int> Epochs(string dataset) =>
        [.. Titles.Where(title => title.IsMeasurement && title.Dataset == dataset).Select(title => title.Epochs).Distinct().Order()];

    /// <summary>What was measured on a dataset: some of train, valid, test, seconds; then figures.</summary>
    public IReadOnlyList<string> Metrics(string dataset) =>
        [.. Titles.Where(title => title.Dataset is null || title.Dataset == dataset).OrderBy(title => !title.IsMeasurement).Select(title => title.Name).Distinct()];

    internal IEnumerable<ColumnTitle> Titles => Columns.Select(column => ColumnTitle.Parse(column) ?? throw new InvalidDataException($"'{column}' is no title of a column"));
}
