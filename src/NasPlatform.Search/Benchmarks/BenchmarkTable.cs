using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Benchmarks;

/// <summary>
/// A tabular benchmark: measured architectures of a known search space, so that searching costs look-ups and its outcome can be held against the optimum. Immutable; used from several
/// threads at once.
/// </summary>
public sealed class BenchmarkTable
{
    private readonly ArchitectureIndex _index;
    private readonly string[] _architectures;
    private readonly BenchmarkDataset[] _datasets;

    internal BenchmarkTable(BenchmarkDescription description, SearchSpace space, string[] architectures, ArchitectureIndex index, IReadOnlyList<double[]> columns)
    {
        Description = description;
        Space = space;
        _architectures = architectures;
        _index = index;
        var titled = description.Titles.Zip(columns).ToList();
        _datasets = [.. description.Datasets.Select(dataset => new BenchmarkDataset(dataset, [.. titled.Where(column => column.First.Dataset is null || column.First.Dataset == dataset)]))];
    }

    public BenchmarkDescription Description { get; }

    public string Name => Description.Name;

    public SearchSpace Space { get; }

    /// <summary>Architectures.</summary>
    public int Count => _architectures.Length;

    public IReadOnlyList<BenchmarkDataset> Datasets => _datasets;

    /// <summary>The figures of a dataset, of the first where none is named.</summary>
    /// <exception cref="UserErrorException">The table does not have it; the message lists those that it has.</exception>
    public BenchmarkDataset Dataset(string? name) => name is null
        ? _datasets[0]
        : _datasets.FirstOrDefault(dataset => dataset.Name == name)
            ?? throw NearestName.Unknown($"dataset of '{Name}'", name, [.. _datasets.Select(dataset => dataset.Name)]);

    /// <summary>The row of an architecture, 0-based; null where the table does not have it.</summary>
    public int? Find(Genotype genotype) => _index.Find(genotype);

    /// <summary>The row of an architecture that people name: in the space's text form, the name of a published one, or <c>best</c> for the best of a dataset.</summary>
    /// <param name="architecture">What they wrote.</param>
    /// <param name="dataset">One of the table's, for <c>best</c>; null for the first.</param>
    /// <exception cref="UserErrorException">It is no architecture of the space, or none that the table has.</exception>
    public int RowOf(string architecture, string? dataset)
    {
        if (architecture == "best")
        {
            return Dataset(dataset).Full.Best;
        }

        var genotype = Space.Find(architecture);
        return Find(genotype) ?? throw new UserErrorException($"'{Name}' does not have {Space.Format(genotype)}; it has {Description.Extent}.");
    }

    /// <summary>The text of a row's architecture.</summary>
    public string Architecture(int row) => _architectures[row];
}
