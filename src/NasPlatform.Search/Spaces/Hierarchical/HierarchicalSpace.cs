using System.Collections.Immutable;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.Hierarchical;

/// <summary>
/// The hierarchical representation of Liu, Simonyan, Vinyals, Fernando &amp; Kavukcuoglu, "Hierarchical Representations for Efficient Architecture Search" (2018, arXiv 1711.00436, §2, §3.1,
/// §3.2, §4.1). A motif of level ℓ is a graph whose edges carry motifs of level ℓ − 1, or none; level 1 are six primitives, the one motif of the top level is the cell. A node joins what its
/// edges bring along the channels. The experiments have three levels: six motifs of four nodes, a cell of five. The flat baseline is one motif of eleven nodes over the primitives.
/// </summary>
/// <remarks>
/// The paper leaves open, and here it is so:
/// <list type="bullet">
/// <item>A node that no edge feeds is absent, and so are the edges from it; a motif without its last node passes its input on. Nodes that do not lead to the last are not built.</item>
/// <item>Depthwise convolution, pooling and identity keep their input's channels; the 1×1 and the separable convolution give as many as the cell takes in.</item>
/// <item>Each motif below the top level is followed by a 1×1 convolution to as many channels as the motif takes in, with batch norm and ReLU as all convolutions have. Nothing stands between the two
/// convolutions of a separable one.</item>
/// <item>The genotype that initial ones are mutations of is a chain of identities at each level.</item>
/// <item>The network: a 3×3 convolution, three resolutions, and after every cell a separable convolution, to twice the channels at stride 2 where a resolution ends. How often the large net repeats
/// a cell (here twice) and the small net's channels (here 16) are unverified; 128 channels are those of one of the published large nets.</item>
/// </list>
/// Nodes that join without a 1×1 or separable convolution double the channels from node to node: up to 2^(n − 2) times as many at node n, 512 for the flat baseline's eleven.
/// </remarks>
public sealed class HierarchicalSpace : SearchSpace
{
    /// <summary>The operations of level 1; the paper does not number them.</summary>
    public static readonly Choice Primitive = new(
        "primitive", ["none", "conv_1x1", "depthwise_conv_3x3", "separable_conv_3x3", "max_pool_3x3", "avg_pool_3x3", "identity"]);

    private const int None = 0;
    private const int Resolutions = 3;

    /// <summary>Levels 2 to L.</summary>
    private readonly ImmutableArray<Level> _levels;
    private readonly bool _isFlat;
    private readonly bool _isLarge;
    private readonly int _channels;
    private readonly int _repeats;
    private readonly int _mutations;

    /// <param name="settings">
    /// <c>flat</c> (<c>no</c>; <c>yes</c> for the baseline without levels), <c>motifs</c> (of level 2, 6; of no effect if flat), <c>motif_nodes</c> (4; likewise), <c>cell_nodes</c> (5; 11 if flat), <c>network</c> (<c>small</c>, that of
    /// the search, or <c>large</c>), <c>channels</c> (of the first cell, 16; 128 if large), <c>repeats</c> (of the cell in each of three resolutions, 1; 2 if large), <c>mutations</c> (that make an
    /// initial genotype from identities, 1000).
    /// </param>
    public HierarchicalSpace(Settings settings)
    {
        _isFlat = settings.Word("flat", "no", "no", "yes") == "yes";
        var motifs = settings.Whole("motifs", 6, 1, 9);
        var motifNodes = settings.Whole("motif_nodes", 4, 2, 8);
        var cellNodes = settings.Whole("cell_nodes", _isFlat ? 11 : 5, 2, 12);
        _isLarge = settings.Word("network", "small", "small", "large") == "large";
        _channels = settings.Whole("channels", _isLarge ? 128 : 16, 1, 1024);
        _repeats = settings.Whole("repeats", _isLarge ? 2 : 1, 1, 20);
        _mutations = settings.Whole("mutations", 1000, 0, 1_000_000);
        settings.RefuseUnknown();
        Settings = settings.Effective;

        var motif = new Choice("motif", ["none", .. Enumerable.Range(1, motifs).Select(number => $"motif{number}")]);
        _levels = _isFlat
            ? [new(2, 1, cellNodes, Primitive, Primitive.Options.IndexOf("identity"))]
            : [new(2, motifs, motifNodes, Primitive, Primitive.Options.IndexOf("identity")), new(3, 1, cellNodes, motif, 1)];
    }

    public override string Name => "hierarchical";

    public override string Summary => "Cell of motifs of primitives (Liu et al. 2018), or flat, without motifs";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        $"a word for each motif and one for the cell: for node 2, 3, ... a digit for the edge from each earlier node, with '/' between nodes. Digits: {Digits(Primitive)}"
        + (_isFlat ? "" : "; in the cell the number of a motif, 0 none")
        + $". For example '{Format(Trivial)}'";

    public override IReadOnlyList<SpacePreset> Presets =>
    [
        new("paper", "the paper's space: six motifs of four nodes, a cell of five", Of()),
        new("paper-flat", "the paper's baseline without levels: one motif of eleven nodes", Of(("flat", "yes"))),
        new("paper-large", "a large net such as the paper transfers cells to: 128 channels (repeats unverified)", Of(("network", "large"))),
        new("small", "8 channels, for two CPU cores", Of(("channels", "8"))),
    ];

    /// <summary>The same cell in a large net: twice in each resolution, with eight times the channels, as 128 are to 16.</summary>
    public override SearchSpace Final => _isLarge
        ? this
        : new HierarchicalSpace(new($"Space '{Name}'", new Dictionary<string, string>(Settings)
        {
            ["network"] = "large",
            ["channels"] = $"{Math.Min(1024, 8 * _channels)}",
            ["repeats"] = $"{Math.Min(20, 2 * _repeats)}",
        }));

    /// <summary>The genotype of identities: at each level a chain of them.</summary>
    public Genotype Trivial => FromValues(TrivialValues());

    public override LayerGraph Build(IChoices choices, TaskShape task)
    {
        var levels = Read(choices);
        var graph = new LayerGraphBuilder(task);
        var channels = _channels;
        var x = graph.ConvNormRelu("stem", graph.Input, channels, 3);
        for (var resolution = 1; resolution <= Resolutions; resolution++)
        {
            for (var repeat = 1; repeat <= _repeats; repeat++)
            {
                var name = $"resolution{resolution}/cell{repeat}";
                x = new Assembly(graph, levels, channels).Assemble(name, levels[^1][0], x);
                var isEnd = repeat == _repeats && resolution < Resolutions;
                channels = isEnd ? 2 * channels : channels;
                x = graph.SeparableNormRelu($"{name}/separable", x, channels, 3, stride: isEnd ? 2 : 1);
            }
        }

        return graph.Finish(graph.Classifier(x));
    }

    public override string Format(Genotype genotype) => string.Join(' ', Read(genotype).SelectMany(level => level).Select(motif =>
        string.Join('/', Enumerable.Range(2, motif.Nodes - 1).Select(to => string.Concat(Enumerable.Range(1, to - 1).Select(from => motif[from, to]))))));

    /// <summary>
    /// Identities changed by many random mutations (§3.2): after the paper's 1,000 nearly a uniform draw of encodings.
    /// </summary>
    public override Genotype Sample(RandomSource random)
    {
        var values = TrivialValues();
        for (var mutation = 0; mutation < _mutations; mutation++)
        {
            Mutate(values, random);
        }

        return FromValues(values);
    }

    /// <summary>
    /// The paper's mutation (§3.1): a level, one of its motifs, a node other than the first, an earlier node, an operation for the edge between, each uniform. So it adds, alters or removes an
    /// edge, or draws what is there already.
    /// </summary>
    public override Genotype Mutate(Genotype parent, RandomSource random)
    {
        var values = parent.ToDictionary();
        Mutate(values, random);
        return FromValues(values);
    }

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype)
    {
        var levels = Read(genotype);
        return [.. levels.SelectMany((motifs, index) => motifs.Select(motif => Sketch(motif, _levels[index])))];

        Sketch Sketch(Motif motif, Level level)
        {
            var edges =
                from to in Enumerable.Range(2, motif.Nodes - 1)
                from @from in Enumerable.Range(1, to - 1)
                where motif[@from, to] != None
                select new SketchEdge(@from - 1, to - 1, level.Operation.Options[motif[@from, to]]);
            var title = level == _levels[^1] ? "Cell" : $"Motif {motif.Number}";
            SketchNode[] nodes = [new("input"), .. Enumerable.Range(2, motif.Nodes - 2).Select(node => new SketchNode($"node {node}")), new("output")];
            return new(motif.IsConnected ? title : $"{title} (passes its input on)", [.. nodes], [.. edges]);
        }
    }

    public override void Decide(IChoices choices) => Read(choices);

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var motifs = _levels.Sum(level => level.Motifs);
        if (words.Length != motifs)
        {
            throw NotAGenotype($"it has {words.Length} words, not {motifs}");
        }

        var values = new Dictionary<string, int>();
        var next = 0;
        foreach (var level in _levels)
        {
            for (var motif = 1; motif <= level.Motifs; motif++)
            {
                ParseMotif(words[next++], level, motif, values);
            }
        }

        return values;
    }

    private void ParseMotif(string word, Level level, int motif, Dictionary<string, int> values)
    {
        var nodes = word.Split('/');
        if (nodes.Length != level.Nodes - 1)
        {
            throw NotAGenotype($"word '{word}' tells of {nodes.Length} nodes, not {level.Nodes - 1}");
        }

        for (var to = 2; to <= level.Nodes; to++)
        {
            var digits = nodes[to - 2];
            if (digits.Length != to - 1)
            {
                throw NotAGenotype($"node {to} of '{word}' has {digits.Length} digits, not {to - 1}");
            }

            for (var from = 1; from < to; from++)
            {
                var value = digits[from - 1] - '0';
                values[EdgeName(level, motif, from, to)] = value >= 0 && value < level.Operation.Options.Length
                    ? value
                    : throw NotAGenotype($"node {to} of '{word}' has '{digits[from - 1]}' at digit {from}, not 0 to {level.Operation.Options.Length - 1}");
            }
        }
    }

    private void Mutate(Dictionary<string, int> values, RandomSource random)
    {
        // Without levels the first draw is skipped.
        var level = _levels.Length == 1 ? _levels[0] : _levels[random.Next(_levels.Length)];
        var motif = 1 + random.Next(level.Motifs);
        var to = 2 + random.Next(level.Nodes - 1);
        var from = 1 + random.Next(to - 1);
        values[EdgeName(level, motif, from, to)] = random.Next(level.Operation.Options.Length);
    }

    private Dictionary<string, int> TrivialValues()
    {
        var values = new Dictionary<string, int>();
        foreach (var level in _levels)
        {
            for (var motif = 1; motif <= level.Motifs; motif++)
            {
                foreach (var (from, to) in level.Edges())
                {
                    values[EdgeName(level, motif, from, to)] = from == to - 1 ? level.Identity : None;
                }
            }
        }

        return values;
    }

    private ImmutableArray<Motif>[] Read(Genotype genotype) => Read(Replay(genotype.ToDictionary()));

    private ImmutableArray<Motif>[] Read(IChoices choices) =>
        [.. _levels.Select(level => Enumerable.Range(1, level.Motifs).Select(motif => Read(choices, level, motif)).ToImmutableArray())];

    private static Motif Read(IChoices choices, Level level, int number)
    {
        var operations = new int[level.Nodes + 1, level.Nodes + 1];
        foreach (var (from, to) in level.Edges())
        {
            operations[from, to] = choices.Choose(EdgeName(level, number, from, to), level.Operation);
        }

        return new(level.Number, number, level.Nodes, operations);
    }

    private static string EdgeName(Level level, int motif, int from, int to) => $"level{level.Number}/motif{motif}/edge{from}_{to}";

    private static string Digits(Choice choice) => string.Join(", ", choice.Options.Select((option, digit) => $"{digit} {option}"));

    private static Dictionary<string, string> Of(params (string Name, string Value)[] settings) => settings.ToDictionary(setting => setting.Name, setting => setting.Value);

    /// <param name="Number">ℓ.</param>
    /// <param name="Motifs">M_ℓ.</param>
    /// <param name="Nodes">|G^(ℓ)|.</param>
    /// <param name="Operation">What an edge can carry: none, or something of the level below.</param>
    /// <param name="Identity">Which of them passes a value on.</param>
    private sealed record Level(int Number, int Motifs, int Nodes, Choice Operation, int Identity)
    {
        public IEnumerable<(int From, int To)> Edges() => Enumerable.Range(2, Nodes - 1).SelectMany(to => Enumerable.Range(1, to - 1).Select(from => (from, to)));
    }

    /// <summary>G_m^(ℓ): which operation each edge carries, nodes counted from 1.</summary>
    private sealed class Motif(int level, int number, int nodes, int[,] operations)
    {
        public int Level => level;

        public int Number => number;

        public int Nodes => nodes;

        public int this[int from, int to] => operations[from, to];

        /// <summary>Whether the last node gets anything.</summary>
        public bool IsConnected
        {
            get
            {
                var isFed = new bool[nodes + 1];
                isFed[1] = true;
                for (var to = 2; to <= nodes; to++)
                {
                    isFed[to] = Enumerable.Range(1, to - 1).Any(from => isFed[from] && operations[from, to] != None);
                }

                return isFed[nodes];
            }
        }
    }

    /// <summary>Puts motifs together in one cell (§2.2).</summary>
    private sealed class Assembly(LayerGraphBuilder graph, ImmutableArray<Motif>[] levels, int channels)
    {
        /// <summary>arch = assemble(G, o).</summary>
        public Layer Assemble(string name, Motif motif, Layer input)
        {
            var nodes = new Layer?[motif.Nodes + 1];
            nodes[1] = input;
            for (var to = 2; to <= motif.Nodes; to++)
            {
                var brought = new List<Layer>();
                for (var from = 1; from < to; from++)
                {
                    if (motif[from, to] != None && nodes[from] is { } node)
                    {
                        brought.Add(Operate($"{name}/edge{from}_{to}", motif.Level - 1, motif[from, to], node));
                    }
                }

                // merge
                nodes[to] = brought.Count == 0 ? null : graph.PadAndConcat($"{name}/node{to}", brought);
            }

            return nodes[^1] ?? input;
        }

        private Layer Operate(string name, int level, int operation, Layer input) => level == 1
            ? Primitive.Options[operation] switch
            {
                "conv_1x1" => graph.ConvNormRelu(name, input, channels, 1),
                "depthwise_conv_3x3" => graph.Relu($"{name}/relu", graph.ConvNorm(name, input, input.Shape.Channels, 3, groups: input.Shape.Channels)),
                "separable_conv_3x3" => graph.SeparableNormRelu(name, input, channels, 3),
                "max_pool_3x3" => graph.MaxPool(name, input, 3),
                "avg_pool_3x3" => graph.AvgPool(name, input, 3),
                _ => input,
            }
            : graph.ConvNormRelu($"{name}/follow", Assemble(name, levels[level - 2][operation - 1], input), input.Shape.Channels, 1);
    }
}
