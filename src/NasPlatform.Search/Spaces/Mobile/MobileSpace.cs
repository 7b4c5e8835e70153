using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.Mobile;

/// <summary>
/// The space of ProxylessNAS (Cai, Zhu &amp; Han 2019, arXiv 1812.00332, §4.2) in the form of its released code: a chain of 21 mobile inverted bottlenecks, each with a kernel of 3, 5 or 7
/// and an expansion of 3 or 6; a block whose input has its output's shape may be left out (<c>Zero</c>), so the depth is searched too.
/// </summary>
/// <remarks>
/// The released networks were found at other widths than the code's defaults: those for GPU and CPU at 1.35 and 1.12 times them, the one for phones with 32 instead of 24 filters in the first
/// stage. The strides for small images are ours: the stem's and the first stage's are 1, so 32×32 pixels become 4×4.
/// </remarks>
public sealed class MobileSpace : SearchSpace
{
    private const string Zero = "Zero";
    private const int PublishedCells = 4;

    /// <summary>The operations of a block that cannot be left out, in the order of the released code.</summary>
    public static readonly Choice Operation = new("operation", ["3x3_MBConv3", "3x3_MBConv6", "5x5_MBConv3", "5x5_MBConv6", "7x7_MBConv3", "7x7_MBConv6"]);

    /// <summary>Those of a block that can.</summary>
    public static readonly Choice OperationOrZero = new("operation_or_zero", Operation.Options.Add(Zero));

    private static readonly int[] PaperWidths = [24, 40, 80, 96, 192, 320];
    private static readonly int[] LargeStrides = [2, 2, 2, 1, 2, 1];
    private static readonly int[] SmallStrides = [1, 2, 2, 1, 2, 1];

    private readonly double _width;
    private readonly bool _isLarge;
    private readonly double _dropout;
    private readonly MobileBlock[] _blocks;

    /// <param name="settings">
    /// <c>width</c> (1, what all filters are multiplied by), <c>widths</c> (24,40,80,96,192,320: filters of the six stages), <c>cells</c> (blocks of a stage but the last, which has one; 4),
    /// <c>resolution</c> (<c>32</c> or <c>224</c>: the strides that suit images of about that side), <c>dropout</c> (before the classifier, 0).
    /// </param>
    public MobileSpace(Settings settings)
    {
        _width = settings.Real("width", 1, 0.1, 4);
        var widths = settings.Wholes("widths", PaperWidths, 8, 4096);
        if (widths.Length != PaperWidths.Length)
        {
            throw new UserErrorException($"Space 'mobile': setting 'widths' has {widths.Length} numbers; it must have one for each of the {PaperWidths.Length} stages.");
        }

        var cells = settings.Whole("cells", PublishedCells, 1, 12);
        _isLarge = settings.Word("resolution", "32", "32", "224") == "224";
        _dropout = settings.Real("dropout", 0, 0, 0.95);
        settings.RefuseUnknown();
        Settings = settings.Effective;
        _blocks = [.. Blocks(widths, cells)];
    }

    public override string Name => "mobile";

    public override string Summary => "Chain of inverted bottlenecks with searched kernels, expansions and depth (Cai et al. 2019, ProxylessNAS)";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        $"one word a block, {_blocks.Length} in all, with spaces between: {string.Join(", ", Operation.Options)}, or {Zero} where the block's input has the shape of its output";

    public override IReadOnlyList<SpacePreset> Presets =>
    [
        new("paper", "the network of the paper's search, for images of 224×224", new Dictionary<string, string> { ["width"] = "1", ["resolution"] = "224" }),
        new("proxyless-gpu", "the widths of the released network for GPUs", new Dictionary<string, string> { ["width"] = "1.35", ["resolution"] = "224" }),
        new("proxyless-cpu", "the widths of the released network for CPUs", new Dictionary<string, string> { ["width"] = "1.12", ["resolution"] = "224" }),
        new("proxyless-mobile", "the widths of the released network for phones", new Dictionary<string, string> { ["widths"] = "32,40,80,96,192,320", ["resolution"] = "224" }),
        new("small", "a third of the width, 2 blocks a stage, for images of 32×32 and two CPU cores", new Dictionary<string, string> { ["width"] = "0.35", ["cells"] = "2", ["resolution"] = "32" }),
    ];

    /// <summary>The released networks; each in its own widths, which the preset of its name sets.</summary>
    public override IReadOnlyDictionary<string, string> Published => _blocks.Length != (5 * PublishedCells) + 1
        ? new Dictionary<string, string>()
        : new Dictionary<string, string>
        {
            ["proxyless-gpu"] =
                "5x5_MBConv3 Zero Zero Zero 7x7_MBConv3 Zero Zero 3x3_MBConv3 7x7_MBConv6 Zero Zero 5x5_MBConv3 5x5_MBConv6 Zero 3x3_MBConv3 5x5_MBConv3 "
                + "7x7_MBConv6 7x7_MBConv6 7x7_MBConv6 5x5_MBConv6 7x7_MBConv6",
            ["proxyless-cpu"] =
                "3x3_MBConv6 3x3_MBConv3 3x3_MBConv3 3x3_MBConv3 3x3_MBConv6 3x3_MBConv3 3x3_MBConv3 5x5_MBConv3 3x3_MBConv6 Zero Zero 3x3_MBConv3 "
                + "5x5_MBConv6 3x3_MBConv3 3x3_MBConv3 3x3_MBConv3 5x5_MBConv6 5x5_MBConv3 5x5_MBConv3 3x3_MBConv3 5x5_MBConv6",
            ["proxyless-mobile"] =
                "5x5_MBConv3 3x3_MBConv3 Zero Zero 7x7_MBConv3 3x3_MBConv3 5x5_MBConv3 5x5_MBConv3 7x7_MBConv6 5x5_MBConv3 5x5_MBConv3 5x5_MBConv3 "
                + "5x5_MBConv6 5x5_MBConv3 5x5_MBConv3 5x5_MBConv3 7x7_MBConv6 7x7_MBConv6 7x7_MBConv3 7x7_MBConv3 7x7_MBConv6",
        };

    public override bool SharesByName => true;

    public override LayerGraph Build(IChoices choices, TaskShape task) => Assemble(task, (graph, block, input) =>
    {
        var operation = Ask(choices, block);
        return operation == Zero ? input : Operate(graph, block, operation, input, skips: true);
    });

    /// <summary>
    /// All candidates of every block, mixed by the row of its decision's name (§3.1; released code), and the input added where the block may be left out, which <c>Zero</c> leaves alone then. The paper
    /// runs one sampled path at a time, by gates (§3.2).
    /// </summary>
    protected override LayerGraph? Relax(TaskShape task) => Assemble(task, (graph, block, input) =>
    {
        var options = Options(block).Options;
        var mixed = graph.Add($"{block.Name}/mix", new Op.Mix(DecisionName(block)), [.. options.Select(operation => operation == Zero
            ? graph.Add($"{block.Name}/{Zero}", new Op.Zero(), input)
            : Operate(graph, block, operation, input, skips: false))]);
        return block.MayVanish ? graph.Sum($"{block.Name}/sum", [input, mixed]) : mixed;
    });

    public override IReadOnlyList<string> MixtureOf(string row) => Options(_blocks.Single(block => DecisionName(block) == row)).Options;

    /// <summary>Each block's operation of the largest parameter; of equals the first.</summary>
    public override Genotype Discretise(IReadOnlyDictionary<string, double[]> alphas) => FromValues(_blocks.ToDictionary(DecisionName, block =>
    {
        var row = RowOf(alphas, DecisionName(block), Options(block).Options.Length);
        return Array.IndexOf(row, row.Max());
    }));

    private LayerGraph Assemble(TaskShape task, Func<LayerGraphBuilder, MobileBlock, Layer, Layer> addBlock)
    {
        var graph = new LayerGraphBuilder(task) { Norm = new(1e-3) };
        var x = graph.ConvNormRelu("stem", graph.Input, MobileWidth.Round(32, _width), 3, _isLarge ? 2 : 1, ActivationKind.Relu6);
        x = graph.InvertedResidual("first", x, MobileWidth.Round(16, _width), 3, expansion: 1, activation: ActivationKind.Relu6, skips: false);
        foreach (var block in _blocks)
        {
            x = addBlock(graph, block, x);
        }

        x = graph.ConvNormRelu("last", x, _width > 1 ? MobileWidth.Round(1280, _width) : 1280, 1, activation: ActivationKind.Relu6);
        return graph.Finish(graph.Classifier(x, _dropout));
    }

    public override string Format(Genotype genotype) => string.Join(' ', genotype.Decisions.Select(decision => decision.Option));

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype)
    {
        var nodes = genotype.Decisions.Zip(_blocks, (decision, block) => new SketchNode(
            block.Name, $"{(decision.Option == Zero ? "left out" : decision.Option)} · {block.Filters} filters{(block.Stride == 1 ? "" : $" · stride {block.Stride}")}"));
        return [new("Blocks", [new("stem"), .. nodes, new("classifier")], [.. Enumerable.Range(0, _blocks.Length + 1).Select(from => new SketchEdge(from, from + 1))])];
    }

    public override void Decide(IChoices choices)
    {
        foreach (var block in _blocks)
        {
            Ask(choices, block);
        }
    }

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != _blocks.Length)
        {
            throw NotAGenotype($"it has {words.Length} blocks, the space has {_blocks.Length}");
        }

        return _blocks.Zip(words).ToDictionary(pair => DecisionName(pair.First), pair =>
        {
            var value = Options(pair.First).Options.IndexOf(pair.Second);
            return value >= 0
                ? value
                : throw NotAGenotype($"'{pair.Second}', {pair.First.Name}, must be one of {string.Join(", ", Options(pair.First).Options)}");
        });
    }

    private static Choice Options(MobileBlock block) => block.MayVanish ? OperationOrZero : Operation;

    private static string Ask(IChoices choices, MobileBlock block) => Options(block).Options[choices.Choose(DecisionName(block), Options(block))];

    private static string DecisionName(MobileBlock block) => $"{block.Name}/operation";

    private static Layer Operate(LayerGraphBuilder graph, MobileBlock block, string operation, Layer input, bool skips)
    {
        var (kernel, expansion) = (operation[0] - '0', operation[^1] - '0');
        return graph.InvertedResidual($"{block.Name}/{operation}", input, block.Filters, kernel, expansion, block.Stride, ActivationKind.Relu6, skips: skips);
    }

    private IEnumerable<MobileBlock> Blocks(int[] widths, int cells)
    {
        var number = 0;
        var before = MobileWidth.Round(16, _width);
        for (var stage = 0; stage < widths.Length; stage++)
        {
            var filters = MobileWidth.Round(widths[stage], _width);
            for (var cell = 0; cell < (stage == widths.Length - 1 ? 1 : cells); cell++)
            {
                var stride = cell == 0 ? (_isLarge ? LargeStrides : SmallStrides)[stage] : 1;
                yield return new($"block{++number}", filters, stride, MayVanish: stride == 1 && filters == before);
                before = filters;
            }
        }
    }

    /// <param name="Name">Its place.</param>
    /// <param name="Filters">What it gives out.</param>
    /// <param name="Stride">1 or 2.</param>
    /// <param name="MayVanish">Whether its output has its input's shape: then it is added to it, or left out.</param>
    private sealed record MobileBlock(string Name, int Filters, int Stride, bool MayVanish);
}
