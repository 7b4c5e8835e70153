using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.Enas;

/// <summary>
/// The micro space of ENAS (Pham, Guan, Zoph, Le &amp; Dean 2018, arXiv 1802.03268, §2.4): a normal and a reduction cell of B nodes. Nodes 1 and 2 are the outputs of the two cells before;
/// each later node picks two earlier ones and an operation for each, and adds what they give. Nodes that nobody reads, the two inputs among them, are joined into the cell's output.
/// </summary>
/// <remarks>
/// Two networks, as the released code has them. In that of the search (6 normal and 2 reduction cells, 20 filters) all candidates share weights by name: an operation has weights of its own
/// for each node, side and node that is read; loose ends are brought to the cell's filters by a 1×1 convolution each, added and normalised; the size is halved before the reduction cell,
/// whose operations have stride 1. In the final one (15 and 2, 36 filters) loose ends are concatenated and operations on the inputs of a reduction cell have stride 2. Batch norm's epsilon
/// is 0.001 throughout, where the code has 0.00001 in the shared separable convolutions. Windows of stride 2 are padded alike on both sides, where TensorFlow pads
/// below and right. The final network has an auxiliary classifier after the cell behind the second reduction cell, its full layer without a bias as the classifier's.
/// </remarks>
public sealed class EnasMicroSpace : SearchSpace
{
    /// <summary>The operations in the order of the released code's numbers.</summary>
    public static readonly Choice Operation = new("operation", ["sep_conv_3x3", "sep_conv_5x5", "avg_pool_3x3", "max_pool_3x3", "identity"]);

    private const int PublishedNodes = 7;

    private static readonly string[] Cells = ["normal", "reduction"];

    private readonly int _nodes;
    private readonly int _cells;
    private readonly int _channels;
    private readonly bool _isFinal;
    private readonly double _dropout;
    private readonly double _dropPath;

    /// <param name="settings">
    /// <c>nodes</c> (B, 7, counting the two inputs), <c>cells</c> (normal cells, 6), <c>channels</c> (20, the filters of the first cell; doubled by each reduction), <c>network</c>
    /// (<c>search</c> or <c>final</c>), <c>dropout</c> (before the classifier: 0.1 in the search, 0.2 in the final network), <c>drop_path</c> (of the last cell at the training's end: 0 in
    /// the search, 0.4 in the final network).
    /// </param>
    public EnasMicroSpace(Settings settings)
    {
        _nodes = settings.Whole("nodes", PublishedNodes, 3, 20);
        _cells = settings.Whole("cells", 6, 1, 60);
        _channels = settings.Whole("channels", 20, 1, 1024);
        _isFinal = settings.Word("network", "search", "search", "final") == "final";
        _dropout = settings.Real("dropout", _isFinal ? 0.2 : 0.1, 0, 0.95);
        _dropPath = settings.Real("drop_path", _isFinal ? 0.4 : 0, 0, 0.95);
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "enas-micro";

    public override string Summary => "A normal and a reduction cell of seven nodes, two inputs and two operations each (Pham et al. 2018, ENAS)";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        $"the released code's arc: for each node but the two inputs the place it reads (0 the older input, 1 the newer, 2 the first node, ...), the operation's number "
        + $"({string.Join(", ", Operation.Options.Select((operation, number) => $"{number} {operation}"))}) and the same again, first the normal cell, then the reduction cell, such as "
        + "'0 2 0 0 0 0 1 1' for one node a cell";

    public override IReadOnlyList<SpacePreset> Presets =>
    [
        new("paper-search", "the network of the paper's search: 6 normal cells of 20 filters", Of(6, 20, "search")),
        new("paper-final", "the network of the paper's final training: 15 normal cells of 36 filters", Of(15, 36, "final")),
        new("small", "3 normal cells of 8 filters, for two CPU cores", Of(3, 8, "search")),
    ];

    public override IReadOnlyDictionary<string, string> Published => _nodes != PublishedNodes
        ? new Dictionary<string, string>()
        : new Dictionary<string, string> { ["ENAS-micro"] = "0 2 0 0 0 4 0 1 0 4 1 1 1 0 0 1 0 2 1 1 1 0 1 0 0 3 0 2 1 1 3 1 1 0 0 4 0 3 1 1" };

    /// <summary>The paper counts (5·(B − 2)!)⁴, as if a node picked its two inputs among the nodes before it only.</summary>
    public override string PrintedSize
    {
        get
        {
            var nodes = Enumerable.Range(1, _nodes - 2).Aggregate(BigInteger.One, (product, node) => product * node);
            return string.Create(CultureInfo.InvariantCulture, $"(5·(B − 2)!)⁴ = {BigInteger.Pow(5 * nodes, 4):N0} for B = {_nodes}");
        }
    }

    /// <summary>The same cells in the final network: as many more and as much wider as the paper's 15 cells of 36 filters are than its 6 of 20.</summary>
    public override SearchSpace Final => _isFinal
        ? this
        : new EnasMicroSpace(new($"Space '{Name}'", new Dictionary<string, string>(Of(Math.Min(60, _cells * 5 / 2), Math.Min(1024, Math.Max(1, _channels * 9 / 5)), "final")) { ["nodes"] = $"{_nodes}" }));

    public override bool SharesByName => !_isFinal;

    public override LayerGraph Build(IChoices choices, TaskShape task)
    {
        var cells = Read(choices);
        var graph = new LayerGraphBuilder(task) { Norm = new(1e-3) };
        var channels = _channels;
        var older = graph.ConvNorm("stem", graph.Input, 3 * channels, 3);
        var newer = older;
        Layer? auxiliary = null;
        var secondReduction = (2 * (_cells / 3)) + 2;
        for (var number = 1; number <= _cells + 2; number++)
        {
            var name = $"layer{number}";
            var isReduction = number == (_cells / 3) + 1 || number == secondReduction;
            channels = isReduction ? 2 * channels : channels;
            if (isReduction && !_isFinal)
            {
                (older, newer) = (newer, graph.FactorizedReduction($"{name}/reduce", newer, channels));
            }

            var places = Calibrate(graph, $"{name}/calibrate", older, newer, channels);
            var cell = cells[isReduction ? 1 : 0];
            var output = _isFinal ? FinalCell(graph, name, places, cell, isReduction ? 2 : 1, number) : SharedCell(graph, name, places, cell);
            (older, newer) = (newer, output);
            auxiliary = _isFinal && number == secondReduction + 1 ? graph.AuxiliaryClassifier(newer, bias: false) : auxiliary;
        }

        return graph.Finish(graph.Classifier(graph.Relu("classifier/relu", newer), _dropout, bias: false), auxiliary);
    }

    public override string Format(Genotype genotype) => string.Join(' ', Read(genotype).SelectMany(cell => cell).SelectMany(node => new[] { node.X, node.Y })
        .Select(side => $"{side.From} {side.Operation}"));

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype) => [.. Read(genotype).Select((cell, index) => Sketch(cell, index == 0 ? "Normal cell" : "Reduction cell"))];

    public override void Decide(IChoices choices) => Read(choices);

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var arc = new EnasArc(text, Cells.Length * (_nodes - 2) * 4, reason => NotAGenotype($"{reason} for {_nodes} nodes"));
        var values = new Dictionary<string, int>();
        foreach (var (cell, node, side) in Sides())
        {
            values[InputName(cell, node, side)] = arc.Next(node - 1, $"what node {node} of the {cell} cell reads");
            values[OperationName(cell, node, side)] = arc.Next(Operation.Options.Length, $"an operation of node {node} of the {cell} cell");
        }

        return values;

        IEnumerable<(string Cell, int Node, string Side)> Sides() =>
            from cell in Cells
            from node in Enumerable.Range(3, _nodes - 2)
            from side in new[] { "x", "y" }
            select (cell, node, side);
    }

    // Both inputs in the cell's size and filters; released code, _maybe_calibrate_size.
    private static List<Layer> Calibrate(LayerGraphBuilder graph, string name, Layer older, Layer newer, int channels)
    {
        if (older.Shape.Height != newer.Shape.Height || older.Shape.Width != newer.Shape.Width)
        {
            older = graph.FactorizedReduction($"{name}/older", graph.Relu($"{name}/older/relu", older), channels);
        }
        else if (older.Shape.Channels != channels)
        {
            older = graph.ReluConvNorm($"{name}/older", older, channels, 1);
        }

        return [older, newer.Shape.Channels == channels ? newer : graph.ReluConvNorm($"{name}/newer", newer, channels, 1)];
    }

    private static Layer SharedCell(LayerGraphBuilder graph, string name, List<Layer> places, ImmutableArray<MicroNode> cell)
    {
        var channels = places[0].Shape.Channels;
        foreach (var node in cell)
        {
            var nodeName = $"{name}/node{places.Count + 1}";
            places.Add(graph.Add($"{nodeName}/sum", new Op.Add(), Operate($"{nodeName}/x", node.X), Operate($"{nodeName}/y", node.Y)));
        }

        var outputs = LooseEnds(cell).Select(place =>
        {
            var end = $"{name}/output/from{place + 1}";
            return graph.Conv($"{end}/conv", graph.Relu($"{end}/relu", places[place]), channels, 1);
        });
        return graph.BatchNorm($"{name}/output/norm", graph.Sum($"{name}/output/sum", [.. outputs]));

        Layer Operate(string side, MicroSide choice) =>
            Apply(graph, $"{side}/{Operation.Options[choice.Operation]}/from{choice.From + 1}", choice.Operation, places[choice.From], 1);
    }

    private Layer FinalCell(LayerGraphBuilder graph, string name, List<Layer> places, ImmutableArray<MicroNode> cell, int stride, int number)
    {
        var channels = places[0].Shape.Channels;
        places[1] = graph.ReluConvNorm($"{name}/base", places[1], channels, 1);
        foreach (var node in cell)
        {
            var nodeName = $"{name}/node{places.Count + 1}";
            places.Add(graph.Add($"{nodeName}/sum", new Op.Add(), Operate($"{nodeName}/x", node.X), Operate($"{nodeName}/y", node.Y)));
        }

        return graph.PadAndConcat($"{name}/output", [.. LooseEnds(cell).Select(place =>
            stride == 2 && place < 2 ? graph.FactorizedReduction($"{name}/output/from{place + 1}", places[place], channels) : places[place])]);

        Layer Operate(string side, MicroSide choice)
        {
            var branch = $"{side}/{Operation.Options[choice.Operation]}";
            var result = Apply(graph, branch, choice.Operation, places[choice.From], choice.From < 2 ? stride : 1);
            var drop = _dropPath * number / (_cells + 2);
            return choice.Operation == 4 || drop == 0 ? result : graph.Add($"{branch}/drop", new Op.DropPath(drop), result);
        }
    }

    private static Layer Apply(LayerGraphBuilder graph, string name, int operation, Layer input, int stride)
    {
        var channels = input.Shape.Channels;
        return operation switch
        {
            0 => graph.SeparableTwice(name, input, channels, 3, stride, channels),
            1 => graph.SeparableTwice(name, input, channels, 5, stride, channels),
            2 => graph.AvgPool(name, input, 3, stride),
            3 => graph.MaxPool(name, input, 3, stride),
            _ => stride == 1 ? input : graph.FactorizedReduction(name, input, channels),
        };
    }

    private static int[] LooseEnds(ImmutableArray<MicroNode> cell) =>
        EnasArc.LooseEnds(cell.Length + 2, cell.SelectMany(node => new[] { node.X.From, node.Y.From }));

    private static Sketch Sketch(ImmutableArray<MicroNode> cell, string title)
    {
        // Place p is node p + 1 of the sketch: before the two inputs lies what is common to them.
        var nodes = cell.Select((_, index) => new SketchNode($"node {index + 3}"));
        var edges = cell.SelectMany((node, index) => new[] { node.X, node.Y }.Select(side => new SketchEdge(side.From + 1, index + 3, Operation.Options[side.Operation])));
        var ends = LooseEnds(cell).Select(place => new SketchEdge(place + 1, cell.Length + 3));
        return new(
            title, [new("cells before"), new("node 1", "older output"), new("node 2", "newer output"), .. nodes, new("output")], [new(0, 1), new(0, 2), .. edges, .. ends]);
    }

    private static string InputName(string cell, int node, string side) => $"{cell}/node{node}/{side}/input";

    private static string OperationName(string cell, int node, string side) => $"{cell}/node{node}/{side}/operation";

    private static Dictionary<string, string> Of(int cells, int channels, string network) =>
        new() { ["cells"] = $"{cells}", ["channels"] = $"{channels}", ["network"] = network };

    private ImmutableArray<MicroNode>[] Read(Genotype genotype) => Read(Replay(genotype.ToDictionary()));

    // Asks as the paper's controller does: both inputs, then both operations.
    private ImmutableArray<MicroNode>[] Read(IChoices choices)
    {
        return [.. Cells.Select(cell => Enumerable.Range(3, _nodes - 2).Select(node => Node(cell, node)).ToImmutableArray())];

        MicroNode Node(string cell, int node)
        {
            var earlier = new Choice($"input_of_{node - 1}", [.. Enumerable.Range(0, node - 1).Select(place => $"{place}")]) { IsOfPlaces = true };
            var x = choices.Choose(InputName(cell, node, "x"), earlier);
            var y = choices.Choose(InputName(cell, node, "y"), earlier);
            return new(
                new(x, choices.Choose(OperationName(cell, node, "x"), Operation)), new(y, choices.Choose(OperationName(cell, node, "y"), Operation)));
        }
    }

    private readonly record struct MicroNode(MicroSide X, MicroSide Y);

    /// <param name="From">The place that is read, 0 the older input.</param>
    /// <param name="Operation">By its number.</param>
    private readonly record struct MicroSide(int From, int Operation);
}
