using System.Collections.Immutable;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces.Cells;

namespace NasPlatform.Search.Spaces.Darts;

/// <summary>
/// The convolutional space of DARTS (Liu, Simonyan &amp; Yang 2019, "DARTS: Differentiable Architecture Search", arXiv 1806.09055, §2.1, §2.4, §3.1.1) in its discrete form: a normal and a
/// reduction cell of four nodes; a node adds two of the earlier places (the outputs of the two cells before, and earlier nodes), each after one of seven operations; a cell gives out its nodes,
/// joined. The eighth operation, <c>none</c>, is of the mixture only that a search by gradient weighs (<see cref="Relax"/>).
/// </summary>
/// <remarks>
/// In a search by other means than gradients each genotype is a network of its own, of 8 cells and 16 channels as the paper's search network. With
/// <c>rules=any</c> a node may read one place twice, there are operations of other papers' cells, and what a cell gives out is decided, node by node: so DARTS's released code writes those cells.
/// The auxiliary classifier of large images is that of small ones; images whose cells are smaller than 5×5 there have none.
/// </remarks>
public sealed class DartsSpace : PairCellSpace
{
    /// <summary>What a mixture weighs on each edge, in the order of the released code.</summary>
    public static readonly ImmutableArray<string> MixtureOperations = DartsCells.MixtureOperations;

    private const int PaperNodes = 4;

    private static readonly Choice GivesOut = new("gives_out", ["no", "yes"]);

    private readonly int _nodes;
    private readonly bool _keepsRules;
    private readonly bool _isFinal;
    private readonly Choice _operation;
    private readonly Choice[] _places;
    private readonly DartsNetwork _network;

    /// <param name="settings">
    /// <c>nodes</c> (4), <c>rules</c> (<c>darts</c>, or <c>any</c>), <c>cells</c> (8, the reduction cells among them), <c>channels</c> (C, 16), <c>stem</c> (<c>cifar</c> or <c>imagenet</c>),
    /// <c>network</c> (<c>search</c> or <c>final</c>), <c>drop_path</c> (at the training's end: 0 in the search, 0.2 in the final network), <c>auxiliary</c> (<c>no</c> in the search, <c>yes</c>
    /// in the final network: a second classifier, in training only).
    /// </param>
    public DartsSpace(Settings settings)
    {
        _nodes = settings.Whole("nodes", PaperNodes, 1, 12);
        _keepsRules = settings.Word("rules", "darts", "darts", "any") == "darts";
        var cells = settings.Whole("cells", 8, 3, 60);
        var channels = settings.Whole("channels", 16, 1, 1024);
        var isImageNet = settings.Word("stem", "cifar", "cifar", "imagenet") == "imagenet";
        if (isImageNet && channels % 2 != 0)
        {
            throw new UserErrorException($"Space 'darts': with stem=imagenet the stem begins with half of the channels, so {channels} must be even.");
        }

        _isFinal = settings.Word("network", "search", "search", "final") == "final";
        _network = new()
        {
            Cells = cells,
            Channels = channels,
            IsImageNet = isImageNet,
            DropPath = settings.Real("drop_path", _isFinal ? 0.2 : 0, 0, 0.95),
            HasAuxiliary = settings.Word("auxiliary", _isFinal ? "yes" : "no", "no", "yes") == "yes",
        };
        settings.RefuseUnknown();
        Settings = settings.Effective;
        _operation = new("operation", _keepsRules ? DartsCells.Operations : DartsCells.AllOperations);
        _places = [.. Enumerable.Range(2, _nodes).Select(PairsOf)];
        Text = new(_nodes, _operation.Options, mayJoin: false, _keepsRules ? null : 2, NotAGenotype);
    }

    public override string Name => "darts";

    public override string Summary => "A normal and a reduction cell of four nodes, two earlier places and one of seven operations each (Liu et al. 2019, DARTS)";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        $"for each node operation@place+operation@place{(_keepsRules ? " with two different places" : "")}, place 0 being the output of the cell before the last, 1 that of the last, 2 the first "
        + $"node, {(_keepsRules ? "" : $"then, where not all nodes are given out, out= and those that are, the last among them, ")}first the normal cell, then / and the reduction cell, with "
        + $"{_nodes} nodes a cell, such as '{Text.Write(Example())}' for two";

    public override IReadOnlyList<SpacePreset> Presets =>
    [
        new("paper-search", "the size of the paper's search network: 8 cells of 16 channels", Of(8, 16)),
        new("paper-final", "the paper's network for 32×32 images: 20 cells of 36 channels", Of(20, 36, ("network", "final"))),
        new("imagenet", "the paper's network for 224×224 images: 14 cells of 48 channels", Of(14, 48, ("network", "final"), ("stem", "imagenet"), ("drop_path", "0"))),
        new("other-papers", "five nodes without the rules: the cells of NASNet, AmoebaNet, PNASNet and ENAS as DARTS's code writes them", Of(8, 16, ("nodes", "5"), ("rules", "any"))),
        new("small", "5 cells of 8 channels, for two CPU cores", Of(5, 8)),
    ];

    public override IReadOnlyDictionary<string, string> Published =>
        DartsCells.Published.Where(cells => cells.Nodes == _nodes && (cells.KeepsRules || !_keepsRules)).ToDictionary(cells => cells.Name, cells => cells.Text);

    public override string? PrintedSize => _nodes == PaperNodes && _keepsRules ? "about 10⁹ cells of each kind, 10¹⁸ pairs of them" : null;

    /// <summary>The same cells in the final network: as many more and as much wider as the paper's 20 cells of 36 channels are than its 8 of 16.</summary>
    public override SearchSpace Final => _isFinal
        ? this
        : new DartsSpace(new($"Space '{Name}'", new Dictionary<string, string>(Settings)
        {
            ["cells"] = $"{Math.Min(60, _network.Cells * 5 / 2)}",
            ["channels"] = $"{Math.Min(1024, _network.Channels * 9 / 8 * 2)}",
            ["network"] = "final",
            ["drop_path"] = "0.2",
            ["auxiliary"] = "yes",
        }));

    /// <summary>How many edges a cell of the mixture has: each node has one from every earlier place.</summary>
    public static int Edges(int nodes) => Row(nodes, 0);

    /// <summary>The row of an edge in a table of mixture weights: node by node, then place by place.</summary>
    /// <param name="node">From 0.</param>
    /// <param name="place">From 0, the first input.</param>
    public static int Row(int node, int place) => (node * (node + 3) / 2) + place;

    /// <summary>
    /// The search network of the paper (§2.2, released code) at this space's cells and channels, without drop path: each edge of a cell mixes eight operations, by the rows
    /// <c>normal/node2/edge0</c>, <c>normal/node2/edge1</c>, <c>normal/node3/edge0</c>, ... that all normal cells share, and <c>reduction/...</c>. Null with <c>rules=any</c> and for the final network.
    /// </summary>
    protected override LayerGraph? Relax(TaskShape task) => _keepsRules && !_isFinal ? _network.Relax(_nodes, task) : null;

    public override IReadOnlyList<string> MixtureOf(string row) => MixtureOperations;

    public override Genotype Discretise(IReadOnlyDictionary<string, double[]> alphas)
    {
        return Discretise(Shares(isReduction: false), Shares(isReduction: true));

        double[][] Shares(bool isReduction) =>
        [
            .. from node in Enumerable.Range(2, _nodes)
               from place in Enumerable.Range(0, node)
               select Softmax(RowOf(alphas, DartsNetwork.RowName(isReduction, node, place), MixtureOperations.Length)),
        ];

        static double[] Softmax(double[] row)
        {
            var exponentials = row.Select(value => Math.Exp(value - row.Max())).ToList();
            return [.. exponentials.Select(value => value / exponentials.Sum())];
        }
    }

    /// <summary>
    /// The genotype that mixture weights stand for (§2.4): a node keeps, of its edges, the two whose largest weight of an operation other than <c>none</c> is largest, and on each that operation.
    /// Of equals the first is kept.
    /// </summary>
    /// <param name="normal">The normal cell's weights, <c>[<see cref="Edges"/>][8]</c> by <see cref="Row"/> and <see cref="MixtureOperations"/>: softmaxes, with <c>none</c> in them.</param>
    /// <param name="reduction">The reduction cell's.</param>
    /// <exception cref="ArgumentException">A table has another shape.</exception>
    public Genotype Discretise(double[][] normal, double[][] reduction) => FromValues(Values(Cell(normal, nameof(normal)), Cell(reduction, nameof(reduction))));

    private protected override PairCellText Text { get; }

    private protected override (string First, string Second) Inputs => ("older output", "newer output");

    private protected override LayerGraph Build(PairCell normal, PairCell reduction, TaskShape task) => _network.Build(normal, reduction, task);

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var cells = Text.Read(text);
        return Values(Ordered(cells[0], "normal"), Ordered(cells[1], "reduction"));

        // The two of a node can be written in either order.
        PairCell Ordered(PairCell cell, string kind) => cell with
        {
            Nodes =
            [
                .. cell.Nodes.Select((node, index) => node.First.From > node.Second.From ? new PairNode(node.Second, node.First)
                    : node.First.From < node.Second.From || !_keepsRules ? node
                    : throw NotAGenotype($"node {index + 2} of the {kind} cell, '{node.First}+{node.Second}', reads one place twice, and must read two")),
            ],
        };
    }

    private static Dictionary<string, string> Of(int cells, int channels, params ReadOnlySpan<(string Name, string Value)> others)
    {
        var settings = new Dictionary<string, string> { ["cells"] = $"{cells}", ["channels"] = $"{channels}" };
        foreach (var (name, value) in others)
        {
            settings[name] = value;
        }

        return settings;
    }

    private Choice PairsOf(int places)
    {
        var pairs =
            from first in Enumerable.Range(0, places)
            from second in Enumerable.Range(0, places)
            where _keepsRules ? first < second : first <= second
            select $"{first},{second}";
        return new($"two_of_{places}_places", [.. pairs]);
    }

    private PairCell Cell(double[][] weights, string parameter)
    {
        if (weights.Length != Edges(_nodes) || weights.Any(row => row.Length != MixtureOperations.Length))
        {
            throw new ArgumentException($"The weights must be {Edges(_nodes)} rows of {MixtureOperations.Length} for {_nodes} nodes.", parameter);
        }

        return new([.. Enumerable.Range(0, _nodes).Select(Node)], []);

        PairNode Node(int node)
        {
            var kept = Enumerable.Range(0, node + 2).Select(place => (Place: place, Operation: Strongest(weights[Row(node, place)])))
                .OrderByDescending(edge => weights[Row(node, edge.Place)][edge.Operation]).Take(2) // a stable sort
                .OrderBy(edge => edge.Place).Select(edge => new Branch(MixtureOperations[edge.Operation], edge.Place)).ToList();
            return new(kept[0], kept[1]);
        }

        static int Strongest(double[] row) => Enumerable.Range(1, row.Length - 1).MaxBy(operation => row[operation]);
    }

    private Dictionary<string, int> Values(PairCell normal, PairCell reduction)
    {
        var values = new Dictionary<string, int>();
        Note("normal", normal);
        Note("reduction", reduction);
        return values;

        void Note(string kind, PairCell cell)
        {
            for (var index = 0; index < _nodes; index++)
            {
                var (name, node) = ($"{kind}/node{index + 2}", cell.Nodes[index]);
                values[$"{name}/places"] = _places[index].Options.IndexOf($"{node.First.From},{node.Second.From}");
                values[$"{name}/op1"] = _operation.Options.IndexOf(node.First.Operation);
                values[$"{name}/op2"] = _operation.Options.IndexOf(node.Second.Operation);
            }

            if (!_keepsRules)
            {
                for (var place = 2; place <= _nodes; place++)
                {
                    values[$"{kind}/output/{place}"] = cell.Output.IsEmpty || cell.Output.Contains(place) ? 1 : 0;
                }
            }
        }
    }

    private static PairCell[] Example()
    {
        var cell = new PairCell([new(new("sep_conv_3x3", 0), new("skip_connect", 1)), new(new("max_pool_3x3", 0), new("sep_conv_5x5", 2))], [2, 3]);
        return [cell, cell];
    }

    private protected override (PairCell Normal, PairCell Reduction) Read(IChoices choices)
    {
        var normal = Cell("normal");
        return (normal, Cell("reduction"));

        PairCell Cell(string kind)
        {
            ImmutableArray<PairNode> nodes = [.. Enumerable.Range(0, _nodes).Select(index => Node($"{kind}/node{index + 2}", _places[index]))];
            return new(
                nodes, [.. Enumerable.Range(2, _nodes - 1).Where(place => _keepsRules || choices.Choose($"{kind}/output/{place}", GivesOut) == 1), _nodes + 1]);
        }

        PairNode Node(string name, Choice places)
        {
            var pair = places.Options[choices.Choose($"{name}/places", places)].Split(',');
            var one = _operation.Options[choices.Choose($"{name}/op1", _operation)];
            var two = _operation.Options[choices.Choose($"{name}/op2", _operation)];
            return new(new(one, int.Parse(pair[0])), new(two, int.Parse(pair[1])));
        }
    }
}
