using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.NasBench101;
using NasPlatform.Search.Spaces.NasBench201;
using NasPlatform.Search.Spaces.NasBenchGraph;
using NasPlatform.Search.Spaces.NasBenchMacro;

namespace NasPlatform.Search.Benchmarks;

/// <summary>
/// Finds an architecture's row by the cheapest form that tells architectures apart in its space. Cells of NAS-Bench-101 are found by their isomorphism class, whatever the order of their
/// vertices, and graph neural networks by their canonical form; architectures of other spaces by their decisions, so that one computation can have several rows, as in the released tables.
/// </summary>
internal sealed class ArchitectureIndex
{
    private readonly Func<Genotype, object?> _form;
    private readonly Dictionary<object, int> _rows = [];

    public ArchitectureIndex(SearchSpace space) => _form = space switch
    {
        NasBench101Space cells => genotype => cells.Cell(genotype).Prune() is { } cell ? NasBench101Enumeration.Class(cell) : null,
        NasBench201Space or NasBenchMacroSpace => genotype => Number(genotype),
        NasBenchGraphSpace => NasBenchGraphSpace.CanonicalForm,
        _ => genotype => genotype,
    };

    /// <summary>The row of an architecture; null where there is none.</summary>
    public int? Find(Genotype genotype) => _form(genotype) is { } form && _rows.TryGetValue(form, out var row) ? row : null;

    /// <summary>Gives an architecture a row, unless it has one.</summary>
    public bool TryAdd(Genotype genotype, int row) => _rows.TryAdd(_form(genotype) ?? throw new ArgumentException("Nothing leads from the cell's input to its output.", nameof(genotype)), row);

    /// <summary>The number whose digits are the decisions.</summary>
    private static ulong Number(Genotype genotype)
    {
        var number = 0UL;
        foreach (var decision in genotype.Decisions)
        {
            number = (number * (ulong)decision.Choice.Options.Length) + (ulong)decision.Value;
        }

        return number;
    }
}
