using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.NasBenchMacro;

/// <summary>
/// The space of NAS-Bench-Macro (Su et al. 2021, arXiv 2103.11922, and the released table xiusu/NAS-Bench-Macro): eight layers in stages of two, three and three, each an identity or one of two
/// MobileNetV2 blocks. The first layer of a stage has stride 2 and doubles the channels; the identity there is a 1×1 convolution of stride 2 with batch norm.
/// </summary>
/// <remarks>
/// The multiply-adds of the released table are ours less one for each class: it does not count the addition of the classifier's bias. ReLU stands where MobileNetV2 has ReLU6.
/// </remarks>
public sealed class NasBenchMacroSpace : SearchSpace
{
    /// <summary>What a layer can be, in the order of the table's digits; a block's name tells kernel and expansion.</summary>
    public static readonly Choice Block = new("block", ["identity", "mb_3x3_e3", "mb_5x5_e6"]);

    private static readonly int[] StageLayers = [2, 3, 3];

    private readonly int _channels;
    private readonly int _features;

    /// <param name="settings"><c>channels</c> (of the stem, 32) and <c>features</c> (of the last convolution, 1280): the benchmark's network.</param>
    public NasBenchMacroSpace(Settings settings)
    {
        _channels = settings.Whole("channels", 32, 1, 256);
        _features = settings.Whole("features", 1280, 1, 8192);
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "nasbenchmacro";

    public override string Summary => "Eight layers, each an identity or one of two MobileNetV2 blocks (Su et al. 2021)";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        $"a digit for each of the {StageLayers.Sum()} layers ({string.Join(", ", Block.Options.Select((block, digit) => $"{digit} {block}"))}), such as '22212220'";

    public override IReadOnlyList<SpacePreset> Presets =>
    [
        new("paper", "the benchmark's network: a stem of 32 channels, 1,280 features", Of(32, 1280)),
        new("small", "a stem of 8 channels, 128 features, for two CPU cores", Of(8, 128)),
    ];

    /// <summary>The best of the table, which are one computation, and the worst.</summary>
    public override IReadOnlyDictionary<string, string> Published { get; } = new Dictionary<string, string>
    {
        ["best"] = "22212220",
        ["best, written otherwise"] = "22212202",
        ["worst"] = "00000000",
    };

    public override LayerGraph Build(IChoices choices, TaskShape task)
    {
        var graph = new LayerGraphBuilder(task);
        var x = graph.ConvNormRelu("stem", graph.Input, _channels, 3);
        var channels = _channels;
        foreach (var (stage, layer, block) in Read(choices))
        {
            var name = LayerName(stage, layer);
            var isFirst = layer == 1;
            channels = isFirst ? 2 * channels : channels;
            x = Block.Options[block] switch
            {
                "identity" => isFirst ? graph.ConvNorm(name, x, channels, 1, stride: 2) : x,
                "mb_3x3_e3" => graph.InvertedResidual(name, x, channels, kernel: 3, expansion: 3, stride: isFirst ? 2 : 1),
                _ => graph.InvertedResidual(name, x, channels, kernel: 5, expansion: 6, stride: isFirst ? 2 : 1),
            };
        }

        return graph.Finish(graph.Classifier(graph.ConvNormRelu("last", x, _features, 1)));
    }

    public override string Format(Genotype genotype) => string.Concat(genotype.Decisions.Select(decision => decision.Value));

    /// <summary>
    /// The key of the canonical form by which the benchmark has 3,969 different networks: where an identity stands among the later layers of a stage does not matter. It does not depend on the
    /// numbers of channels.
    /// </summary>
    public override ArchitectureKey Key(Genotype genotype) => ArchitectureKey.OfText($"{Name} {CanonicalForm(genotype)}");

    /// <summary>The digits with the identities of each stage moved behind its blocks, but for the first layer.</summary>
    public static string CanonicalForm(Genotype genotype)
    {
        var digits = genotype.Decisions.Select(decision => decision.Value).ToList();
        var first = 0;
        foreach (var layers in StageLayers)
        {
            var later = digits.Slice(first + 1, layers - 1);
            digits.RemoveRange(first + 1, layers - 1);
            digits.InsertRange(first + 1, later.OrderBy(digit => digit == 0));
            first += layers;
        }

        return string.Concat(digits);
    }

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype)
    {
        var layers = genotype.Decisions.Select(decision => new SketchNode(decision.Name.Replace('/', ' '), decision.Option)).ToList();
        return [new("Layers", [new("stem"), .. layers, new("classifier")], [.. Enumerable.Range(0, layers.Count + 1).Select(place => new SketchEdge(place, place + 1))])];
    }

    public override void Decide(IChoices choices)
    {
        foreach (var _ in Read(choices))
        {
        }
    }

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var count = StageLayers.Sum();
        if (text.Length != count)
        {
            throw NotAGenotype($"'{text}' has {text.Length} digits, not {count}");
        }

        var values = new Dictionary<string, int>();
        foreach (var (stage, layer) in Layers())
        {
            var digit = text[values.Count];
            values[LayerName(stage, layer)] = digit is >= '0' and <= '2'
                ? digit - '0'
                : throw NotAGenotype($"'{digit}' at place {values.Count + 1} is not 0, 1 or 2");
        }

        return values;
    }

    private static IEnumerable<(int Stage, int Layer, int Block)> Read(IChoices choices) =>
        Layers().Select(place => (place.Stage, place.Layer, choices.Choose(LayerName(place.Stage, place.Layer), Block)));

    private static IEnumerable<(int Stage, int Layer)> Layers() =>
        StageLayers.SelectMany((layers, stage) => Enumerable.Range(1, layers).Select(layer => (stage + 1, layer)));

    private static string LayerName(int stage, int layer) => $"stage{stage}/layer{layer}";

    private static Dictionary<string, string> Of(int channels, int features) => new() { ["channels"] = $"{channels}", ["features"] = $"{features}" };
}
