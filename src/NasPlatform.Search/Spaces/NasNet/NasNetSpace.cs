using System.Collections.Immutable;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces.Cells;

namespace NasPlatform.Search.Spaces.NasNet;

/// <summary>
/// The NASNet space (Zoph, Vasudevan, Shlens &amp; Le 2018, "Learning Transferable Architectures for Scalable Image Recognition", arXiv 1707.07012, §3, appendix A), which AmoebaNet shares
/// (Real et al. 2019, arXiv 1802.01548): a normal and a reduction cell of five nodes. A node chooses two earlier places (the outputs of the two cells before, or earlier nodes), an operation for
/// each, and whether the results are added or joined; the cell gives out the places that no node reads, joined.
/// </summary>
/// <remarks>
/// The networks are those of the released code. What that joins is part of a released cell and not always what is unread, so with <c>cells=released</c> it is decided, place by place, the last node
/// apart; there are no joins instead of sums. Left open by the paper: a joined node has 2F channels until an operation or the cell's output brings it to F; 1×7 then 7×1 strides across, then
/// down; where F is odd (11 in the first stem cell of the mobile network) the size is halved by a 1×1 convolution of stride 2, since a factorised reduction needs an even number. NASNet-B and C
/// have cells of another form. Images whose cells are smaller than 5×5 before the second reduction cell have no auxiliary classifier.
/// </remarks>
public sealed class NasNetSpace : PairCellSpace
{
    private const int PublishedNodes = 5;

    private static readonly Choice Combination = new("combination", ["add", "join"]);
    private static readonly Choice GivesOut = new("gives_out", ["no", "yes"]);

    private readonly int _nodes;
    private readonly bool _mayJoin;
    private readonly bool _choosesOutput;
    private readonly bool _isFinal;
    private readonly Choice _operation;
    private readonly NasNetNetwork _network;

    /// <param name="settings">
    /// <c>nodes</c> (B, 5), <c>cells</c> (<c>search</c>: as the paper's controller decides; <c>add</c>: sums only, as AmoebaNet; <c>released</c>: sums only, and what is given out is decided),
    /// <c>operations</c> (<c>nasnet</c>, <c>amoebanet</c> or <c>all</c>), <c>repeats</c> (N, 2), <c>filters</c> (F, 8), <c>stem</c> (<c>cifar</c> or <c>imagenet</c>), <c>stem_multiplier</c>
    /// (3; 1 in the mobile network), <c>skip_reduction_input</c> (<c>no</c>; <c>yes</c> in the large ImageNet network), <c>convolutions</c> (<c>plain</c>, or <c>bottleneck</c> as AmoebaNet's
    /// code has them), <c>network</c> (<c>search</c> or <c>final</c>), <c>drop_path</c> (of the last cell at the training's end: 0 in the search, 0.4 in the final network), <c>dropout</c>
    /// (before the classifier, 0), <c>auxiliary</c> (<c>no</c> in the search, <c>yes</c> in the final network: a second classifier, in training only).
    /// </param>
    public NasNetSpace(Settings settings)
    {
        _nodes = settings.Whole("nodes", PublishedNodes, 1, 12);
        var cells = settings.Word("cells", "search", "search", "add", "released");
        _mayJoin = cells == "search";
        _choosesOutput = cells == "released";
        var operations = settings.Word("operations", "nasnet", "nasnet", "amoebanet", "all");
        _operation = new("operation", operations switch
        {
            "nasnet" => NasNetCells.NasNetOperations,
            "amoebanet" => NasNetCells.AmoebaNetOperations,
            _ => NasNetCells.AllOperations,
        });
        var repeats = settings.Whole("repeats", 2, 1, 30);
        var filters = settings.Whole("filters", 8, 1, 1024);
        var isImageNet = settings.Word("stem", "cifar", "cifar", "imagenet") == "imagenet";
        if (isImageNet && filters % 4 != 0)
        {
            throw new UserErrorException($"Space 'nasnet': with stem=imagenet the stem's cells have a quarter and a half of the filters, so {filters} must be a multiple of 4.");
        }

        var stemMultiplier = settings.Whole("stem_multiplier", 3, 1, 12);
        var skipsReductionInput = settings.Word("skip_reduction_input", "no", "no", "yes") == "yes";
        var hasBottlenecks = settings.Word("convolutions", "plain", "plain", "bottleneck") == "bottleneck";
        _isFinal = settings.Word("network", "search", "search", "final") == "final";
        _network = new()
        {
            Repeats = repeats,
            Filters = filters,
            IsImageNet = isImageNet,
            StemMultiplier = stemMultiplier,
            SkipsReductionInput = skipsReductionInput,
            HasBottlenecks = hasBottlenecks,
            DropPath = settings.Real("drop_path", _isFinal ? 0.4 : 0, 0, 0.95),
            Dropout = settings.Real("dropout", 0, 0, 0.95),
            HasAuxiliary = settings.Word("auxiliary", _isFinal ? "yes" : "no", "no", "yes") == "yes",
        };
        settings.RefuseUnknown();
        Settings = settings.Effective;
        Text = new(_nodes, _operation.Options, _mayJoin, _choosesOutput ? 0 : null, NotAGenotype);
    }

    public override string Name => "nasnet";

    public override string Summary => "A normal and a reduction cell of five nodes, two inputs and two of thirteen operations each (Zoph et al. 2018, NASNet)";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        $"for each node operation@place+operation@place{(_mayJoin ? " (a comma for the plus joins instead of adding)" : "")}, place 0 being the output of the cell before, 1 that of the one before "
        + $"it, 2 the first node, {(_choosesOutput ? $"then out= and the places that the cell gives out, the last node among them, " : "")}first the normal cell, then / and the reduction cell, with "
        + $"{_nodes} nodes a cell, such as '{Text.Write(Example())}' for two";

    public override IReadOnlyList<SpacePreset> Presets =>
    [
        new("paper-search", "the space and the network of NASNet's search: N = 2, 32 filters", Of(2, 32)),
        new("paper-final", "NASNet-A 6 @ 768: the released cells' network for 32×32 images", Of(6, 32, ("cells", "released"), ("network", "final"))),
        new("imagenet-mobile", "NASNet-A 4 @ 1056: the released cells' network for phones and 224×224 images",
            Of(4, 44, ("cells", "released"), ("network", "final"), ("stem", "imagenet"), ("stem_multiplier", "1"), ("drop_path", "0"))),
        new("imagenet-large", "NASNet-A 6 @ 4032: the released cells' network for 331×331 images",
            Of(6, 168, ("cells", "released"), ("network", "final"), ("stem", "imagenet"), ("skip_reduction_input", "yes"), ("drop_path", "0.3"), ("dropout", "0.5"))),
        new("amoebanet-search", "the space and the network of AmoebaNet's search: sums only, eight operations, N = 3, 24 filters",
            Of(3, 24, ("cells", "add"), ("operations", "amoebanet"), ("convolutions", "bottleneck"))),
        new("amoebanet", "AmoebaNet's released cells among all operations, N = 6, 36 filters",
            Of(6, 36, ("cells", "released"), ("operations", "all"), ("convolutions", "bottleneck"), ("network", "final"))),
        new("small", "N = 1, 8 filters, for two CPU cores", Of(1, 8)),
        new("small-released", "the released cells with N = 1 and 8 filters, for two CPU cores", Of(1, 8, ("cells", "released"), ("operations", "all"))),
    ];

    /// <summary>The released cells; they say what is given out, so they are of the spaces in which that is decided.</summary>
    public override IReadOnlyDictionary<string, string> Published => _nodes == PublishedNodes && _choosesOutput
        ? NasNetCells.Released.Where(cells => Operations(cells.Value).All(_operation.Options.Contains)).ToDictionary()
        : new Dictionary<string, string>();

    /// <summary>The same cells, repeated three times as often, with drop path: the paper's 6 @ 768 for its search network of N = 2.</summary>
    public override SearchSpace Final => _isFinal
        ? this
        : new NasNetSpace(new($"Space '{Name}'", new Dictionary<string, string>(Settings)
        {
            ["repeats"] = $"{Math.Min(30, 3 * _network.Repeats)}",
            ["network"] = "final",
            ["drop_path"] = "0.4",
            ["auxiliary"] = "yes",
        }));

    private protected override PairCellText Text { get; }

    private protected override (string First, string Second) Inputs => ("newer output", "older output");

    private protected override LayerGraph Build(PairCell normal, PairCell reduction, TaskShape task) => _network.Build(normal, reduction, task);

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var cells = Text.Read(text);
        var values = new Dictionary<string, int>();
        Note("normal", cells[0]);
        Note("reduction", cells[1]);
        return values;

        void Note(string kind, PairCell cell)
        {
            for (var index = 0; index < _nodes; index++)
            {
                var (name, node) = ($"{kind}/node{index + 2}", cell.Nodes[index]);
                values[$"{name}/place1"] = node.First.From;
                values[$"{name}/place2"] = node.Second.From;
                values[$"{name}/op1"] = _operation.Options.IndexOf(node.First.Operation);
                values[$"{name}/op2"] = _operation.Options.IndexOf(node.Second.Operation);
                if (_mayJoin)
                {
                    values[$"{name}/combination"] = node.IsJoined ? 1 : 0;
                }
            }

            if (_choosesOutput)
            {
                var output = cell.Output.IsEmpty ? PairCell.Unused(cell.Nodes) : cell.Output;
                for (var place = 0; place <= _nodes; place++)
                {
                    values[$"{kind}/output/{place}"] = output.Contains(place) ? 1 : 0;
                }
            }
        }
    }

    private static IEnumerable<string> Operations(string text) => text.Split([' ', '+']).Where(word => word.Contains('@', StringComparison.Ordinal)).Select(word => word.Split('@')[0]);

    private static Dictionary<string, string> Of(int repeats, int filters, params ReadOnlySpan<(string Name, string Value)> others)
    {
        var settings = new Dictionary<string, string> { ["repeats"] = $"{repeats}", ["filters"] = $"{filters}" };
        foreach (var (name, value) in others)
        {
            settings[name] = value;
        }

        return settings;
    }

    private PairCell[] Example()
    {
        ImmutableArray<PairNode> nodes = [new(new("sep_conv_3x3", 0), new("identity", 1)), new(new("max_pool_3x3", 2), new("identity", 0), _mayJoin)];
        var cell = new PairCell(nodes, PairCell.Unused(nodes));
        return [cell, cell];
    }

    private protected override (PairCell Normal, PairCell Reduction) Read(IChoices choices)
    {
        var normal = Cell("normal");
        return (normal, Cell("reduction"));

        PairCell Cell(string kind)
        {
            ImmutableArray<PairNode> nodes = [.. Enumerable.Range(2, _nodes).Select(place => Node($"{kind}/node{place}", place))];
            return new(nodes, _choosesOutput ? [.. Enumerable.Range(0, _nodes + 1).Where(place => choices.Choose($"{kind}/output/{place}", GivesOut) == 1), _nodes + 1] : PairCell.Unused(nodes));
        }

        // The five steps of §3.
        PairNode Node(string name, int place)
        {
            var earlier = new Choice($"one_of_{place}_places", [.. Enumerable.Range(0, place).Select(number => $"{number}")]);
            var first = choices.Choose($"{name}/place1", earlier);
            var second = choices.Choose($"{name}/place2", earlier);
            var one = _operation.Options[choices.Choose($"{name}/op1", _operation)];
            var two = _operation.Options[choices.Choose($"{name}/op2", _operation)];
            return new(new(one, first), new(two, second), _mayJoin && choices.Choose($"{name}/combination", Combination) == 1);
        }
    }
}
