using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.Conv1d;

/// <summary>
/// A chain of convolutions over the steps of a series: how many, the kind, kernel, filters and stride of each, and how the last one's values become a vector, by their mean over the steps or by taking
/// them all. Each layer is a convolution, batch norm and ReLU; one of stride 1 that keeps the number of channels adds its input. A linear function of the whole series may be added to the output, as
/// the autoregressive part of LSTNet (Lai et al. 2018, arXiv 1703.07015) is: what it alone explains, the convolutions need not learn. Otherwise the platform's own.
/// </summary>
public sealed class Conv1dSpace : SearchSpace
{
    private const string HeadWord = "head=";
    private const string LinearWord = "linear=";

    private static readonly Choice Operation = new("operation", ["conv", "dilated", "separable"]);
    private static readonly Choice Head = new("head", ["mean", "all"]);
    private static readonly Choice Linear = new("linear", ["no", "yes"]);

    private readonly Choice _layers;
    private readonly Choice _kernel;
    private readonly Choice _filters;
    private readonly Choice _stride;

    /// <param name="settings"><c>layers</c> (at most, 4), <c>kernels</c> (3,5,9: odd), <c>filters</c> (16,32,64), <c>strides</c> (1,2).</param>
    public Conv1dSpace(Settings settings)
    {
        var most = settings.Whole("layers", 4, 1, 32);
        var kernels = settings.Wholes("kernels", [3, 5, 9], 1, 255);
        if (kernels.FirstOrDefault(kernel => kernel % 2 == 0) is var even and > 0)
        {
            throw new UserErrorException($"Space 'conv1d': the kernel {even} is even; kernels are centred on a step, so give odd ones.");
        }

        var filters = settings.Wholes("filters", [16, 32, 64], 1, 4096);
        var strides = settings.Wholes("strides", [1, 2], 1, 8);
        settings.RefuseUnknown();
        Settings = settings.Effective;
        _layers = Of("layers", Enumerable.Range(1, most));
        _kernel = Of("kernel", kernels);
        _filters = Of("filters", filters);
        _stride = Of("stride", strides);

        static Choice Of(string kind, IEnumerable<int> values) => new(kind, [.. values.Select(value => $"{value}")]);
    }

    public override string Name => "conv1d";

    public override string Summary => "A chain of convolutions over the steps of a series, plain, dilated or separable: for sequence classification and forecasting";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        $"one word a layer, <{string.Join(" or ", Operation.Options)}>/<kernel>/<filters>/<stride>, then head=<{string.Join(" or ", Head.Options)}> and linear=<{string.Join(" or ", Linear.Options)}>, such as 'conv/5/32/2 dilated/3/32/1 head=mean linear=yes'";

    public override IReadOnlyList<TaskKind> Tasks { get; } = [TaskKind.SequenceClassification, TaskKind.Forecasting];

    public override TaskShape Typical { get; } = TaskShape.Series(6, 100, 4);

    public override IReadOnlyList<SpacePreset> Presets { get; } =
    [
        new("small", "At most three layers of at most 32 filters: for some hundred series", new Dictionary<string, string> { ["layers"] = "3", ["filters"] = "8,16,32" }),
        new("large", "At most eight layers of up to 256 filters and kernels of up to 17 steps", new Dictionary<string, string>
        {
            ["layers"] = "8", ["kernels"] = "3,5,9,17", ["filters"] = "32,64,128,256",
        }),
    ];

    /// <summary>The sum over the number of layers of (operations × kernels × filters × strides) to that power, times the heads and twice for the linear part.</summary>
    public override BigInteger Size
    {
        get
        {
            var layer = new BigInteger(Operation.Options.Length * _kernel.Options.Length * _filters.Options.Length * _stride.Options.Length);
            return Head.Options.Length * Linear.Options.Length * Enumerable.Range(1, _layers.Options.Length).Aggregate(BigInteger.Zero, (sum, count) => sum + BigInteger.Pow(layer, count));
        }
    }

    public override LayerGraph Build(IChoices choices, TaskShape task)
    {
        var graph = new LayerGraphBuilder(task);
        var (layers, head, isLinear) = Read(choices);
        var x = graph.Input;
        foreach (var (index, layer) in layers.Index())
        {
            var name = LayerName(index);
            var input = x;
            var kernel = new Extent(1, layer.Kernel);
            var stride = new Extent(1, layer.Stride);
            var convolved = layer.Operation switch
            {
                "conv" => graph.Conv($"{name}/conv", x, layer.Filters, kernel, stride),
                "dilated" => graph.Conv($"{name}/conv", x, layer.Filters, kernel, stride, new Extent(1, 2)),
                _ => graph.Conv($"{name}/pointwise", graph.Conv($"{name}/depthwise", x, x.Shape.Channels, kernel, stride, groups: x.Shape.Channels), layer.Filters, 1),
            };
            x = graph.Relu($"{name}/relu", graph.BatchNorm($"{name}/norm", convolved));
            x = x.Shape == input.Shape ? graph.Add($"{name}/add", new Op.Add(), x, input) : x;
        }

        var vector = graph.Add("output/vector", head == "mean" ? new Op.GlobalAvgPool() : new Op.Flatten(), x);
        var output = graph.Add("output/linear", new Op.Linear(task.Outputs), vector);
        if (isLinear)
        {
            var whole = graph.Add("linear/flatten", new Op.Flatten(), graph.Input);
            output = graph.Add("output/add", new Op.Add(), output, graph.Add("linear/linear", new Op.Linear(task.Outputs, Bias: false), whole));
        }

        return graph.Finish(output);
    }

    public override string Format(Genotype genotype)
    {
        var (layers, head, isLinear) = Read(Replay(genotype.ToDictionary()));
        return $"{string.Join(' ', layers.Select(layer => $"{layer.Operation}/{layer.Kernel}/{layer.Filters}/{layer.Stride}"))} {HeadWord}{head} {LinearWord}{(isLinear ? "yes" : "no")}";
    }

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype)
    {
        var (layers, head, isLinear) = Read(Replay(genotype.ToDictionary()));
        var nodes = layers.Select((layer, index) => new SketchNode(
            $"layer {index + 1}", $"{layer.Operation} {layer.Kernel}, {layer.Filters} filters{(layer.Stride == 1 ? "" : $", stride {layer.Stride}")}"));
        return
        [
            new(
                "Layers",
                [new("series"), .. nodes, new(head == "mean" ? "mean over the steps" : "all steps"), new("output")],
                [
                    .. Enumerable.Range(0, layers.Length + 2).Select(place => new SketchEdge(place, place + 1)),
                    .. isLinear ? [new SketchEdge(0, layers.Length + 2, "linear")] : Array.Empty<SketchEdge>(),
                ]),
        ];
    }

    public override void Decide(IChoices choices) => Read(choices);

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words is not [.. var layers, var head, var linear] || !head.StartsWith(HeadWord, StringComparison.Ordinal) || !linear.StartsWith(LinearWord, StringComparison.Ordinal))
        {
            throw NotAGenotype($"its last words must be '{HeadWord}' and {string.Join(" or ", Head.Options)}, then '{LinearWord}' and {string.Join(" or ", Linear.Options)}");
        }

        if (layers.Length < 1 || layers.Length > _layers.Options.Length)
        {
            throw NotAGenotype($"it has {layers.Length} layers and can have 1 to {_layers.Options.Length}");
        }

        var values = new Dictionary<string, int>
        {
            [_layers.Kind] = layers.Length - 1,
            [Head.Kind] = Place(Head, head[HeadWord.Length..], "the head"),
            [Linear.Kind] = Place(Linear, linear[LinearWord.Length..], "the linear part"),
        };
        foreach (var (index, word) in layers.Index())
        {
            var parts = word.Split('/');
            Choice[] choices = [Operation, _kernel, _filters, _stride];
            if (parts.Length != choices.Length)
            {
                throw NotAGenotype($"layer {index + 1}, '{word}', is not <operation>/<kernel>/<filters>/<stride>");
            }

            foreach (var (choice, part) in choices.Zip(parts))
            {
                values[$"{LayerName(index)}/{choice.Kind}"] = Place(choice, part, $"the {choice.Kind} of layer {index + 1}");
            }
        }

        return values;

        int Place(Choice choice, string option, string what) =>
            choice.Options.IndexOf(option) is >= 0 and var place ? place : throw NotAGenotype($"{what} is '{option}', which is not one of {string.Join(", ", choice.Options)}");
    }

    private (ImmutableArray<Conv1dLayer> Layers, string Head, bool IsLinear) Read(IChoices choices)
    {
        var count = choices.Choose(_layers.Kind, _layers) + 1;
        var head = Head.Options[choices.Choose(Head.Kind, Head)];
        var isLinear = choices.Choose(Linear.Kind, Linear) == 1;
        return ([.. Enumerable.Range(0, count).Select(Layer)], head, isLinear);

        Conv1dLayer Layer(int index)
        {
            return new(Ask(Operation), Number(_kernel), Number(_filters), Number(_stride));

            string Ask(Choice choice) => choice.Options[choices.Choose($"{LayerName(index)}/{choice.Kind}", choice)];

            int Number(Choice choice) => int.Parse(Ask(choice), CultureInfo.InvariantCulture);
        }
    }

    private static string LayerName(int index) => $"layer{index + 1}";

    private readonly record struct Conv1dLayer(string Operation, int Kernel, int Filters, int Stride);
}
