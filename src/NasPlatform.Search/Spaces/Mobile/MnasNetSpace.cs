using System.Globalization;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.Mobile;

/// <summary>
/// The factorised hierarchical space of MnasNet (Tan et al. 2019, arXiv 1807.11626, §4.1): seven blocks, each of some equal layers; a block chooses their number, kernel, expansion, filters,
/// squeeze-and-excitation and residuals for itself. Its text form is that of the released code's blocks.
/// </summary>
/// <remarks>
/// The text form writes inverted bottlenecks only, so a block's operation is one of them, with an expansion of 1, 3 or 6: the paper's plain convolution and its pooling in place of a residual
/// are left out. The filters and layers on offer are ours: three quarters, once and five quarters of MobileNetV2's filters, one layer more or less than its, and what the two released
/// networks have besides. Strides in the text are those for images of 224×224 whatever the setting: for small images the stem's and the second block's are 1.
/// </remarks>
public sealed class MnasNetSpace : SearchSpace
{
    private const int StemFilters = 32;

    private static readonly Choice Kernel = new("kernel", ["3", "5"]);
    private static readonly Choice Expansion = new("expansion", ["1", "3", "6"]);
    private static readonly Choice Squeeze = new("squeeze", ["0", "0.25"]);
    private static readonly Choice Skip = new("skip", ["none", "identity"]);

    private static readonly MnasBlock[] Blocks =
    [
        Block(1, 1, [1, 2], [16, 24]),
        Block(2, 2, [1, 2, 3], [24, 32]),
        Block(3, 2, [2, 3, 4], [24, 32, 40]),
        Block(4, 2, [3, 4, 5], [48, 64, 80]),
        Block(5, 1, [2, 3, 4], [72, 96, 112, 120]),
        Block(6, 2, [2, 3, 4], [120, 160, 192, 200]),
        Block(7, 1, [1, 2], [240, 320, 400]),
    ];

    private readonly double _width;
    private readonly bool _isLarge;
    private readonly double _dropout;

    /// <param name="settings">
    /// <c>width</c> (1, what all filters but the last layer's are multiplied by), <c>resolution</c> (<c>32</c> or <c>224</c>: the strides that suit images of about that side),
    /// <c>dropout</c> (before the classifier, 0.2).
    /// </param>
    public MnasNetSpace(Settings settings)
    {
        _width = settings.Real("width", 1, 0.1, 4);
        _isLarge = settings.Word("resolution", "32", "32", "224") == "224";
        _dropout = settings.Real("dropout", 0.2, 0, 0.95);
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "mnasnet";

    public override string Summary => "Seven blocks that choose their layers each for itself (Tan et al. 2019, MnasNet)";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        "seven blocks with commas between, each r<layers>_k<kernel>_s<two strides>_e<expansion>_i<input filters>_o<output filters>, then _se0.25 for squeeze-and-excitation and _noskip for "
        + "no residuals, such as 'r3_k5_s22_e3_i24_o40_se0.25'";

    public override IReadOnlyList<SpacePreset> Presets =>
    [
        new("paper", "the paper's network, for images of 224×224", new Dictionary<string, string> { ["width"] = "1", ["resolution"] = "224" }),
        new("small", "a third of the width, for images of 32×32 and two CPU cores", new Dictionary<string, string> { ["width"] = "0.35", ["resolution"] = "32" }),
    ];

    public override IReadOnlyDictionary<string, string> Published { get; } = new Dictionary<string, string>
    {
        ["MnasNet-A1"] =
            "r1_k3_s11_e1_i32_o16_noskip, r2_k3_s22_e6_i16_o24, r3_k5_s22_e3_i24_o40_se0.25, r4_k3_s22_e6_i40_o80, r2_k3_s11_e6_i80_o112_se0.25, "
            + "r3_k5_s22_e6_i112_o160_se0.25, r1_k3_s11_e6_i160_o320",
        ["MnasNet-B1"] =
            "r1_k3_s11_e1_i32_o16_noskip, r3_k3_s22_e3_i16_o24, r3_k5_s22_e3_i24_o40, r3_k5_s22_e6_i40_o80, r2_k3_s11_e6_i80_o96, r4_k5_s22_e6_i96_o192, "
            + "r1_k3_s11_e6_i192_o320_noskip",
    };

    public override LayerGraph Build(IChoices choices, TaskShape task)
    {
        var graph = new LayerGraphBuilder(task) { Norm = new(1e-3, 0.01) };
        var x = graph.ConvNormRelu("stem", graph.Input, MobileWidth.Round(StemFilters, _width), 3, _isLarge ? 2 : 1);
        foreach (var (block, chosen) in Read(choices))
        {
            var filters = MobileWidth.Round(chosen.Filters, _width);
            for (var layer = 1; layer <= chosen.Layers; layer++)
            {
                var name = $"{block.Name}/layer{layer}";
                var stride = layer > 1 || (block == Blocks[1] && !_isLarge) ? 1 : block.Stride;
                var squeezed = chosen.Squeeze == 0 ? 0 : Math.Max(1, (int)(x.Shape.Channels * chosen.Squeeze));
                x = graph.InvertedResidual(name, x, filters, chosen.Kernel, chosen.Expansion, stride, squeezed: squeezed, skips: chosen.Skips);
            }
        }

        return graph.Finish(graph.Classifier(graph.ConvNormRelu("last", x, 1280, 1), _dropout));
    }

    public override string Format(Genotype genotype)
    {
        var before = StemFilters;
        return string.Join(", ", Read(genotype).Select(pair =>
        {
            var (block, chosen) = pair;
            var input = before;
            before = chosen.Filters;
            return $"r{chosen.Layers}_k{chosen.Kernel}_s{block.Stride}{block.Stride}_e{chosen.Expansion}_i{input}_o{chosen.Filters}"
                + (chosen.Squeeze == 0 ? "" : $"_se{Squeeze.Options[1]}") + (chosen.Skips ? "" : "_noskip");
        }));
    }

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype)
    {
        var nodes = Read(genotype).Select(pair => new SketchNode(
            pair.Block.Name,
            $"{pair.Chosen.Layers} × {pair.Chosen.Kernel}×{pair.Chosen.Kernel} MBConv{pair.Chosen.Expansion} · {pair.Chosen.Filters} filters"
            + (pair.Block.Stride == 1 ? "" : $" · stride {pair.Block.Stride}") + (pair.Chosen.Squeeze == 0 ? "" : " · squeeze") + (pair.Chosen.Skips ? " · residual" : "")));
        return [new("Blocks", [new("stem"), .. nodes, new("classifier")], [.. Enumerable.Range(0, Blocks.Length + 1).Select(from => new SketchEdge(from, from + 1))])];
    }

    public override void Decide(IChoices choices)
    {
        foreach (var _ in Read(choices))
        {
        }
    }

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var words = text.Split(',', StringSplitOptions.TrimEntries);
        if (words.Length != Blocks.Length)
        {
            throw NotAGenotype($"it has {words.Length} blocks, not {Blocks.Length}");
        }

        var values = new Dictionary<string, int>();
        var before = $"{StemFilters}";
        foreach (var (block, word) in Blocks.Zip(words))
        {
            before = ParseBlock(block, word, before, values);
        }

        return values;
    }

    // What the block gives out, as written.
    private string ParseBlock(MnasBlock block, string word, string before, Dictionary<string, int> values)
    {
        var parts = new Queue<string>(word.Split('_'));
        Decide("layers", block.Layers, Take("r"));
        Decide("kernel", Kernel, Take("k"));
        Demand("s", $"{block.Stride}{block.Stride}", "its strides");
        Decide("expansion", Expansion, Take("e"));
        Demand("i", before, "what comes before gives out");
        var filters = Take("o");
        Decide("filters", block.Filters, filters);
        var squeezes = parts.TryPeek(out var next) && next.StartsWith("se", StringComparison.Ordinal);
        Decide("squeeze", Squeeze, squeezes ? Take("se") : "0");
        var skips = !parts.TryPeek(out next) || next != "noskip";
        values[$"{block.Name}/skip"] = skips ? 1 : 0;
        if (!skips)
        {
            parts.Dequeue();
        }

        return parts.TryPeek(out next) ? throw NotAGenotype($"'{next}' in '{word}', {block.Name}, is not expected there") : filters;

        string Take(string letter)
        {
            if (!parts.TryDequeue(out var part) || !part.StartsWith(letter, StringComparison.Ordinal))
            {
                throw NotAGenotype($"'{part}' in '{word}', {block.Name}, must begin with '{letter}'");
            }

            return part[letter.Length..];
        }

        void Demand(string letter, string value, string why)
        {
            var given = Take(letter);
            if (given != value)
            {
                throw NotAGenotype($"'{letter}{given}' in '{word}', {block.Name}, must be '{letter}{value}': {why}");
            }
        }

        void Decide(string what, Choice choice, string option)
        {
            var value = choice.Options.IndexOf(option);
            values[$"{block.Name}/{what}"] = value >= 0
                ? value
                : throw NotAGenotype($"'{option}' in '{word}', {what} of {block.Name}, must be one of {string.Join(", ", choice.Options)}");
        }
    }

    private static MnasBlock Block(int number, int stride, int[] layers, int[] filters) => new(
        $"block{number}", stride, new($"layers_{string.Join('_', layers)}", [.. layers.Select(count => $"{count}")]), new($"filters_{number}", [.. filters.Select(count => $"{count}")]));

    private static IEnumerable<(MnasBlock Block, Chosen Chosen)> Read(IChoices choices)
    {
        foreach (var block in Blocks)
        {
            var layers = Number(block, "layers", block.Layers);
            var kernel = Number(block, "kernel", Kernel);
            var expansion = Number(block, "expansion", Expansion);
            var filters = Number(block, "filters", block.Filters);
            var squeeze = double.Parse(Ask(block, "squeeze", Squeeze), CultureInfo.InvariantCulture);
            yield return (block, new(layers, kernel, expansion, filters, squeeze, Ask(block, "skip", Skip) == "identity"));
        }

        int Number(MnasBlock block, string what, Choice choice) => int.Parse(Ask(block, what, choice), CultureInfo.InvariantCulture);

        string Ask(MnasBlock block, string what, Choice choice) => choice.Options[choices.Choose($"{block.Name}/{what}", choice)];
    }

    private IEnumerable<(MnasBlock Block, Chosen Chosen)> Read(Genotype genotype) => Read(Replay(genotype.ToDictionary()));

    /// <param name="Name">Its place.</param>
    /// <param name="Stride">Of its first layer, for images of 224×224.</param>
    /// <param name="Layers">How many layers it can have.</param>
    /// <param name="Filters">How many filters it can give out.</param>
    private sealed record MnasBlock(string Name, int Stride, Choice Layers, Choice Filters);

    private readonly record struct Chosen(int Layers, int Kernel, int Expansion, int Filters, double Squeeze, bool Skips);
}
