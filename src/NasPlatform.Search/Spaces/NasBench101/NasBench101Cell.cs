using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace NasPlatform.Search.Spaces.NasBench101;

/// <summary>
/// A cell as NAS-Bench-101 has it: an upper-triangular matrix of 0 and 1 over vertices of which the first is the input and the last the output, and an operation at each vertex between. The
/// rules are those of the released code (google-research/nasbench: <c>model_spec</c>, <c>graph_util</c>, <c>model_builder</c>).
/// </summary>
public sealed class NasBench101Cell
{
    /// <summary>The operations in the order of the benchmark's labels, which is the order in which it enumerates.</summary>
    public static readonly ImmutableArray<string> OperationNames = ["conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"];

    private const int InputLabel = -1;
    private const int OutputLabel = -2;

    /// <param name="vertices">Input and output included, 2 to 8.</param>
    /// <param name="edges">The matrix as the benchmark's integer: bit <c>x + y(y − 1)/2</c> for the edge from x to y.</param>
    /// <param name="operations">Of the vertices between, by their places in <see cref="OperationNames"/>.</param>
    public NasBench101Cell(int vertices, int edges, ImmutableArray<int> operations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vertices, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vertices, 8);
        ArgumentOutOfRangeException.ThrowIfNotEqual(operations.Length, vertices - 2);
        Vertices = vertices;
        Edges = edges;
        Operations = operations;
    }

    public int Vertices { get; }

    public int Edges { get; }

    public ImmutableArray<int> Operations { get; }

    public int EdgeCount => BitOperations.PopCount((uint)Edges);

    public bool this[int from, int to] => (Edges & Edge(from, to)) != 0;

    /// <summary>The bit of an edge in <see cref="Edges"/>.</summary>
    public static int Edge(int from, int to) => 1 << (from + (to * (to - 1) / 2));

    /// <summary>
    /// The cell without the vertices that are not on a path from the input to the output, in the order they had; null where there is no such path (<c>valid_spec = false</c>). It comes
    /// before every limit and before the hash.
    /// </summary>
    public NasBench101Cell? Prune()
    {
        var kept = OnPaths(Vertices, Edges);
        if (kept == 0)
        {
            return null;
        }

        if (kept == (1 << Vertices) - 1)
        {
            return this;
        }

        int[] places = [.. Enumerable.Range(0, Vertices).Where(vertex => (kept >> vertex & 1) == 1)];
        var edges = 0;
        for (var to = 1; to < places.Length; to++)
        {
            for (var from = 0; from < to; from++)
            {
                edges |= this[places[from], places[to]] ? Edge(from, to) : 0;
            }
        }

        return new(places.Length, edges, [.. places[1..^1].Select(place => Operations[place - 1])]);
    }

    /// <summary>The benchmark's name of the cell, 32 lower-case hexadecimal digits; of a cell that is pruned.</summary>
    /// <remarks>
    /// Isomorphic cells have one hash. It is no proof of the converse; that no two different cells of this space share one was checked when the benchmark was made. And it is no proof of equal
    /// parameter counts: see <see cref="Channels"/>.
    /// </remarks>
    public string Hash() => Md5($"['{string.Join("', '", HashRounds().Last().Order(StringComparer.Ordinal))}']");

    /// <summary>Each vertex's digest: at first of its degrees and its label, then in as many rounds as there are vertices of its neighbours' and its own.</summary>
    internal IEnumerable<string[]> HashRounds()
    {
        var vertices = Enumerable.Range(0, Vertices).ToArray();
        var digests = Array.ConvertAll(vertices, vertex =>
            Md5(string.Create(CultureInfo.InvariantCulture, $"({vertices.Count(to => Has(vertex, to))}, {vertices.Count(from => Has(from, vertex))}, {Label(vertex)})")));
        yield return digests;
        for (var round = 0; round < Vertices; round++)
        {
            var before = digests;
            digests = Array.ConvertAll(vertices, vertex =>
                Md5($"{Sorted(vertices.Where(from => Has(from, vertex)))}|{Sorted(vertices.Where(to => Has(vertex, to)))}|{before[vertex]}"));
            yield return digests;

            string Sorted(IEnumerable<int> neighbours) => string.Concat(neighbours.Select(neighbour => before[neighbour]).Order(StringComparer.Ordinal));
        }

        bool Has(int from, int to) => from < to && this[from, to];
    }

    /// <summary>
    /// The channels at each vertex of a pruned cell. The output's are shared out among the vertices that feed it, since it joins them; where they do not divide, earlier vertices have one more.
    /// So isomorphic cells with three or five such vertices can differ in parameters. Any other vertex has as many as the largest that it feeds.
    /// </summary>
    /// <param name="input">Of the cell's input.</param>
    /// <param name="output">Of the cell's output, at least as many as vertices feed it.</param>
    public int[] Channels(int input, int output)
    {
        var channels = new int[Vertices];
        channels[0] = input;
        channels[^1] = output;
        int[] feeding = [.. Enumerable.Range(1, Vertices - 2).Where(vertex => this[vertex, Vertices - 1])];
        for (var place = 0; place < feeding.Length; place++)
        {
            channels[feeding[place]] = (output / feeding.Length) + (place < output % feeding.Length ? 1 : 0);
        }

        for (var vertex = Vertices - 3; vertex > 0; vertex--)
        {
            if (!this[vertex, Vertices - 1])
            {
                channels[vertex] = Enumerable.Range(vertex + 1, Vertices - 2 - vertex).Where(to => this[vertex, to]).Max(to => channels[to]);
            }
        }

        return channels;
    }

    /// <summary>
    /// The path encoding (White et al. 2019, BANANAS): a number for each sequence of operations that a path from input to output can have, the shorter ones first, 1 where a path of the cell
    /// has it. <c>1 + 3 + 9 + ... + 3^(V − 2)</c> numbers for at most V vertices; 364 for seven.
    /// </summary>
    /// <param name="mostVertices">V.</param>
    public double[] Paths(int mostVertices)
    {
        var base3 = OperationNames.Length;
        var firstOfLength = new int[mostVertices];
        for (var (length, sequences) = (1, 1); length < mostVertices; length++, sequences *= base3)
        {
            firstOfLength[length] = firstOfLength[length - 1] + sequences;
        }

        var encoding = new double[firstOfLength[^1]];
        Walk(vertex: 0, length: 0, number: 0);
        return encoding;

        void Walk(int vertex, int length, int number)
        {
            for (var to = vertex + 1; to < Vertices - 1; to++)
            {
                if (this[vertex, to])
                {
                    Walk(to, length + 1, (number * base3) + Operations[to - 1]);
                }
            }

            if (this[vertex, Vertices - 1])
            {
                encoding[firstOfLength[length] + number] = 1;
            }
        }
    }

    /// <summary>Bits of the vertices that are on a path from the first to the last; 0 where there is none.</summary>
    internal static int OnPaths(int vertices, int edges)
    {
        var reached = 1;
        for (var vertex = 1; vertex < vertices; vertex++)
        {
            reached |= (Feeders(edges, vertex) & reached) != 0 ? 1 << vertex : 0;
        }

        var reaching = 1 << (vertices - 1);
        for (var vertex = vertices - 1; vertex > 0; vertex--)
        {
            reaching |= (reaching >> vertex & 1) == 1 ? Feeders(edges, vertex) : 0;
        }

        return reached & reaching;
    }

    /// <summary>Bits of the vertices that feed one.</summary>
    internal static int Feeders(int edges, int vertex) => edges >> (vertex * (vertex - 1) / 2) & ((1 << vertex) - 1);

    /// <summary>−1 for the input, −2 for the output, else the operation's place.</summary>
    internal int Label(int vertex) => vertex == 0 ? InputLabel : vertex == Vertices - 1 ? OutputLabel : Operations[vertex - 1];

#pragma warning disable CA5351 // Nothing is kept secret by it: the benchmark's tables are keyed by MD5.
    private static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351
}
