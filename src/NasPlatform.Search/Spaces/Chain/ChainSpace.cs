using System.Collections.Concurrent;
using System.Collections.Immutable;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.Chain;

/// <summary>
/// The convolution sequence of Zoph &amp; Le, "Neural Architecture Search with Reinforcement Learning" (arXiv 1611.01578, §3.1, §3.3,
/// §4.1): for each layer a filter height and width, a stride height and width and a number of filters, then one anchor-point
/// decision for each earlier layer. Three rules make every draw a network: a layer that nothing feeds reads the image; outputs that
/// nothing reads are joined before the classifier; what is joined is padded with zeros to the largest. Generation stops at a limit of
/// layers, which may grow by two after so many proposals (§4.1: it starts at 6 and grows after every 1,600). Max pooling may stand at fixed places.
/// </summary>
/// <remarks>
/// The paper does not print how the padding lies around a smaller image (here: centred) nor what stands between the joined outputs and
/// the softmax (here: global average pooling and one full layer).
/// </remarks>
public sealed class ChainSpace : SearchSpace
{
    /// <summary>Layers that the limit grows by (§4.1).</summary>
    private const int Growth = 2;

    private const int MostLayers = 50;

    private readonly ConcurrentDictionary<int, SearchSpace> _grown = [];
    private readonly int _layers;
    private readonly int _grow;
    private readonly int _more;
    private readonly bool _hasImageAnchor;
    private readonly int[] _pools;
    private readonly Choice _filterHeight;
    private readonly Choice _filterWidth;
    private readonly Choice _strideHeight;
    private readonly Choice _strideWidth;
    private readonly Choice _filters;

    /// <param name="settings">
    /// <c>layers</c> (6, where the paper's depth schedule starts), <c>kernels</c> (1,3,5,7), <c>strides</c> (1,2,3: the paper's when strides
    /// are predicted; 1 for its first experiments), <c>filters</c> (24,36,48,64), <c>grow</c> (proposals after which two layers are added, 0 for never; the paper's 1600),
    /// <c>pools</c> (layers after which a 2×2 max pooling of stride 2 stands; none), <c>more_filters</c> (added to each layer's filters, 0; the paper's widest network has 40),
    /// <c>image_anchor</c> (no; yes: the image too is an anchor that can feed any layer, j = 0 in §3.3's formula).
    /// </param>
    public ChainSpace(Settings settings)
    {
        _layers = settings.Whole("layers", 6, 1, MostLayers);
        var kernels = settings.Wholes("kernels", [1, 3, 5, 7], 1, 31);
        if (kernels.FirstOrDefault(kernel => kernel % 2 == 0) is var even and > 0)
        {
            throw new UserErrorException($"Space 'chain': kernel side {even} is even; filters are centred on a pixel, so give odd sides.");
        }

        var strides = settings.Wholes("strides", [1, 2, 3], 1, 8);
        var filters = settings.Wholes("filters", [24, 36, 48, 64], 1, 4096);
        _grow = settings.Whole("grow", 0, 0, 1_000_000);
        _pools = settings.Wholes("pools", [], 1, MostLayers);
        _more = settings.Whole("more_filters", 0, 0, 4096);
        _hasImageAnchor = settings.Word("image_anchor", "no", "no", "yes") == "yes";
        settings.RefuseUnknown();
        Settings = settings.Effective;

        _filterHeight = Of("filter_height", kernels);
        _filterWidth = Of("filter_width", kernels);
        _strideHeight = Of("stride_height", strides);
        _strideWidth = Of("stride_width", strides);
        _filters = Of("filters", filters);

        static Choice Of(string kind, int[] values) => new(kind, [.. values.Select(value => $"{value}")]);
    }

    public override string Name => "chain";

    public override string Summary => "Convolution sequence with skip connections by anchor points (Zoph & Le 2017)";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        "one word a layer, <filter height>x<filter width>/<stride height>x<stride width>/<filters>, then @ and the earlier layers that feed it (0 is the image, where it is an anchor), "
        + "such as '3x3/1x1/36 5x5/2x2/48@1 3x3/1x1/64@1,2'";

    public override IReadOnlyList<SpacePreset> Presets { get; } =
    [
        new("small", "Four narrow layers that keep the image's size or halve it: trains on two cores", new Dictionary<string, string>
        {
            ["layers"] = "4", ["kernels"] = "1,3,5", ["strides"] = "1,2", ["filters"] = "8,16,24,32",
        }),
        new("v1", "The paper's first network: 15 layers, no strides (Table 1: 4.2 M parameters)", new Dictionary<string, string> { ["layers"] = "15", ["strides"] = "1" }),
        new("v2", "Strides predicted, 20 layers (Table 1: 2.5 M parameters)", new Dictionary<string, string> { ["layers"] = "20" }),
        new("search", "The paper's search: from 6 layers, two more after every 1,600 proposals, no strides", new Dictionary<string, string> { ["layers"] = "6", ["strides"] = "1", ["grow"] = "1600" }),
        new("v3 filters", "Max pooling after layers 13 and 24 of 39 and 40 more filters a layer, as the table says of v3; how its 39 layers came to be is unverified", new Dictionary<string, string>
        {
            ["layers"] = "39", ["strides"] = "1", ["pools"] = "13,24", ["more_filters"] = "40",
        }),
    ];

    /// <summary>The limit of layers when the n-th architecture is proposed.</summary>
    public override SearchSpace At(int proposal) => _grow == 0 ? this : Of(Math.Min(_layers + (Growth * ((proposal - 1) / _grow)), MostLayers));

    public override SearchSpace Holding(IReadOnlyDictionary<string, int> values) =>
        _grow == 0 ? this : Of(Math.Clamp(values.Keys.Count(name => name.EndsWith($"/{_filters.Kind}", StringComparison.Ordinal)), _layers, MostLayers));

    public override LayerGraph Build(IChoices choices, TaskShape task)
    {
        var graph = new LayerGraphBuilder(task);
        var outputs = new List<Layer>();
        var isRead = new bool[_layers];
        foreach (var layer in Read(choices))
        {
            var name = $"layer{outputs.Count + 1}";
            foreach (var earlier in layer.Inputs.Where(earlier => earlier != Image))
            {
                isRead[earlier] = true;
            }

            var input = layer.Inputs.IsEmpty
                ? graph.Input
                : graph.PadAndConcat($"{name}/join", [.. layer.Inputs.Select(earlier => earlier == Image ? graph.Input : outputs[earlier])]);
            var convolved = graph.Conv($"{name}/conv", input, layer.Filters + _more, layer.Kernel, layer.Stride);
            var output = graph.Relu($"{name}/relu", graph.BatchNorm($"{name}/norm", convolved));
            outputs.Add(_pools.Contains(outputs.Count + 1) ? graph.Add($"{name}/pool", new Op.MaxPool(2, 2, 0), output) : output);
        }

        var unread = outputs.Where((_, index) => !isRead[index]).ToList();
        return graph.Finish(graph.Classifier(graph.PadAndConcat("classifier/join", unread)));
    }

    public override string Format(Genotype genotype)
    {
        var values = genotype.ToDictionary();
        return string.Join(' ', Layers(values).Select(Word));

        static string Word(ChainLayer layer)
        {
            var word = $"{layer.Kernel}/{layer.Stride}/{layer.Filters}";
            return layer.Inputs.IsEmpty ? word : $"{word}@{string.Join(',', layer.Inputs.Select(earlier => earlier + 1))}"; // the image is 0
        }
    }

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype)
    {
        var layers = Layers(genotype.ToDictionary());
        var nodes = layers.Select((layer, index) => new SketchNode($"layer {index + 1}", Describe(layer)));
        var joins = layers.SelectMany((layer, index) => layer.Inputs.Select(earlier => new SketchEdge(earlier + 1, index + 1)));
        var fromImage = Enumerable.Range(0, layers.Length).Where(index => layers[index].Inputs.IsEmpty).Select(index => new SketchEdge(0, index + 1));
        var toClassifier = Enumerable.Range(0, layers.Length).Where(index => !layers.Any(later => later.Inputs.Contains(index)))
            .Select(index => new SketchEdge(index + 1, layers.Length + 1));
        return [new("Layers", [new("image"), .. nodes, new("classifier")], [.. fromImage, .. joins, .. toClassifier])];

        static string Describe(ChainLayer layer) =>
            $"{layer.Kernel.Height}×{layer.Kernel.Width} · {layer.Filters} filters"
            + (layer.Stride == Extent.One ? "" : $" · stride {layer.Stride.Height}×{layer.Stride.Width}");
    }

    public override void Decide(IChoices choices)
    {
        foreach (var _ in Read(choices))
        {
        }
    }

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (_grow == 0 ? words.Length != _layers : words.Length < _layers || words.Length > MostLayers || (words.Length - _layers) % Growth != 0)
        {
            throw NotAGenotype($"'{text}' has {words.Length} layers, the space has {_layers}{(_grow == 0 ? "" : ", or more by twos")}");
        }

        var values = new Dictionary<string, int>();
        for (var index = 0; index < words.Length; index++)
        {
            ParseWord(words[index], index, values);
        }

        return values;
    }

    private void ParseWord(string word, int index, Dictionary<string, int> values)
    {
        var name = $"layer{index + 1}";
        var (tokens, joined) = word.Split('@') switch
        {
            [var only] => (only, ""),
            [var before, var after] => (before, after),
            _ => throw NotAGenotype($"'{word}' has more than one '@'"),
        };
        if (tokens.Split('/') is not [var kernel, var stride, var filters]
            || kernel.Split('x') is not [var height, var width]
            || stride.Split('x') is not [var down, var across])
        {
            throw NotAGenotype($"'{word}' is not a layer");
        }

        Set(_filterHeight, height);
        Set(_filterWidth, width);
        Set(_strideHeight, down);
        Set(_strideWidth, across);
        Set(_filters, filters);
        var first = _hasImageAnchor ? 0 : 1;
        for (var earlier = first; earlier <= index; earlier++)
        {
            values[$"{name}/skip/{earlier - first}"] = 0;
        }

        foreach (var place in joined.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(place, out var earlier) || earlier < first || earlier > index)
            {
                throw NotAGenotype($"'{word}' is layer {index + 1} and cannot be fed by layer '{place}'");
            }

            values[$"{name}/skip/{earlier - first}"] = 1;
        }

        void Set(Choice choice, string option)
        {
            var value = choice.Options.IndexOf(option);
            values[$"{name}/{choice.Kind}"] = value >= 0
                ? value
                : throw NotAGenotype($"'{word}' has {choice.Kind} {option}, which is not one of {string.Join(", ", choice.Options)}");
        }
    }

    private SearchSpace Of(int layers) => layers == _layers && _grow == 0 ? this : _grown.GetOrAdd(
        layers, static (count, space) => new ChainSpace(new Settings("Space 'chain'", new Dictionary<string, string>(space.Settings) { ["layers"] = $"{count}", ["grow"] = "0" })), this);

    private ChainLayer[] Layers(IReadOnlyDictionary<string, int> values) =>
        [.. ((ChainSpace)Holding(values)).Read(Replay(values))];

    private IEnumerable<ChainLayer> Read(IChoices choices)
    {
        if (_hasImageAnchor)
        {
            choices.Connect("image", 0); // sets the anchor; nothing is earlier
        }

        for (var index = 0; index < _layers; index++)
        {
            var name = $"layer{index + 1}";
            var kernel = new Extent(Ask(_filterHeight), Ask(_filterWidth));
            var stride = new Extent(Ask(_strideHeight), Ask(_strideWidth));
            var filters = Ask(_filters);
            var fed = choices.Connect($"{name}/skip", _hasImageAnchor ? index + 1 : index);
            yield return new(kernel, stride, filters, [.. Enumerable.Range(0, fed.Length).Where(place => fed[place]).Select(place => _hasImageAnchor ? place - 1 : place)]);

            int Ask(Choice choice) => int.Parse(choice.Options[choices.Choose($"{name}/{choice.Kind}", choice)]);
        }
    }

    /// <summary>What stands for the image among a layer's inputs.</summary>
    private const int Image = -1;

    /// <param name="Inputs">Layers that feed it, 0-based; <see cref="Image"/> for the image as an anchor.</param>
    private readonly record struct ChainLayer(Extent Kernel, Extent Stride, int Filters, ImmutableArray<int> Inputs);
}
