using System.Collections.Immutable;
using NasPlatform.Search.Networks;
using TorchSharp;

namespace NasPlatform.Search.Spaces.Eas;

/// <summary>
/// EAS's plain networks: four blocks of convolutions with 2×2 max pooling between, global average pooling, and a block of full layers before the classifier. Every convolution and full layer is
/// followed by batch norm and ReLU, and has no bias.
/// </summary>
/// <remarks>
/// Two lists of levels are published: the small ones (filters 4 to 40, units 8 to 80) are what the released script uses, the large ones stand beside them. The start net with the
/// large levels is the paper's as far as we know it (unverified); its weights were shipped, not its text.
/// </remarks>
public sealed class EasPlainSpace : EasSpace
{
    private const int ConvBlocks = 4;

    /// <summary>EAS's noise on a new identity: its deviation as a share of the weights' own.</summary>
    private const double DeeperNoise = 1e-3;

    private readonly double _dropout;

    /// <param name="settings">
    /// <c>filters</c> (4,8,...,40: the levels of a convolution), <c>units</c> (8,16,...,80: of a full layer), <c>kernels</c> (1,3,5: odd sides), <c>layers</c> (10: most of a block, as many as the
    /// deeper actor tells apart), <c>steps</c> (50: most layers and poolings, as many as the encoder reads), <c>dropout</c> (after every convolution but the first, 0; the released start net is trained
    /// with 0.2).
    /// </param>
    public EasPlainSpace(Settings settings)
    {
        var filters = settings.Wholes("filters", [.. Enumerable.Range(1, 10).Select(level => 4 * level)], 1, 4096);
        var units = settings.Wholes("units", [.. Enumerable.Range(1, 10).Select(level => 8 * level)], 1, 65_536);
        var kernels = settings.Wholes("kernels", [1, 3, 5], 1, 31);
        if (kernels.FirstOrDefault(kernel => kernel % 2 == 0) is var even and > 0)
        {
            throw new UserErrorException($"Space 'eas-plain': kernel side {even} is even; a new layer is an identity, which needs a kernel with a middle, so give odd sides.");
        }

        var layers = settings.Whole("layers", 10, 1, 50);
        MostSteps = settings.Whole("steps", EncoderSteps, (2 * ConvBlocks) + 1, 500);
        _dropout = settings.Real("dropout", 0, 0, 0.95);
        settings.RefuseUnknown();
        Settings = settings.Effective;

        var count = Numbers("layers", Enumerable.Range(1, layers));
        var conv = new EasBlock("conv-", count, Numbers("filters", filters), Numbers("kernel", kernels));
        Blocks = [.. Enumerable.Repeat(conv, ConvBlocks), new("fc-", count, Numbers("units", units), null)];
        Published = Known(("start", "conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_fc-8"), ("start-large", "conv-16-3_pool_conv-32-3_pool_conv-64-3_pool_conv-128-3_pool_fc-256"));
    }

    public override string Name => "eas-plain";

    public override string Summary => "Chain of convolutions and full layers, grown by widening and deepening (Cai et al. 2018, EAS)";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        "the released code's: conv-<filters>-<kernel>, fc-<units> and pool with '_' between; five blocks with '_pool_' between, the last of fc, such as "
        + "'conv-4-3_conv-4-1_pool_conv-4-3_pool_conv-8-3_pool_conv-8-5_pool_fc-8'";

    public override IReadOnlyList<SpacePreset> Presets { get; } =
    [
        new("paper-small", "the small levels, which the released script uses", new Dictionary<string, string>
        {
            ["filters"] = "4,8,12,16,20,24,28,32,36,40", ["units"] = "8,16,24,32,40,48,56,64,72,80",
        }),
        new("paper-large", "the large levels of filters and units", new Dictionary<string, string>
        {
            ["filters"] = "16,32,64,96,128,192,256,320,384,448,512,576,640", ["units"] = "64,128,256,384,512,640,768,896,1024,1152,1280",
        }),
        new("small", "at most three layers a block, of few filters: for two CPU cores", new Dictionary<string, string>
        {
            ["filters"] = "4,8,12,16,20,24,28,32", ["units"] = "8,16,32,64", ["kernels"] = "1,3", ["layers"] = "3",
        }),
    ];

    public override IReadOnlyDictionary<string, string> Published { get; }

    public override ImmutableArray<EasBlock> Blocks { get; }

    private protected override string LayerSeparator => "_";

    private protected override string BlockSeparator => "_pool_";

    private protected override (string Before, string After) Ends => ("", "");

    private protected override int MostSteps { get; }

    private protected override int Poolings => ConvBlocks;

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype)
    {
        var nodes = new List<SketchNode> { new("image") };
        foreach (var (number, layers) in Read(genotype).Index())
        {
            var block = Blocks[number];
            nodes.AddRange(layers.Select((layer, place) => number < ConvBlocks
                ? new SketchNode($"conv {number + 1}.{place + 1}", $"{block.KernelOf(layer)}×{block.KernelOf(layer)} · {block.WidthOf(layer)} filters")
                : new SketchNode($"full {place + 1}", $"{block.WidthOf(layer)} units")));
            if (number < ConvBlocks)
            {
                nodes.Add(new(number < ConvBlocks - 1 ? "max pool" : "global average pool"));
            }
        }

        nodes.Add(new("classifier"));
        return [new("Layers", [.. nodes], [.. Enumerable.Range(0, nodes.Count - 1).Select(node => new SketchEdge(node, node + 1))])];
    }

    private protected override LayerGraph Build(ImmutableArray<ImmutableArray<EasLayer>> blocks, TaskShape task)
    {
        var graph = new LayerGraphBuilder(task);
        var x = graph.Input;
        for (var number = 0; number < blocks.Length; number++)
        {
            var block = Blocks[number];
            foreach (var (place, layer) in blocks[number].Index())
            {
                var name = LayerName(number, place);
                if (number == ConvBlocks)
                {
                    var full = graph.Add($"{name}/linear", new Op.Linear(block.WidthOf(layer), Bias: false), x);
                    x = graph.Relu($"{name}/relu", graph.BatchNorm($"{name}/norm", full));
                    continue;
                }

                x = graph.ConvNormRelu(name, x, block.WidthOf(layer), block.KernelOf(layer));
                x = _dropout == 0 || (number == 0 && place == 0) ? x : graph.Add($"{name}/dropout", new Op.Dropout(_dropout), x);
            }

            if (number < ConvBlocks)
            {
                x = graph.Add($"pool{number + 1}", number < ConvBlocks - 1 ? new Op.MaxPool(2, 2, 0) : new Op.GlobalAvgPool(), x);
            }
        }

        return graph.Finish(graph.Add("classifier/linear", new Op.Linear(task.Outputs), x));
    }

    private protected override TrainedNetwork Widened(TrainedNetwork network, EasEdit.Wider edit, LayerGraph child, RandomSource random, bool exact)
    {
        var layer = LayerName(edit.Block, edit.Layer) + (edit.Block < ConvBlocks ? "/conv" : "/linear");
        return Wider(network, layer, Net2Net.Find(child, layer).Shape.Channels, random, exact);
    }

    private protected override TrainedNetwork Deepened(TrainedNetwork network, EasEdit.Deeper edit, LayerGraph child, RandomSource random, bool exact, torch.Tensor? images)
    {
        var after = $"{LayerName(edit.Block, edit.Layer)}/relu";
        var statistics = images is null ? null : ChannelStatistics.Of(network, after, images);
        var deeper = Net2Net.Deeper(network, after, New, Blocks[edit.Block].KernelOf(new(0, edit.Kernel)), statistics);
        return Noisy(deeper, $"{New}/{(edit.Block < ConvBlocks ? "conv" : "linear")}", DeeperNoise, random, exact);
    }
}
