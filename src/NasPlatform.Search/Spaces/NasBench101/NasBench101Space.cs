using System.Collections.Immutable;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.NasBench101;

/// <summary>
/// The space of NAS-Bench-101 (Ying et al. 2019, arXiv 1902.09635, §2.1 to §2.3, and the released code): a cell is a graph on at most seven vertices, input and output among them, with at
/// most nine edges; each vertex between is a 3×3 convolution, a 1×1 convolution or a 3×3 max pooling. Three stacks of cells, the channels doubled and the image halved before the second and the
/// third.
/// <para>
/// An encoding is the upper triangle of the matrix, a yes or no for each pair of vertices, and an operation for each vertex between. It is valid if, after vertices that are not on a path from
/// input to output were dropped, there is such a path and no more than nine edges are left. Sampling and mutation draw again until they have a valid one, as the benchmark's demonstration does.
/// </para>
/// </summary>
/// <remarks>
/// The key is the benchmark's own hash, so it finds the cell in the benchmark's tables. Cells of one key are isomorphic, yet with three or five vertices that feed the output they can differ
/// in parameters, as the published count is that of one vertex order: <see cref="NasBench101Enumeration.DistinctCells"/> has that order. Initial weights are the platform's, where the
/// benchmark draws from a truncated normal of the variance 1 / fan-in. Poolings and convolutions are padded alike on both sides; at stride 1 that is TensorFlow's "same".
/// </remarks>
public sealed class NasBench101Space : SearchSpace
{
    /// <summary>The operations in the order of the benchmark's labels.</summary>
    public static readonly Choice Operation = new("operation", NasBench101Cell.OperationNames);

    private const int Stacks = 3;

    /// <summary>Named cells: rows of the matrix, then the operations between (C3, C1, MP as the paper abbreviates).</summary>
    private static readonly (string Name, string Matrix, string Operations)[] PublishedCells =
    [
        ("empty", "01/00", ""),
        ("one conv3x3", "010/001/000", "C3"),
        ("one conv1x1", "010/001/000", "C1"),
        ("one maxpool3x3", "010/001/000", "MP"),
        ("five conv3x3 in a chain", "0100000/0010000/0001000/0000100/0000010/0000001/0000000", "C3,C3,C3,C3,C3"),
        ("ResNet-like", "0101/0010/0001/0000", "C3,C3"),
        ("Inception-like", "0111010/0000001/0000001/0000100/0000001/0000001/0000000", "C1,C3,C3,C3,MP"),
        ("best mean test accuracy", "0110011/0000010/0001000/0000100/0000010/0000001/0000000", "C1,C3,MP,C3,C3"),
        ("smallest hash", "0100110/0010000/0001001/0000010/0000010/0000001/0000000", "C3,MP,C3,C3,C1"),
    ];

    private readonly int _vertices;
    private readonly int _edges;
    private readonly int _channels;
    private readonly int _cells;
    private readonly double _momentum;

    /// <param name="settings">
    /// <c>vertices</c> (7, input and output included), <c>edges</c> (9, after pruning), <c>channels</c> (of the stem and the first stack, 32; the benchmark's 128), <c>cells</c> (a stack, 1; the
    /// benchmark's 3), <c>momentum</c> (batch norm's weight of the new value, 0.1; the benchmark's 0.003 needs its thousands of steps).
    /// </param>
    public NasBench101Space(Settings settings)
    {
        _vertices = settings.Whole("vertices", 7, 3, 7);
        _edges = settings.Whole("edges", 9, 1, 21);
        _channels = settings.Whole("channels", 32, 5, 1024);
        _cells = settings.Whole("cells", 1, 1, 50);
        _momentum = settings.Real("momentum", 0.1, 0.0001, 1);
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "nasbench101";

    public override string Summary => "Cell of at most seven vertices and nine edges with three operations (Ying et al. 2019)";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        $"the rows of the adjacency matrix with '/' between, then the operations between input and output with ',' between ({string.Join(", ", Operation.Options)}), "
        + "such as '0101/0010/0001/0000 conv3x3-bn-relu,conv3x3-bn-relu'; a smaller matrix is filled up with vertices that nothing connects";

    public override IReadOnlyList<SpacePreset> Presets =>
    [
        new("paper", "the benchmark's network: 3 stacks of 3 cells, 128 channels", new Dictionary<string, string> { ["channels"] = "128", ["cells"] = "3", ["momentum"] = "0.003" }),
        new("small", "3 stacks of 1 cell, 16 channels, for two CPU cores", new Dictionary<string, string> { ["channels"] = "16", ["cells"] = "1" }),
    ];

    public override IReadOnlyDictionary<string, string> Published => PublishedCells
        .Where(cell => cell.Matrix.Split('/').Length <= _vertices && cell.Matrix.Count(bit => bit == '1') <= _edges)
        .ToDictionary(cell => cell.Name, cell => $"{cell.Matrix} {cell.Operations}"
            .Replace("C3", Operation.Options[0], StringComparison.Ordinal).Replace("C1", Operation.Options[1], StringComparison.Ordinal).Replace("MP", Operation.Options[2], StringComparison.Ordinal).Trim());

    /// <summary>The paper counts the distinct cells.</summary>
    public override string? PrintedSize => (_vertices, _edges) == (7, 9) ? "423,624 distinct cells; 2^21·3^5 encodings, valid or not" : null;

    public override bool IsValid(Genotype genotype) => Cell(genotype).Prune() is { } cell && cell.EdgeCount <= _edges;

    /// <exception cref="InvalidArchitectureException">Nothing connects input and output, or there are too many edges.</exception>
    public override LayerGraph Build(IChoices choices, TaskShape task)
    {
        var cell = Read(choices).Prune() ?? throw new InvalidArchitectureException("cell/output", "no path leads to it from the cell's input.");
        if (cell.EdgeCount > _edges)
        {
            throw new InvalidArchitectureException("cell", $"{cell.EdgeCount} edges are on paths from its input to its output; the space has at most {_edges}.");
        }

        var graph = new LayerGraphBuilder(task) { Norm = new(Momentum: _momentum) };
        var x = graph.ConvNormRelu("stem", graph.Input, _channels, 3);
        for (var stack = 1; stack <= Stacks; stack++)
        {
            if (stack > 1)
            {
                x = graph.Add($"stack{stack}/pool", new Op.MaxPool(2, 2, 0), x);
            }

            for (var number = 1; number <= _cells; number++)
            {
                x = Cell(graph, $"stack{stack}/cell{number}", x, cell, _channels << (stack - 1));
            }
        }

        return graph.Finish(graph.Classifier(x));
    }

    public override string Format(Genotype genotype)
    {
        var cell = Cell(genotype);
        var rows = Enumerable.Range(0, _vertices).Select(from => string.Concat(Enumerable.Range(0, _vertices).Select(to => from < to && cell[from, to] ? '1' : '0')));
        return $"{string.Join('/', rows)} {string.Join(',', cell.Operations.Select(operation => Operation.Options[operation]))}";
    }

    /// <summary>The benchmark's hash of the pruned cell. It does not depend on the network around the cell.</summary>
    public override ArchitectureKey Key(Genotype genotype) =>
        Cell(genotype).Prune() is { } cell ? new(cell.Hash()) : ArchitectureKey.OfText($"{Name} without a path");

    /// <summary>The path encoding: which sequences of operations lead from input to output.</summary>
    public override double[] Encode(Genotype genotype) => Cell(genotype).Paths(_vertices);

    /// <summary>The cells that the benchmark keeps, in its generator's order, filled up to all the vertices.</summary>
    public override IEnumerable<Genotype> EnumerateDistinct() => NasBench101Enumeration.DistinctCells(_vertices, _edges).Select(Genotype);

    /// <summary>The genotype of a cell of at most as many vertices as the space has; those that it lacks are connected to nothing and have the first operation.</summary>
    public Genotype Genotype(NasBench101Cell cell) => FromValues(Values(cell));

    /// <summary>The cell as encoded, not pruned.</summary>
    public NasBench101Cell Cell(Genotype genotype) =>
        Read(Replay(genotype.ToDictionary()));

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype)
    {
        var encoded = Cell(genotype);
        var cell = encoded.Prune() ?? encoded;
        var edges =
            from to in Enumerable.Range(1, cell.Vertices - 1)
            from @from in Enumerable.Range(0, to)
            where cell[@from, to]
            select new SketchEdge(@from, to);
        return [new("Cell", [new("input"), .. cell.Operations.Select(operation => new SketchNode(Operation.Options[operation])), new("output")], [.. edges])];
    }

    public override void Decide(IChoices choices) => Read(choices);

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is < 1 or > 2)
        {
            throw NotAGenotype($"'{text}' has {words.Length} words, not a matrix and a list of operations");
        }

        var rows = words[0].Split('/');
        if (rows.Length < 2 || rows.Length > _vertices)
        {
            throw NotAGenotype($"the matrix '{words[0]}' has {rows.Length} rows, not 2 to {_vertices}");
        }

        var edges = 0;
        for (var from = 0; from < rows.Length; from++)
        {
            if (rows[from].Length != rows.Length)
            {
                throw NotAGenotype($"row {from + 1} of the matrix, '{rows[from]}', has {rows[from].Length} places, not {rows.Length}");
            }

            for (var to = 0; to < rows.Length; to++)
            {
                edges |= rows[from][to] switch
                {
                    '0' => 0,
                    '1' when from < to => NasBench101Cell.Edge(from, to),
                    '1' => throw NotAGenotype($"row {from + 1} of the matrix, '{rows[from]}', has a 1 at place {to + 1}; edges lead to later vertices only"),
                    var other => throw NotAGenotype($"row {from + 1} of the matrix, '{rows[from]}', has '{other}' at place {to + 1}, not 0 or 1"),
                };
            }
        }

        var names = words.Length == 2 ? words[1].Split(',') : [];
        if (names.Length != rows.Length - 2)
        {
            throw NotAGenotype($"there are {names.Length} operations, not {rows.Length - 2}, for a matrix of {rows.Length} rows");
        }

        return Values(new(rows.Length, edges, [.. names.Select(Number)]));

        int Number(string name, int place) => Operation.Options.IndexOf(name) is var number and >= 0
            ? number
            : throw NotAGenotype($"operation {place + 1}, '{name}', is not one of {string.Join(", ", Operation.Options)}");
    }

    private static string OperationName(int vertex) => $"vertex{vertex}/operation";

    private static string InputName(int vertex) => $"vertex{vertex}/input";

    private Dictionary<string, int> Values(NasBench101Cell cell)
    {
        var values = new Dictionary<string, int>();
        for (var vertex = 1; vertex < _vertices; vertex++)
        {
            // The output is the last of the space's vertices, however many the cell has.
            var isOutput = vertex == _vertices - 1;
            var own = isOutput ? cell.Vertices - 1 : vertex;
            var exists = isOutput || vertex < cell.Vertices - 1;
            for (var from = 0; from < vertex; from++)
            {
                values[$"{InputName(vertex)}/{from}"] = exists && from < own && cell[from, own] ? 1 : 0;
            }

            if (!isOutput)
            {
                values[OperationName(vertex)] = exists ? cell.Operations[vertex - 1] : 0;
            }
        }

        return values;
    }

    /// <summary>Vertex by vertex: its operation, and which earlier vertices feed it. The edges come in the order of the matrix's integer.</summary>
    private NasBench101Cell Read(IChoices choices)
    {
        var (edges, operations) = (0, ImmutableArray.CreateBuilder<int>(_vertices - 2));
        for (var vertex = 0; vertex < _vertices; vertex++)
        {
            if (vertex > 0 && vertex < _vertices - 1)
            {
                operations.Add(choices.Choose(OperationName(vertex), Operation));
            }

            var fed = choices.Connect(InputName(vertex), vertex);
            for (var from = 0; from < vertex; from++)
            {
                edges |= fed[from] ? NasBench101Cell.Edge(from, vertex) : 0;
            }
        }

        return new(_vertices, edges, operations.ToImmutable());
    }

    private static Layer Cell(LayerGraphBuilder graph, string name, Layer input, NasBench101Cell cell, int outputChannels)
    {
        var channels = cell.Channels(input.Shape.Channels, outputChannels);
        var output = cell.Vertices - 1;
        if (output == 1)
        {
            return Project(output);
        }

        var vertices = new Layer[output];
        for (var vertex = 1; vertex < output; vertex++)
        {
            var terms = Feeders(vertex).Select(from => Truncate(from, vertex)).ToList();
            if (cell[0, vertex])
            {
                terms.Add(Project(vertex));
            }

            vertices[vertex] = Operate(vertex, graph.Sum($"{name}/vertex{vertex}/sum", terms));
        }

        Layer[] feeding = [.. Feeders(output).Select(from => vertices[from])];
        var joined = feeding.Length == 1 ? feeding[0] : graph.Add($"{name}/output/join", new Op.Concat(), feeding);
        return cell[0, output] ? graph.Sum($"{name}/output/sum", [joined, Project(output)]) : joined;

        IEnumerable<int> Feeders(int to) => Enumerable.Range(1, to - 1).Where(from => cell[from, to]);

        // Each edge from the cell's input has a projection of its own.
        Layer Project(int to) => graph.ConvNormRelu($"{name}/vertex{to}/projection", input, channels[to], 1);

        Layer Truncate(int from, int to) => channels[from] == channels[to]
            ? vertices[from]
            : graph.Add($"{name}/vertex{to}/from{from}", new Op.Slice(0, channels[to]), vertices[from]);

        Layer Operate(int vertex, Layer sum) => cell.Operations[vertex - 1] switch
        {
            0 => graph.ConvNormRelu($"{name}/vertex{vertex}", sum, channels[vertex], 3),
            1 => graph.ConvNormRelu($"{name}/vertex{vertex}", sum, channels[vertex], 1),
            _ => graph.MaxPool($"{name}/vertex{vertex}/pool", sum, 3),
        };
    }
}
