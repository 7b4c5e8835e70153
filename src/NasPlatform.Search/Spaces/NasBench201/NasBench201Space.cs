using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.NasBench201;

/// <summary>
/// The topology space of NAS-Bench-201 (Dong &amp; Yang 2020, arXiv 2001.00326): a cell of four nodes, an operation on each of its six edges;
/// node 0 is the cell's input, each other node the sum of its incoming edges, node 3 the output. Three stages of cells at
/// C, 2C and 4C channels with a residual block of stride 2 between them.
/// </summary>
public sealed class NasBench201Space : SearchSpace
{
    private const int Nodes = 4;

    /// <summary>The operations in the order of the benchmark's own codes.</summary>
    public static readonly Choice Operation = new("operation", ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]);

    private readonly int _channels;
    private readonly int _cells;

    /// <param name="settings"><c>channels</c> (C, 16) and <c>cells</c> (N, cells a stage, 5): the benchmark's network.</param>
    public NasBench201Space(Settings settings)
    {
        _channels = settings.Whole("channels", 16, 1, 1024);
        _cells = settings.Whole("cells", 5, 1, 50);
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "nasbench201";

    public override string Summary => "Cell of four nodes with one of five operations on each edge (Dong & Yang 2020)";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        $"'|op~0|+|op~0|op~1|+|op~0|op~1|op~2|' with operations {string.Join(", ", Operation.Options)}";

    public override LayerGraph Build(IChoices choices, TaskShape task)
    {
        var operations = Read(choices);
        var graph = new LayerGraphBuilder(task);
        var x = graph.BatchNorm("stem/norm", graph.Conv("stem/conv", graph.Input, _channels, 3));
        for (var stage = 0; stage < 3; stage++)
        {
            var channels = _channels << stage;
            if (stage > 0)
            {
                x = ResidualBlock(graph, $"stage{stage + 1}/residual", x, channels);
            }

            for (var cell = 0; cell < _cells; cell++)
            {
                x = Cell(graph, $"stage{stage + 1}/cell{cell + 1}", x, operations);
            }
        }

        x = graph.Relu("last/relu", graph.BatchNorm("last/norm", x));
        return graph.Finish(graph.Classifier(x));
    }

    public override string Format(Genotype genotype) =>
        string.Join('+', Enumerable.Range(1, Nodes - 1).Select(node =>
            "|" + string.Concat(Enumerable.Range(0, node).Select(from => $"{Operation.Options[genotype[Edge(from, node)]]}~{from}|"))));

    /// <summary>
    /// The key of the canonical form by which the benchmark has 6,466 distinct cells: skip edges are resolved, and zero edges; zero
    /// terms stay in sums. It does not depend on the network around the cell.
    /// </summary>
    public override ArchitectureKey Key(Genotype genotype) => ArchitectureKey.OfText($"{Name} {CanonicalForm(genotype)}");

    /// <summary>The canonical form of a cell: what node 3 computes, written with sorted sums (search-space symmetry rule of NATS-Bench).</summary>
    public static string CanonicalForm(Genotype genotype)
    {
        var nodes = new string[Nodes];
        nodes[0] = "0";
        for (var node = 1; node < Nodes; node++)
        {
            var terms = Enumerable.Range(0, node).Select(from => Operation.Options[genotype[Edge(from, node)]] switch
            {
                "none" => "#",
                _ when nodes[from] == "#" => "#",
                "skip_connect" => nodes[from],
                var operation => $"({nodes[from]})@{operation}",
            });
            nodes[node] = string.Join('+', terms.Order(StringComparer.Ordinal));
        }

        return nodes[^1];
    }

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype)
    {
        var edges =
            from to in Enumerable.Range(1, Nodes - 1)
            from @from in Enumerable.Range(0, to)
            let operation = Operation.Options[genotype[Edge(@from, to)]]
            select new SketchEdge(@from, to, operation, IsZero: operation == "none");
        return [new("Cell", [new("input"), new("node 1"), new("node 2"), new("output")], [.. edges])];
    }

    public override void Decide(IChoices choices) => Read(choices);

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var groups = text.Split('+');
        if (groups.Length != Nodes - 1)
        {
            throw NotAGenotype($"'{text}' must be {Nodes - 1} groups of edges with '+' between, and is {groups.Length}");
        }

        var values = new Dictionary<string, int>();
        for (var node = 1; node < Nodes; node++)
        {
            var edges = groups[node - 1].Split('|');
            if (edges.Length != node + 2 || edges[0] != "" || edges[^1] != "")
            {
                throw NotAGenotype($"group {node}, '{groups[node - 1]}', must hold {node} edges between '|'");
            }

            for (var from = 0; from < node; from++)
            {
                if (edges[from + 1].Split('~') is not [var operation, var source] || source != $"{from}")
                {
                    throw NotAGenotype($"'{edges[from + 1]}' must be an operation followed by '~{from}'");
                }

                var value = Operation.Options.IndexOf(operation);
                values[Edge(from, node)] = value >= 0
                    ? value
                    : throw NotAGenotype($"'{operation}' is not an operation of it ({string.Join(", ", Operation.Options)})");
            }
        }

        return values;
    }

    private static string Edge(int from, int to) => $"edge{from}_{to}";

    private static string[,] Read(IChoices choices)
    {
        var operations = new string[Nodes, Nodes];
        for (var node = 1; node < Nodes; node++)
        {
            for (var from = 0; from < node; from++)
            {
                operations[from, node] = Operation.Options[choices.Choose(Edge(from, node), Operation)];
            }
        }

        return operations;
    }

    private static Layer Cell(LayerGraphBuilder graph, string name, Layer input, string[,] operations)
    {
        var nodes = new Layer[Nodes];
        nodes[0] = input;
        for (var node = 1; node < Nodes; node++)
        {
            var terms = new List<Layer>();
            for (var from = 0; from < node; from++)
            {
                var edge = $"{name}/{Edge(from, node)}";
                switch (operations[from, node])
                {
                    case "none":
                        // As the benchmark: the edge gives zeros, and what feeds it alone still has parameters.
                        terms.Add(graph.Add(edge, new Op.Zero(), nodes[from]));
                        break;
                    case "skip_connect":
                        terms.Add(nodes[from]);
                        break;
                    case "nor_conv_1x1":
                        terms.Add(ReluConvNorm(graph, edge, nodes[from], input.Shape.Channels, 1));
                        break;
                    case "nor_conv_3x3":
                        terms.Add(ReluConvNorm(graph, edge, nodes[from], input.Shape.Channels, 3));
                        break;
                    case "avg_pool_3x3":
                        terms.Add(graph.AvgPool(edge, nodes[from], 3));
                        break;
                }
            }

            nodes[node] = graph.Sum($"{name}/node{node}", terms);
        }

        return nodes[^1];
    }

    private static Layer ResidualBlock(LayerGraphBuilder graph, string name, Layer input, int channels)
    {
        var first = ReluConvNorm(graph, $"{name}/a", input, channels, 3, stride: 2);
        var second = ReluConvNorm(graph, $"{name}/b", first, channels, 3);
        var pooled = graph.Add($"{name}/shortcut/pool", new Op.AvgPool(2, 2, 0), input);
        var shortcut = graph.Conv($"{name}/shortcut/conv", pooled, channels, 1);
        return graph.Sum($"{name}/sum", [second, shortcut]);
    }

    private static Layer ReluConvNorm(LayerGraphBuilder graph, string name, Layer input, int channels, int kernel, int stride = 1)
    {
        var activated = graph.Relu($"{name}/relu", input);
        return graph.BatchNorm($"{name}/norm", graph.Conv($"{name}/conv", activated, channels, kernel, stride));
    }
}
