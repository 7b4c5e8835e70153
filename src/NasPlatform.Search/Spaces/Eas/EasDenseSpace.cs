using System.Collections.Immutable;
using NasPlatform.Search.Networks;
using TorchSharp;

namespace NasPlatform.Search.Spaces.Eas;

/// <summary>
/// EAS's densely connected networks: DenseNet-BC (Huang et al. 2017, arXiv 1608.06993) of three blocks in which every layer has a growth of its own. A layer is batch norm, ReLU, a 1×1 convolution to
/// four times its growth, batch norm, ReLU, a 3×3 convolution to its growth, which is joined with all that the layer read.
/// </summary>
/// <remarks>
/// As in the released code the first convolution has twice the average growth of filters and a transition half of the channels that it reads, both rounded down. An episode of that code widens them
/// once at its end and never makes them narrower; here an architecture tells its whole network, so they follow every edit, and a new layer that would lower the average so far that
/// the first convolution lost a filter is not among the edits. The start net with the large growth is the paper's as far as we know it (unverified).
/// </remarks>
public sealed class EasDenseSpace : EasSpace
{
    private const int DenseBlocks = 3;

    /// <summary>Filters of the first convolution are so many times the growth.</summary>
    private const int FirstRatio = 2;

    /// <summary>Channels between a layer's two convolutions are so many times its growth.</summary>
    private const int Bottleneck = 4;

    private readonly double _dropout;

    /// <param name="settings">
    /// <c>growth</c> (4,6,...,48: the levels), <c>layers</c> (20: most of a block, as many as the deeper actor tells apart), <c>steps</c> (50: most layers and transitions, as many as the encoder reads),
    /// <c>dropout</c> (after every convolution but the first, 0; without augmentation the released code trains with 0.2).
    /// </param>
    public EasDenseSpace(Settings settings)
    {
        var growth = settings.Wholes("growth", [.. Enumerable.Range(2, 23).Select(level => 2 * level)], 1, 1024);
        var layers = settings.Whole("layers", 20, 1, 50);
        MostSteps = settings.Whole("steps", EncoderSteps, (2 * DenseBlocks) + 1, 500);
        _dropout = settings.Real("dropout", 0, 0, 0.95);
        settings.RefuseUnknown();
        Settings = settings.Effective;

        var block = new EasBlock("g", Numbers("layers", Enumerable.Range(1, layers)), Numbers("growth", growth), null);
        Blocks = [.. Enumerable.Repeat(block, DenseBlocks)];
        var large = string.Join('-', Enumerable.Repeat("g40", 6));
        Published = Known(("start", "t_g4_t_g4_t_g4_t"), ("start-large", $"t_{large}_t_{large}_t_{large}_t"));
    }

    public override string Name => "eas-dense";

    public override string Summary => "DenseNet-BC with a growth for each layer, grown by widening and deepening (Cai et al. 2018, EAS)";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm => "the released code's: g<growth> for each layer with '-' between, a block between two of t for the transitions with '_' between, such as 't_g4-g6_t_g4_t_g8-g4_t'";

    public override IReadOnlyList<SpacePreset> Presets { get; } =
    [
        new("paper", "the growths of the released script", new Dictionary<string, string> { ["growth"] = string.Join(',', Enumerable.Range(2, 23).Select(level => 2 * level)) }),
        new("small", "at most four layers a block, of little growth: for two CPU cores", new Dictionary<string, string> { ["growth"] = "4,6,8,10,12", ["layers"] = "4" }),
    ];

    public override IReadOnlyDictionary<string, string> Published { get; }

    public override ImmutableArray<EasBlock> Blocks { get; }

    private protected override string LayerSeparator => "-";

    private protected override string BlockSeparator => "_t_";

    private protected override (string Before, string After) Ends => ("t_", "_t");

    private protected override int MostSteps { get; }

    private protected override int Poolings => DenseBlocks + 1;

    public override IEnumerable<EasEdit> Edits(Genotype genotype)
    {
        var stem = Stem(Read(genotype));
        return base.Edits(genotype).Where(edit => edit is EasEdit.Wider || Stem(Read(Apply(genotype, edit))) >= stem);
    }

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype)
    {
        var nodes = new List<SketchNode> { new("image") };
        foreach (var (number, layers) in Read(genotype).Index())
        {
            nodes.Add(number == 0 ? new("stem", $"3×3 · {Stem(Read(genotype))} filters") : new($"transition {number}"));
            nodes.AddRange(layers.Select((layer, place) => new SketchNode($"layer {number + 1}.{place + 1}", $"joins {Blocks[number].WidthOf(layer)} channels")));
        }

        nodes.Add(new("classifier"));
        return [new("Layers", [.. nodes], [.. Enumerable.Range(0, nodes.Count - 1).Select(node => new SketchEdge(node, node + 1))])];
    }

    private protected override string WhyNotIn(int block, ImmutableArray<EasLayer> before, ImmutableArray<EasLayer> after) =>
        $"{base.WhyNotIn(block, before, after)}, or has so little growth that the first convolution, with twice the average, would lose filters";

    private protected override LayerGraph Build(ImmutableArray<ImmutableArray<EasLayer>> blocks, TaskShape task)
    {
        var graph = new LayerGraphBuilder(task);
        var x = graph.Conv("stem/conv", graph.Input, Stem(blocks), 3);
        for (var number = 0; number < blocks.Length; number++)
        {
            if (number > 0)
            {
                var name = $"transition{number}";
                x = graph.Add($"{name}/pool", new Op.AvgPool(2, 2, 0), NormReluConv(graph, name, x, x.Shape.Channels / 2, 1));
            }

            foreach (var (place, layer) in blocks[number].Index())
            {
                var name = LayerName(number, place);
                var growth = Blocks[number].WidthOf(layer);
                var narrow = NormReluConv(graph, $"{name}/bottleneck", x, Bottleneck * growth, 1);
                x = graph.Add($"{name}/join", new Op.Concat(), x, NormReluConv(graph, name, narrow, growth, 3));
            }
        }

        return graph.Finish(graph.Classifier(graph.Relu("classifier/relu", graph.BatchNorm("classifier/norm", x))));
    }

    private protected override TrainedNetwork Widened(TrainedNetwork network, EasEdit.Wider edit, LayerGraph child, RandomSource random, bool exact)
    {
        var layer = LayerName(edit.Block, edit.Layer);
        return Fitted(network, [$"{layer}/bottleneck/conv", $"{layer}/conv", .. Narrowings], child, random, exact);
    }

    private protected override TrainedNetwork Deepened(TrainedNetwork network, EasEdit.Deeper edit, LayerGraph child, RandomSource random, bool exact, torch.Tensor? images)
    {
        var layer = LayerName(edit.Block, edit.Layer);
        var copied = random.Split("map");
        var growth = Net2Net.Find(network.Graph, $"{layer}/conv").Shape.Channels;
        var deeper = Net2Net.DeeperDense(network, layer, New, [.. Enumerable.Range(0, growth).Select(_ => copied.Next(growth))]);
        foreach (var conv in new[] { $"{New}/bottleneck/conv", $"{New}/conv" })
        {
            deeper = Noisy(deeper, conv, Net2Net.WiderNoise, random, exact);
        }

        return Fitted(deeper, Narrowings, child, random, exact);
    }

    /// <summary>What has as many filters as the growth of others makes it have.</summary>
    private static IEnumerable<string> Narrowings => ["stem/conv", .. Enumerable.Range(1, DenseBlocks - 1).Select(number => $"transition{number}/conv")];

    /// <summary>Each of these convolutions as wide as the child's.</summary>
    private static TrainedNetwork Fitted(TrainedNetwork network, IEnumerable<string> convs, LayerGraph child, RandomSource random, bool exact)
    {
        foreach (var conv in convs)
        {
            var width = Net2Net.Find(child, conv).Shape.Channels;
            network = width == Net2Net.Find(network.Graph, conv).Shape.Channels ? network : Wider(network, conv, width, random, exact);
        }

        return network;
    }

    private Layer NormReluConv(LayerGraphBuilder graph, string name, Layer input, int channels, int kernel)
    {
        var conv = graph.Conv($"{name}/conv", graph.Relu($"{name}/relu", graph.BatchNorm($"{name}/norm", input)), channels, kernel);
        return _dropout == 0 ? conv : graph.Add($"{name}/dropout", new Op.Dropout(_dropout), conv);
    }

    private int Stem(ImmutableArray<ImmutableArray<EasLayer>> blocks) =>
        FirstRatio * blocks.Select((layers, number) => layers.Sum(Blocks[number].WidthOf)).Sum() / blocks.Sum(layers => layers.Length);
}
