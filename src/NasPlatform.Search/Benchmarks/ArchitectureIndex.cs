using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.NasBench101;

namespace NasPlatform.Search.Benchmarks;

/// <summary>
/// Finds an architecture's row by the cheapest form that tells architectures apart in its space. Cells of NAS-Bench-101 are found by their isomorphism class, whatever the order of their
/// vertices; architectures of other spaces by their decisions, so that one computation can have several rows, as in the released tables.
/// </summary>
internal sealed class ArchitectureIndex
{
    private readonly NasBench101Space? _graphs;
    private readonly bool _areNumbers;
    private readonly Dictionary<ulong, int> _byNumber = [];
    private readonly Dictionary<Genotype, int> _byGenotype = [];

    public ArchitectureIndex(SearchSpace space)
    {
        _graphs = space as NasBench101Space;
        _areNumbers = _graphs is not null || space.Name is "nasbench201" or "nasbenchmacro";
    }

    /// <summary>The row of an architecture; null where there is none.</summary>
    public int? Find(Genotype genotype) =>
        !_areNumbers ? _byGenotype.TryGetValue(genotype, out var row) ? row : null
        : Number(genotype) is { } number && _byNumber.TryGetValue(number, out row) ? row
        : null;

    /// <summary>Gives an architecture a row, unless it has one.</summary>
    public bool TryAdd(Genotype genotype, int row) =>
        !_areNumbers ? _byGenotype.TryAdd(genotype, row)
        : _byNumber.TryAdd(Number(genotype) ?? throw new ArgumentException("The cell has no path from its input to its output.", nameof(genotype)), row);

    /// <summary>The class of a graph; of other architectures the number whose digits are the decisions.</summary>
    private ulong? Number(Genotype genotype)
    {
        if (_graphs is not null)
        {
            return _graphs.Cell(genotype).Prune() is { } cell ? NasBench101Enumeration.Class(cell) : null;
        }

        var number = 0UL;
        foreach (var decision in genotype.Decisions)
        {
            number = (number * (ulong)decision.Choice.Options.Length) + (ulong)decision.Value;
        }

        return number;
    }
}
