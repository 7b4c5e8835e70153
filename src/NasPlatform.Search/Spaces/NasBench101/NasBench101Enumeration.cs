using System.Collections.Immutable;
using System.Numerics;

namespace NasPlatform.Search.Spaces.NasBench101;

/// <summary>
/// The cells of the space in the order in which the benchmark's generator met them (google-research/nasbench <c>scripts/generate_graphs.py</c>): by the number of vertices, then by the
/// matrix's integer, then by the operations in lexicographic order. Graphs that pruning would change, or with too many edges, are passed over.
/// </summary>
public static class NasBench101Enumeration
{
    /// <summary>Every labelled cell, isomorphic ones too: 1,293,208 for seven vertices and nine edges.</summary>
    public static IEnumerable<NasBench101Cell> LabelledCells(int mostVertices, int mostEdges)
    {
        for (var vertices = 2; vertices <= mostVertices; vertices++)
        {
            var labellings = Labellings(vertices - 2);
            foreach (var edges in Matrices(vertices, mostEdges))
            {
                foreach (var labels in labellings)
                {
                    yield return new(vertices, edges, labels);
                }
            }
        }
    }

    /// <summary>
    /// One cell of each isomorphism class, the first that the generator met: 423,624 for seven vertices and nine edges. These are the cells that the benchmark trained and keeps, so their
    /// parameters are the published ones.
    /// </summary>
    public static IEnumerable<NasBench101Cell> DistinctCells(int mostVertices, int mostEdges)
    {
        var seen = new HashSet<ulong>();
        return LabelledCells(mostVertices, mostEdges).Where(cell => seen.Add(Class(cell)));
    }

    /// <summary>The integers of the matrices that pruning leaves as they are.</summary>
    internal static IEnumerable<int> Matrices(int vertices, int mostEdges) =>
        from edges in Enumerable.Range(0, 1 << (vertices * (vertices - 1) / 2))
        where BitOperations.PopCount((uint)edges) <= mostEdges && NasBench101Cell.OnPaths(vertices, edges) == (1 << vertices) - 1
        select edges;

    /// <summary>
    /// Equal for two pruned cells where <see cref="NasBench101Cell.Hash"/> is: the same rounds with 64-bit sums of mixed numbers in place of MD5 of sorted texts, for speed. That no two
    /// classes fall together by chance is seen in the count.
    /// </summary>
    internal static ulong Class(NasBench101Cell cell)
    {
        var vertices = cell.Vertices;
        Span<ulong> digests = stackalloc ulong[vertices];
        Span<ulong> fromFeeders = stackalloc ulong[vertices];
        Span<ulong> fromReaders = stackalloc ulong[vertices];
        for (var vertex = 0; vertex < vertices; vertex++)
        {
            digests[vertex] = Mix((ulong)(cell.Label(vertex) + 3));
        }

        // The first round counts neighbours, as the benchmark's first digest does.
        for (var round = 0; round <= vertices; round++)
        {
            fromFeeders.Clear();
            fromReaders.Clear();
            for (var to = 1; to < vertices; to++)
            {
                for (var feeders = (uint)NasBench101Cell.Feeders(cell.Edges, to); feeders != 0; feeders &= feeders - 1)
                {
                    var from = BitOperations.TrailingZeroCount(feeders);
                    fromFeeders[to] += digests[from];
                    fromReaders[from] += digests[to];
                }
            }

            for (var vertex = 0; vertex < vertices; vertex++)
            {
                digests[vertex] = Mix(Mix(Mix(digests[vertex]) + fromFeeders[vertex]) + fromReaders[vertex]);
            }
        }

        var sum = (ulong)vertices;
        foreach (var digest in digests)
        {
            sum += Mix(digest);
        }

        return sum;
    }

    private static ImmutableArray<ImmutableArray<int>> Labellings(int places)
    {
        ImmutableArray<ImmutableArray<int>> labellings = [[]];
        for (var place = 0; place < places; place++)
        {
            labellings = [.. labellings.SelectMany(labels => Enumerable.Range(0, NasBench101Cell.OperationNames.Length).Select(label => labels.Add(label)))];
        }

        return labellings;
    }

    /// <summary>The finaliser of SplitMix64.</summary>
    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
