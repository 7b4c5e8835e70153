using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.NasBench101;

namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>
/// A cell of NAS-Bench-101 in columns: <c>hash</c>, <c>nodes</c> (input and output included), <c>edges</c> (the upper triangle row by row, 0 and 1), <c>ops</c> (a digit for each vertex
/// between, in the order of <see cref="NasBench101Cell.OperationNames"/>), <c>params</c> of the network around the stored vertex order.
/// </summary>
internal static class CellColumns
{
    public static readonly IReadOnlyList<string> Titles = ["hash", "nodes", "edges", "ops", "params"];

    /// <summary>The space with the benchmark's network.</summary>
    /// <param name="vertices">At most so many in a cell, input and output included.</param>
    public static NasBench101Space Space(int vertices) => (NasBench101Space)SearchSpaceCatalog.Create("nasbench101", new Dictionary<string, string>
    {
        ["vertices"] = $"{vertices}",
        ["channels"] = "128",
        ["cells"] = "3",
        ["momentum"] = "0.003",
    });

    /// <exception cref="UserErrorException">The columns are no cell of the space, or the hash is another's.</exception>
    public static Genotype Genotype(NasBench101Space space, TableRows rows)
    {
        var vertices = (int)Math.Min(rows.Whole("nodes"), 99);
        var most = int.Parse(space.Settings["vertices"]);
        if (vertices < 2 || vertices > most)
        {
            throw rows.Wrong("nodes", $"{rows.Text("nodes")} is not from 2 to {most}");
        }

        var bits = rows.Text("edges");
        if (bits.Length != vertices * (vertices - 1) / 2)
        {
            throw rows.Wrong("edges", $"'{bits}' has {bits.Length} places, not {vertices * (vertices - 1) / 2} for {vertices} vertices");
        }

        var operations = vertices == 2 ? "" : rows.Text("ops");
        if (operations.Length != vertices - 2)
        {
            throw rows.Wrong("ops", $"'{operations}' has {operations.Length} digits, not {vertices - 2} for {vertices} vertices");
        }

        var (edges, place) = (0, 0);
        for (var from = 0; from < vertices; from++)
        {
            for (var to = from + 1; to < vertices; to++)
            {
                edges |= rows.Digit("edges", bits, place++, 2) == 1 ? NasBench101Cell.Edge(from, to) : 0;
            }
        }

        var cell = new NasBench101Cell(vertices, edges, [.. Enumerable.Range(0, vertices - 2).Select(vertex => rows.Digit("ops", operations, vertex, NasBench101Cell.OperationNames.Length))]);
        var genotype = space.Genotype(cell);
        return !space.IsValid(genotype) ? throw rows.Wrong("edges", $"'{bits}' is no cell of the space: nothing leads from its input to its output, or it has too many edges")
            : space.Key(genotype).Value != rows.Text("hash") ? throw rows.Wrong("hash", $"{rows.Text("hash")} is not the hash of this cell, which is {space.Key(genotype)}")
            : genotype;
    }
}
