using System.Collections.Immutable;
using System.Globalization;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.AutoDlDesign;

/// <summary>
/// The space of PaddlePaddle's AutoDL Design: a normal and a reduction cell, each as ids of operations and an adjacency matrix. A node adds the earlier nodes that its column names, or reads
/// the cell's input where that is empty; nodes that nobody reads are concatenated. So every draw is a network. Three stages of cells; the first of the second and third is the reduction cell.
/// </summary>
/// <remarks>
/// Facts of the released code (PaddlePaddle/AutoDL, folder AutoDL Design) that its article does not tell: convolutions carry biases; a dilated convolution of stride 2 is not dilated; where
/// the size is halved, a pooling and a pair of convolutions are followed by a 1×1 convolution to twice the channels. Here as in the article the rectifier is leaky, with slope 0.1; the
/// code's function of batch norm and rectifier calls the plain one. Padding is symmetric and does not enter averages, where the code pads strided windows right and below. The six released
/// HiNAS networks are sequences of operations of another set, without cells, so they are not of this space.
/// </remarks>
public sealed class AutoDlDesignSpace : SearchSpace
{
    /// <summary>The operations in the order of the released code's ids.</summary>
    public static readonly Choice Operation = new(
        "operation",
        ["conv_1x1", "conv_3x3", "conv_5x5", "dilated_3x3", "conv_1x3_3x1", "conv_1x5_5x1", "maxpool_3x3", "maxpool_5x5", "avgpool_3x3", "avgpool_5x5"]);

    private const int PublishedNodes = 10;

    private static readonly string[] Cells = ["normal", "reduction"];

    private readonly int _nodes;
    private readonly int _width;
    private readonly int _stages;
    private readonly int _cells;
    private readonly int _ratio;
    private readonly double _dropout;

    /// <param name="settings">
    /// <c>nodes</c> (of a cell, 10), <c>width</c> (channels of the first stage, 64; each later stage has twice as many), <c>stages</c> (3), <c>cells</c> (of a stage, 3), <c>ratio</c> (a
    /// node has the cell's channels divided by this, 4), <c>dropout</c> (before the classifier, 0.5).
    /// </param>
    public AutoDlDesignSpace(Settings settings)
    {
        _nodes = settings.Whole("nodes", PublishedNodes, 1, 30);
        _width = settings.Whole("width", 64, 1, 1024);
        _stages = settings.Whole("stages", 3, 1, 6);
        _cells = settings.Whole("cells", 3, 1, 30);
        _ratio = settings.Whole("ratio", 4, 1, 64);
        if (_ratio > _width)
        {
            throw new UserErrorException($"Space 'autodl-design': a node has the width divided by the ratio as channels, and {_width} divided by {_ratio} is less than 1.");
        }

        _dropout = settings.Real("dropout", 0.5, 0, 0.95);
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "autodl-design";

    public override string Summary => "A normal and a reduction cell as operation ids and adjacency bits (PaddlePaddle, AutoDL Design)";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        $"the normal cell and the reduction cell, each as ids of the nodes' operations ({string.Join(", ", Operation.Options.Select((operation, id) => $"{id} {operation}"))}) with commas "
        + "between, a colon, and for each node but the first one bit for each node before it, with dots between the nodes, such as '0,1,2,3:1.01.100 6,1,1,0:0.00.001' for four nodes";

    public override IReadOnlyList<SpacePreset> Presets =>
    [
        new("paper", "the released code's network: 3 stages of 3 cells, 64 channels", Of(64, 3)),
        new("inception-like", "the network of the published cells: 3 stages of 7 cells, 96 channels", Of(96, 7)),
        new("small", "3 stages of one cell, 32 channels, for two CPU cores", Of(32, 1)),
    ];

    public override IReadOnlyDictionary<string, string> Published => _nodes != PublishedNodes
        ? new Dictionary<string, string>()
        : new Dictionary<string, string>
        {
            ["inception-like"] = "1,6,2,0,1,0,6,1,6,0:0.00.001.0000.00000.000000.0000000.00000000.000000001 2,3,2,3,2,2,3,3,0,2:0.00.000.0000.00000.001001.0000000.00000100.010000000",
        };

    public override LayerGraph Build(IChoices choices, TaskShape task)
    {
        var cells = Read(choices);
        var graph = new LayerGraphBuilder(task) { Norm = new(1e-3) };
        var x = Conv(graph, "stem", graph.Input, _width, 3);
        for (var number = 0; number < _stages * _cells; number++)
        {
            var isReduction = number > 0 && number % _cells == 0;
            x = Cell(graph, $"cell{number + 1}", x, cells[isReduction ? 1 : 0], isReduction);
        }

        return graph.Finish(graph.Classifier(NormRelu(graph, "last", x), _dropout));
    }

    public override string Format(Genotype genotype) => string.Join(' ', Read(genotype).Select(cell =>
        $"{string.Join(',', cell.Select(node => node.Operation))}:{string.Join('.', cell.Skip(1).Select(node => string.Concat(node.Inputs.Select(isRead => isRead ? '1' : '0'))))}"));

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype) => [.. Read(genotype).Select((cell, index) => Sketch(cell, index == 0 ? "Normal cell" : "Reduction cell"))];

    public override void Decide(IChoices choices) => Read(choices);

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != Cells.Length)
        {
            throw NotAGenotype($"'{text}' has {words.Length} cells, not {Cells.Length}");
        }

        var values = new Dictionary<string, int>();
        foreach (var (cell, word) in Cells.Zip(words))
        {
            if (word.Split(':') is not [var ids, var matrix])
            {
                throw NotAGenotype($"the {cell} cell, '{word}', must be ids and bits with one colon between");
            }

            ParseIds(cell, ids.Split(','), values);
            ParseBits(cell, _nodes == 1 && matrix == "" ? [] : matrix.Split('.'), values);
        }

        return values;
    }

    // Keeps the channels; twice as many where the size is halved.
    private static Layer Operate(LayerGraphBuilder graph, string node, int operation, Layer x, bool halves)
    {
        var name = $"{node}/{Operation.Options[operation]}";
        var channels = x.Shape.Channels;
        var stride = halves ? 2 : 1;
        return operation switch
        {
            0 => Conv(graph, name, x, Widened(), 1, stride),
            1 => Conv(graph, name, x, Widened(), 3, stride),
            2 => Conv(graph, name, x, Widened(), 5, stride),
            3 => Conv(graph, name, x, Widened(), 3, stride, halves ? 1 : 2),
            4 => Pair(3),
            5 => Pair(5),
            6 => Widen(graph.MaxPool($"{name}/pool", x, 3, stride)),
            7 => Widen(graph.MaxPool($"{name}/pool", x, 5, stride)),
            8 => Widen(graph.AvgPool($"{name}/pool", x, 3, stride)),
            _ => Widen(graph.AvgPool($"{name}/pool", x, 5, stride)),
        };

        int Widened() => halves ? 2 * channels : channels;

        Layer Pair(int side)
        {
            var across = Conv(graph, $"{name}/across", x, channels, new(1, side), new(1, stride));
            return Widen(Conv(graph, $"{name}/down", across, channels, new(side, 1), new(stride, 1)));
        }

        Layer Widen(Layer result) => halves ? Conv(graph, $"{name}/widen", result, Widened(), 1) : result;
    }

    private static Layer Conv(LayerGraphBuilder graph, string name, Layer input, int channels, Extent kernel, Extent? stride = null, Extent? dilation = null) =>
        graph.Conv($"{name}/conv", input, channels, kernel, stride, dilation, bias: true);

    private static Layer NormRelu(LayerGraphBuilder graph, string name, Layer input) =>
        graph.Add($"{name}/relu", new Op.Activation(ActivationKind.LeakyRelu), graph.BatchNorm($"{name}/norm", input));

    private static IEnumerable<int> FreeEnds(ImmutableArray<CellNode> cell) =>
        Enumerable.Range(0, cell.Length).Where(node => !cell.Skip(node + 1).Any(later => later.Inputs[node]));

    private static Sketch Sketch(ImmutableArray<CellNode> cell, string title)
    {
        var nodes = cell.Select((node, index) => new SketchNode($"node {index}", Operation.Options[node.Operation]));
        var edges = cell.SelectMany((node, index) => node.IsRoot
            ? [new SketchEdge(0, index + 1)]
            : Enumerable.Range(0, index).Where(earlier => node.Inputs[earlier]).Select(earlier => new SketchEdge(earlier + 1, index + 1)));
        var ends = FreeEnds(cell).Select(node => new SketchEdge(node + 1, cell.Length + 1));
        return new(title, [new("input"), .. nodes, new("output")], [.. edges, .. ends]);
    }

    private static Dictionary<string, string> Of(int width, int cells) => new() { ["width"] = $"{width}", ["cells"] = $"{cells}" };

    private Layer Cell(LayerGraphBuilder graph, string name, Layer input, ImmutableArray<CellNode> cell, bool halves)
    {
        var channels = input.Shape.Channels / _ratio;
        var outputs = new List<Layer>();
        foreach (var node in cell)
        {
            var nodeName = $"{name}/node{outputs.Count}";
            if (node.IsRoot)
            {
                var x = Conv(graph, $"{nodeName}/in", NormRelu(graph, $"{nodeName}/in", input), channels, 1);
                outputs.Add(Operate(graph, nodeName, node.Operation, NormRelu(graph, nodeName, x), halves));
            }
            else
            {
                var sum = graph.Sum($"{nodeName}/sum", [.. outputs.Where((_, earlier) => node.Inputs[earlier])]);
                outputs.Add(Operate(graph, nodeName, node.Operation, NormRelu(graph, nodeName, sum), halves: false));
            }
        }

        var ends = graph.PadAndConcat($"{name}/join", [.. FreeEnds(cell).Select(node => outputs[node])]);
        return Conv(graph, $"{name}/out", ends, halves ? 2 * input.Shape.Channels : input.Shape.Channels, 1);
    }

    private void ParseIds(string cell, string[] ids, Dictionary<string, int> values)
    {
        if (ids.Length != _nodes)
        {
            throw NotAGenotype($"the {cell} cell has {ids.Length} ids, not {_nodes}");
        }

        for (var node = 0; node < _nodes; node++)
        {
            values[$"{cell}/node{node}/operation"] = int.TryParse(ids[node], NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id < Operation.Options.Length
                ? id
                : throw NotAGenotype($"'{ids[node]}', the id of node {node} of the {cell} cell, must be a whole number from 0 to {Operation.Options.Length - 1}");
        }
    }

    private void ParseBits(string cell, string[] columns, Dictionary<string, int> values)
    {
        if (columns.Length != _nodes - 1)
        {
            throw NotAGenotype($"the {cell} cell has the bits of {columns.Length} nodes, not of the {_nodes - 1} after the first");
        }

        for (var node = 1; node < _nodes; node++)
        {
            var bits = columns[node - 1];
            if (bits.Length != node || bits.Any(bit => bit is not ('0' or '1')))
            {
                throw NotAGenotype($"'{bits}', the inputs of node {node} of the {cell} cell, must be {node} times 0 or 1");
            }

            for (var earlier = 0; earlier < node; earlier++)
            {
                values[$"{cell}/node{node}/input/{earlier}"] = bits[earlier] - '0';
            }
        }
    }

    private ImmutableArray<CellNode>[] Read(Genotype genotype) => Read(Replay(genotype.ToDictionary()));

    // In the generator's order: the bits of a node, then its id.
    private ImmutableArray<CellNode>[] Read(IChoices choices)
    {
        return [.. Cells.Select(cell => Enumerable.Range(0, _nodes).Select(node => Node($"{cell}/node{node}", node)).ToImmutableArray())];

        CellNode Node(string name, int node)
        {
            var inputs = choices.Connect($"{name}/input", node);
            return new([.. inputs], choices.Choose($"{name}/operation", Operation));
        }
    }

    /// <param name="Inputs">Whether each earlier node is read: the node's column of the adjacency matrix.</param>
    /// <param name="Operation">By its id.</param>
    private readonly record struct CellNode(ImmutableArray<bool> Inputs, int Operation)
    {
        public bool IsRoot => !Inputs.Contains(true);
    }
}
