using System.Collections.Immutable;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.Chain;

/// <summary>
/// The convolution sequence of Zoph &amp; Le, "Neural Architecture Search with Reinforcement Learning" (arXiv 1611.01578, §3.1, §3.3,
/// §4.1): for each layer a filter height and width, a stride height and width and a number of filters, then one anchor-point
/// decision for each earlier layer. Three rules make every draw a network: a layer that nothing feeds reads the image; outputs that
/// nothing reads are joined before the classifier; what is joined is padded with zeros to the largest. The number of layers is
/// fixed (generation stops at the limit).
/// </summary>
/// <remarks>
/// The paper does not print how the padding lies around a smaller image (here: centred) nor what stands between the joined outputs and
/// the softmax (here: global average pooling and one full layer).
/// </remarks>
public sealed class ChainSpace : SearchSpace
{
    private readonly int _layers;
    private readonly Choice _filterHeight;
    private readonly Choice _filterWidth;
    private readonly Choice _strideHeight;
    private readonly Choice _strideWidth;
    private readonly Choice _filters;

    /// <param name="settings">
    /// <c>layers</c> (6, where the paper's depth schedule starts), <c>kernels</c> (1,3,5,7), <c>strides</c> (1,2,3: the paper's when strides
    /// are predicted; 1 for its first experiments), <c>filters</c> (24,36,48,64).
    /// </param>
    public ChainSpace(Settings settings)
    {
        _layers = settings.Whole("layers", 6, 1, 50);
        var kernels = settings.Wholes("kernels", [1, 3, 5, 7], 1, 31);
        if (kernels.FirstOrDefault(kernel => kernel % 2 == 0) is var even and > 0)
        {
            throw new UserErrorException($"Space 'chain': kernel side {even} is even; filters are centred on a pixel, so give odd sides.");
        }

        var strides = settings.Wholes("strides", [1, 2, 3], 1, 8);
        var filters = settings.Wholes("filters", [24, 36, 48, 64], 1, 4096);
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
        "one word a layer, <filter height>x<filter width>/<stride height>x<stride width>/<filters>, then @ and the earlier layers that feed it, "
        + "such as '3x3/1x1/36 5x5/2x2/48@1 3x3/1x1/64@1,2'";

    public override LayerGraph Build(IChoices choices, TaskShape task)
    {
        var graph = new LayerGraphBuilder(task);
        var outputs = new List<Layer>();
        var isRead = new bool[_layers];
        foreach (var layer in Read(choices))
        {
            var name = $"layer{outputs.Count + 1}";
            foreach (var earlier in layer.Inputs)
            {
                isRead[earlier] = true;
            }

            var input = layer.Inputs.IsEmpty
                ? graph.Input
                : graph.PadAndConcat($"{name}/join", [.. layer.Inputs.Select(earlier => outputs[earlier])]);
            var convolved = graph.Conv($"{name}/conv", input, layer.Filters, layer.Kernel, layer.Stride);
            outputs.Add(graph.Relu($"{name}/relu", graph.BatchNorm($"{name}/norm", convolved)));
        }

        var unread = outputs.Where((_, index) => !isRead[index]).ToList();
        return graph.Finish(graph.Classifier(graph.PadAndConcat("classifier/join", unread)));
    }

    public override string Format(Genotype genotype)
    {
        var values = genotype.ToDictionary();
        return string.Join(' ', Read(new ReplayAnswerer(values, (name, _) => throw NotAGenotype($"nothing is decided for '{name}'"))).Select(Word));

        static string Word(ChainLayer layer)
        {
            var word = $"{layer.Kernel}/{layer.Stride}/{layer.Filters}";
            return layer.Inputs.IsEmpty ? word : $"{word}@{string.Join(',', layer.Inputs.Select(earlier => earlier + 1))}";
        }
    }

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype)
    {
        ChainLayer[] layers = [.. Read(new ReplayAnswerer(genotype.ToDictionary(), (name, _) => throw NotAGenotype($"nothing is decided for '{name}'")))];
        var nodes = layers.Select((layer, index) => new SketchNode($"layer {index + 1}", Describe(layer)));
        var joins = layers.SelectMany((layer, index) => layer.Inputs.Select(earlier => new SketchEdge(earlier + 1, index + 1)));
        var fromImage = Enumerable.Range(0, _layers).Where(index => layers[index].Inputs.IsEmpty).Select(index => new SketchEdge(0, index + 1));
        var toClassifier = Enumerable.Range(0, _layers).Where(index => !layers.Any(later => later.Inputs.Contains(index)))
            .Select(index => new SketchEdge(index + 1, _layers + 1));
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
        if (words.Length != _layers)
        {
            throw NotAGenotype($"'{text}' has {words.Length} layers, the space has {_layers}");
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
        for (var earlier = 0; earlier < index; earlier++)
        {
            values[$"{name}/skip/{earlier}"] = 0;
        }

        foreach (var place in joined.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(place, out var earlier) || earlier < 1 || earlier > index)
            {
                throw NotAGenotype($"'{word}' is layer {index + 1} and cannot be fed by layer '{place}'");
            }

            values[$"{name}/skip/{earlier - 1}"] = 1;
        }

        void Set(Choice choice, string option)
        {
            var value = choice.Options.IndexOf(option);
            values[$"{name}/{choice.Kind}"] = value >= 0
                ? value
                : throw NotAGenotype($"'{word}' has {choice.Kind} {option}, which is not one of {string.Join(", ", choice.Options)}");
        }
    }

    private IEnumerable<ChainLayer> Read(IChoices choices)
    {
        for (var index = 0; index < _layers; index++)
        {
            var name = $"layer{index + 1}";
            var kernel = new Extent(Ask(_filterHeight), Ask(_filterWidth));
            var stride = new Extent(Ask(_strideHeight), Ask(_strideWidth));
            var filters = Ask(_filters);
            var fed = choices.Connect($"{name}/skip", index);
            yield return new(kernel, stride, filters, [.. Enumerable.Range(0, index).Where(earlier => fed[earlier])]);

            int Ask(Choice choice) => int.Parse(choice.Options[choices.Choose($"{name}/{choice.Kind}", choice)]);
        }
    }

    private readonly record struct ChainLayer(Extent Kernel, Extent Stride, int Filters, ImmutableArray<int> Inputs);
}
