using System.Collections.Immutable;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.Enas;

/// <summary>
/// The macro space of ENAS (Pham, Guan, Zoph, Le &amp; Dean 2018, arXiv 1802.03268, §2.3): for each layer one of six operations, which reads the layer before it, and any subset of the
/// outputs before that, to be joined with what the operation gives. After a third and two thirds of the layers everything so far is halved in size.
/// </summary>
/// <remarks>
/// Two networks, as the released code has them. The one of the search (12 layers, 36 filters) holds six branches a layer, which all candidates share by name: a 1×1 convolution, then the
/// operation; the chosen outputs are added, then batch norm. The final one (24 layers, 96 filters, doubled where the size is halved) joins the chosen outputs along the channels and brings
/// them back by a 1×1 convolution, and has full convolutions in place of the separable ones. Its code fails for the two poolings; here they follow the 1×1 convolution, as in the search.
/// The published arc has 24 layers, so it is none of the space of 12.
/// </remarks>
public sealed class EnasMacroSpace : SearchSpace
{
    /// <summary>The operations in the order of the released code's numbers.</summary>
    public static readonly Choice Operation = new("operation", ["conv_3x3", "sep_conv_3x3", "conv_5x5", "sep_conv_5x5", "avg_pool_3x3", "max_pool_3x3"]);

    private const int PublishedLayers = 24;

    private readonly int _layers;
    private readonly int _channels;
    private readonly bool _isFinal;
    private readonly double _dropout;

    /// <param name="settings">
    /// <c>layers</c> (12), <c>channels</c> (36, an even number: the filters of a layer), <c>network</c> (<c>search</c> or <c>final</c>), <c>dropout</c> (before the classifier: 0.1 in the
    /// search, 0.5 in the final network).
    /// </param>
    public EnasMacroSpace(Settings settings)
    {
        _layers = settings.Whole("layers", 12, 3, 60);
        _channels = settings.Whole("channels", 36, 2, 1024);
        if (_channels % 2 != 0)
        {
            throw new UserErrorException($"Space 'enas-macro': setting 'channels' is {_channels}; where the size is halved, two paths give half of them each, so it must be even.");
        }

        _isFinal = settings.Word("network", "search", "search", "final") == "final";
        _dropout = settings.Real("dropout", _isFinal ? 0.5 : 0.1, 0, 0.95);
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "enas-macro";

    public override string Summary => "Layers of one of six operations each, joined with any earlier layers (Pham et al. 2018, ENAS)";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        $"the released code's arc: for each layer the operation's number ({string.Join(", ", Operation.Options.Select((operation, number) => $"{number} {operation}"))}) and a 0 or 1 for the "
        + "stem and for each earlier layer but the one just before, such as '0 3 0 0 1 0' for three layers";

    public override IReadOnlyList<SpacePreset> Presets =>
    [
        new("paper-search", "the network of the paper's search: 12 layers of 36 filters", new Dictionary<string, string> { ["layers"] = "12", ["channels"] = "36", ["network"] = "search" }),
        new("paper-final", "the network of the paper's final training: 24 layers of 96 filters", new Dictionary<string, string> { ["layers"] = $"{PublishedLayers}", ["channels"] = "96", ["network"] = "final" }),
        new("small", "6 layers of 16 filters, for two CPU cores", new Dictionary<string, string> { ["layers"] = "6", ["channels"] = "16" }),
    ];

    public override IReadOnlyDictionary<string, string> Published => _layers != PublishedLayers
        ? new Dictionary<string, string>()
        : new Dictionary<string, string>
        {
            ["ENAS-macro"] =
                "0 3 0 0 1 0 2 0 0 1 2 0 0 0 0 3 1 1 0 1 0 2 0 0 0 0 0 1 2 0 1 1 0 1 1 1 1 0 1 1 1 0 1 0 1 0 0 0 0 0 0 0 0 0 0 2 0 0 0 0 0 1 0 0 0 0 "
                + "0 1 0 0 1 1 0 0 0 0 1 1 2 0 1 0 0 0 0 0 1 0 1 1 0 1 0 0 1 0 0 0 1 1 1 0 1 0 1 0 1 1 0 1 0 1 0 0 0 0 0 1 0 0 2 0 0 1 0 0 0 0 0 0 0 1 0 1 0 1 "
                + "2 0 1 0 0 0 1 0 0 1 1 1 1 0 0 1 0 2 0 0 0 0 1 0 1 0 1 0 0 1 0 1 0 0 1 3 0 1 1 0 1 0 0 0 0 0 1 0 1 0 1 0 0 0 3 0 1 1 0 0 0 0 0 0 0 0 0 1 1 0 0 0 0 1 "
                + "0 1 0 0 1 0 1 1 0 0 0 1 0 0 0 0 0 1 1 0 0 3 0 1 0 1 1 0 0 1 0 1 1 0 1 1 0 1 0 0 1 0 0 0 1 0 1 0 1 0 0 0 0 0 0 0 0 1 0 1 0 0 1 0 0 0 "
                + "0 1 1 0 0 0 1 1 1 0 1 0 0 0 1 0 1 0 0 1 1 0 0 0",
        };

    /// <summary>The same layers in the final network, as much wider as the paper's 96 filters are than its 36.</summary>
    public override SearchSpace Final => _isFinal
        ? this
        : new EnasMacroSpace(new($"Space '{Name}'", new Dictionary<string, string> { ["layers"] = $"{_layers}", ["channels"] = $"{Math.Min(1024, _channels / 2 * 16 / 3 / 2 * 2)}", ["network"] = "final" }));

    public override bool SharesByName => !_isFinal;

    public override LayerGraph Build(IChoices choices, TaskShape task)
    {
        var graph = new LayerGraphBuilder(task) { Norm = new(1e-3) };
        var channels = _channels;

        // What later layers may join: first the stem's output, then each layer's.
        List<Layer> outputs = [graph.ConvNorm("stem", graph.Input, channels, 3)];
        foreach (var layer in Read(choices))
        {
            var number = outputs.Count;
            var name = $"layer{number}";
            outputs.Add(_isFinal ? FinalLayer(graph, name, layer, outputs, channels) : SharedLayer(graph, name, layer, outputs, channels));
            if (number == _layers / 3 || number == 2 * (_layers / 3))
            {
                channels = _isFinal ? 2 * channels : channels;
                outputs = [.. outputs.Select((output, from) => graph.FactorizedReduction($"{name}/pool/from{from}", output, channels))];
            }
        }

        return graph.Finish(graph.Classifier(outputs[^1], _dropout, bias: false));
    }

    public override string Format(Genotype genotype) => string.Join(' ', Read(genotype).Select(layer =>
        string.Join(' ', [layer.Operation, .. layer.Skips.Select(skip => skip ? 1 : 0)])));

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype)
    {
        var layers = Read(genotype).ToList();
        var nodes = layers.Select((layer, index) => new SketchNode($"layer {index + 1}", Operation.Options[layer.Operation]));
        var chain = Enumerable.Range(0, _layers + 1).Select(index => new SketchEdge(index, index + 1));
        var skips = layers.SelectMany((layer, index) => Enumerable.Range(0, index).Where(from => layer.Skips[from]).Select(from => new SketchEdge(from, index + 1)));
        return [new("Layers", [new("stem"), .. nodes, new("classifier")], [.. chain, .. skips])];
    }

    public override void Decide(IChoices choices)
    {
        foreach (var _ in Read(choices))
        {
        }
    }

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var arc = new EnasArc(text, _layers + (_layers * (_layers - 1) / 2), reason => NotAGenotype($"{reason} for {_layers} layers"));
        var values = new Dictionary<string, int>();
        for (var index = 0; index < _layers; index++)
        {
            var name = $"layer{index + 1}";
            values[$"{name}/operation"] = arc.Next(Operation.Options.Length, $"the operation of layer {index + 1}");
            for (var from = 0; from < index; from++)
            {
                values[$"{name}/skip/{from}"] = arc.Next(2, $"whether layer {index + 1} joins {(from == 0 ? "the stem" : $"layer {from}")},");
            }
        }

        return values;
    }

    private static Layer SharedLayer(LayerGraphBuilder graph, string name, MacroLayer layer, List<Layer> outputs, int channels)
    {
        var branch = $"{name}/{Operation.Options[layer.Operation]}";
        var x = graph.ConvNorm($"{branch}/in", outputs[^1], channels, 1);
        x = layer.Operation switch
        {
            0 or 2 => graph.Relu($"{branch}/relu", graph.ReluConvNorm($"{branch}/out", x, channels, Kernel(layer))),
            1 or 3 => graph.Relu($"{branch}/relu", graph.SeparableOnce($"{branch}/out", x, channels, Kernel(layer))),
            4 => graph.AvgPool($"{branch}/pool", graph.Relu($"{branch}/relu", x), 3),
            _ => graph.MaxPool($"{branch}/pool", graph.Relu($"{branch}/relu", x), 3),
        };
        return layer.Skips.IsEmpty ? x : graph.BatchNorm($"{name}/skip/norm", graph.Sum($"{name}/skip/sum", [.. layer.Joined(outputs), x]));
    }

    private static Layer FinalLayer(LayerGraphBuilder graph, string name, MacroLayer layer, List<Layer> outputs, int channels)
    {
        var branch = $"{name}/{Operation.Options[layer.Operation]}";
        var x = graph.ReluConvNorm($"{branch}/in", outputs[^1], channels, 1);
        x = layer.Operation switch
        {
            4 => graph.AvgPool($"{branch}/pool", x, 3),
            5 => graph.MaxPool($"{branch}/pool", x, 3),
            _ => graph.ReluConvNorm($"{branch}/out", x, channels, Kernel(layer)),
        };
        return layer.Skips.IsEmpty ? x : graph.ReluConvNorm($"{name}/skip", graph.PadAndConcat($"{name}/skip/join", [.. layer.Joined(outputs), x]), channels, 1);
    }

    private static int Kernel(MacroLayer layer) => layer.Operation < 2 ? 3 : 5;

    private IEnumerable<MacroLayer> Read(Genotype genotype) => Read(Replay(genotype.ToDictionary()));

    private IEnumerable<MacroLayer> Read(IChoices choices)
    {
        for (var index = 0; index < _layers; index++)
        {
            var name = $"layer{index + 1}";
            yield return new(choices.Choose($"{name}/operation", Operation), [.. choices.Connect($"{name}/skip", index)]);
        }
    }

    /// <param name="Operation">By its number.</param>
    /// <param name="Skips">Whether each earlier output but the last is joined: the stem's, then the layers'.</param>
    private readonly record struct MacroLayer(int Operation, ImmutableArray<bool> Skips)
    {
        public IEnumerable<Layer> Joined(List<Layer> outputs)
        {
            var skips = Skips;
            return outputs.Where((_, from) => from < skips.Length && skips[from]);
        }
    }
}
