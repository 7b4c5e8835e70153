using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.Mlp;

/// <summary>
/// A chain of full layers, for rows of a table above all: how many, the units and the activation of each, and one dropout for all. Each layer is a full layer, batch norm, the activation and the
/// dropout. Series and images are read as all their numbers in a row. The platform's own: it follows no paper.
/// </summary>
public sealed class MlpSpace : SearchSpace
{
    private const string DropoutWord = "dropout=";

    private readonly Choice _layers;
    private readonly Choice _units;
    private readonly Choice _activation;
    private readonly Choice _dropout;

    /// <param name="settings">
    /// <c>layers</c> (at most, 4), <c>units</c> (16,32,64,128,256), <c>activations</c> (relu,silu,tanh; of those of <see cref="ActivationKind"/>), <c>dropout</c> (in percent, 0,10,20,50).
    /// </param>
    public MlpSpace(Settings settings)
    {
        var most = settings.Whole("layers", 4, 1, 32);
        var units = settings.Wholes("units", [16, 32, 64, 128, 256], 1, 65_536);
        var activations = settings.Words("activations", ["relu", "silu", "tanh"], [.. Enum.GetNames<ActivationKind>().Select(name => name.ToLowerInvariant())]);
        var dropout = settings.Wholes("dropout", [0, 10, 20, 50], 0, 90);
        settings.RefuseUnknown();
        Settings = settings.Effective;
        _layers = new("layers", [.. Enumerable.Range(1, most).Select(count => $"{count}")]);
        _units = new("units", [.. units.Select(count => $"{count}")]);
        _activation = new("activation", [.. activations]);
        _dropout = new("dropout", [.. dropout.Select(percent => $"{percent}")]);
    }

    public override string Name => "mlp";

    public override string Summary => "A chain of full layers, their number, units, activations and dropout: for tables, and for short series";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm => "one word a layer, <units>/<activation>, then dropout=<percent>, such as '128/relu 64/silu dropout=10'";

    public override IReadOnlyList<TaskKind> Tasks { get; } =
        [TaskKind.TabularClassification, TaskKind.TabularRegression, TaskKind.SequenceClassification, TaskKind.Forecasting, TaskKind.ImageClassification];

    public override TaskShape Typical { get; } = TaskShape.Table(54, 7);

    public override IReadOnlyList<SpacePreset> Presets { get; } =
    [
        new("small", "At most three layers of at most 64 units: for tables of some hundred rows", new Dictionary<string, string> { ["layers"] = "3", ["units"] = "8,16,32,64" }),
        new("large", "At most eight layers of up to 1,024 units: for tables of a hundred thousand rows and more", new Dictionary<string, string>
        {
            ["layers"] = "8", ["units"] = "64,128,256,512,1024",
        }),
    ];

    /// <summary>The sum over the number of layers of (units × activations) to that power, times the dropouts.</summary>
    public override BigInteger Size
    {
        get
        {
            var layer = new BigInteger(_units.Options.Length * _activation.Options.Length);
            return _dropout.Options.Length * Enumerable.Range(1, _layers.Options.Length).Aggregate(BigInteger.Zero, (sum, count) => sum + BigInteger.Pow(layer, count));
        }
    }

    public override LayerGraph Build(IChoices choices, TaskShape task)
    {
        var graph = new LayerGraphBuilder(task);
        var (layers, percent) = Read(choices);
        var x = graph.Input.Shape.IsVector ? graph.Input : graph.Add("flatten", new Op.Flatten(), graph.Input);
        foreach (var (index, layer) in layers.Index())
        {
            var name = LayerName(index);
            x = graph.BatchNorm($"{name}/norm", graph.Add($"{name}/linear", new Op.Linear(layer.Units, Bias: false), x)); // the norm's shift is the bias
            x = graph.Add($"{name}/{layer.Activation.ToString().ToLowerInvariant()}", new Op.Activation(layer.Activation), x);
            x = percent == 0 ? x : graph.Add($"{name}/dropout", new Op.Dropout(percent / 100.0), x);
        }

        return graph.Finish(graph.Add("output", new Op.Linear(task.Outputs), x));
    }

    public override string Format(Genotype genotype)
    {
        var (layers, percent) = Read(Replay(genotype.ToDictionary()));
        return $"{string.Join(' ', layers.Select(layer => $"{layer.Units}/{layer.Activation.ToString().ToLowerInvariant()}"))} {DropoutWord}{percent}";
    }

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype)
    {
        var (layers, percent) = Read(Replay(genotype.ToDictionary()));
        var nodes = layers.Select((layer, index) => new SketchNode($"layer {index + 1}", $"{layer.Units} units, {layer.Activation.ToString().ToLowerInvariant()}"));
        return
        [
            new(
                percent == 0 ? "Layers" : $"Layers, each with a dropout of {percent} %",
                [new("input"), .. nodes, new("output")],
                [.. Enumerable.Range(0, layers.Length + 1).Select(place => new SketchEdge(place, place + 1))]),
        ];
    }

    public override void Decide(IChoices choices) => Read(choices);

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words is not [.. var layers, var last] || !last.StartsWith(DropoutWord, StringComparison.Ordinal))
        {
            throw NotAGenotype($"its last word must be '{DropoutWord}' and a percentage");
        }

        if (layers.Length < 1 || layers.Length > _layers.Options.Length)
        {
            throw NotAGenotype($"it has {layers.Length} layers and can have 1 to {_layers.Options.Length}");
        }

        var values = new Dictionary<string, int> { [_layers.Kind] = layers.Length - 1, [_dropout.Kind] = Place(_dropout, last[DropoutWord.Length..], "the dropout") };
        foreach (var (index, word) in layers.Index())
        {
            if (word.Split('/') is not [var units, var activation])
            {
                throw NotAGenotype($"layer {index + 1}, '{word}', is not <units>/<activation>");
            }

            values[$"{LayerName(index)}/{_units.Kind}"] = Place(_units, units, $"the units of layer {index + 1}");
            values[$"{LayerName(index)}/{_activation.Kind}"] = Place(_activation, activation, $"the activation of layer {index + 1}");
        }

        return values;

        int Place(Choice choice, string option, string what) =>
            choice.Options.IndexOf(option) is >= 0 and var place ? place : throw NotAGenotype($"{what} is '{option}', which is not one of {string.Join(", ", choice.Options)}");
    }

    private (ImmutableArray<(int Units, ActivationKind Activation)> Layers, int Dropout) Read(IChoices choices)
    {
        var count = choices.Choose(_layers.Kind, _layers) + 1;
        var percent = int.Parse(_dropout.Options[choices.Choose(_dropout.Kind, _dropout)], CultureInfo.InvariantCulture);
        return ([.. Enumerable.Range(0, count).Select(index =>
        {
            var units = int.Parse(_units.Options[choices.Choose($"{LayerName(index)}/{_units.Kind}", _units)], CultureInfo.InvariantCulture);
            var activation = Enum.Parse<ActivationKind>(_activation.Options[choices.Choose($"{LayerName(index)}/{_activation.Kind}", _activation)], ignoreCase: true);
            return (units, activation);
        })], percent);
    }

    private static string LayerName(int index) => $"layer{index + 1}";
}
