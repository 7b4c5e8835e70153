using System.Collections.Immutable;

namespace NasPlatform.Search.Networks;

/// <summary>Finds what of a graph need not be done, or not twice, and what is done together.</summary>
internal sealed class Fusion
{
    private readonly LayerGraph _graph;
    private readonly bool _training;
    private readonly Layer[] _layers;

    // What gives a layer's output: itself, what it passes on, or the first of those that compute the same.
    private readonly Dictionary<Layer, Layer> _giver = [];
    private readonly List<Layer> _live;
    private readonly ILookup<Layer, Layer> _readers;
    private readonly HashSet<Layer> _outputs;

    // Factorised reductions by the layer that joins their halves, and what need not be done beside them.
    private readonly Dictionary<Layer, PlanStep> _reductions;
    private readonly HashSet<Layer> _halved;

    public Fusion(LayerGraph graph, bool training)
    {
        _graph = graph;
        _training = training;
        _layers = [.. graph.Layers, .. graph.AuxiliaryLayers];
        var firsts = new Dictionary<(Op Op, string Operands), Layer>();
        foreach (var layer in _layers)
        {
            var computation = (layer.Op, string.Join(' ', Operands(layer).Select(operand => operand.Index)));
            _giver[layer] = DoesNothing(layer) ? _giver[layer.Inputs[0]]
                : IsPure(layer.Op) && !firsts.TryAdd(computation, layer) ? firsts[computation]
                : layer;
        }

        _outputs = [.. new[] { graph.Output, graph.AuxiliaryOutput }.OfType<Layer>().Select(output => _giver[output])];
        var needed = LayerGraph.Needs(_outputs, Operands);
        _live = [.. _layers.Where(needed.Contains)];
        _readers = _live.SelectMany(layer => Operands(layer).Select(operand => (operand, layer))).ToLookup(read => read.operand, read => read.layer);
        _reductions = _live.Select(Reduction).OfType<PlanStep>().ToDictionary(reduction => reduction.Result);
        _halved = [.. _reductions.Values.SelectMany(reduction => reduction.Layers[2..^1])];
        foreach (var moving in _reductions.Values.SelectMany(reduction => reduction.Layers[..2].Reverse()).Where(layer => !_outputs.Contains(layer) && _readers[layer].All(_halved.Contains)))
        {
            _halved.Add(moving);
        }
    }

    public Plan.Pass Pass() => new(
        [.. _live.Where(layer => layer.Op is not Op.Input && Absorber(layer) is null && !_halved.Contains(layer)).Select(Step)],
        _giver[_graph.Output],
        _graph.AuxiliaryOutput is { } auxiliary ? _giver[auxiliary] : null,
        [.. _layers.Where(DoesNothing)],
        [.. _layers.Where(layer => !DoesNothing(layer) && _giver[layer] != layer)]);

    private PlanStep Step(Layer layer)
    {
        if (_reductions.TryGetValue(layer, out var reduction))
        {
            return reduction;
        }

        if (layer.Op is Op.Activation { Kind: ActivationKind.Relu } && Operands(layer).First() is var inner && Absorber(inner) == layer)
        {
            var (absorbed, terms) = Sum(inner);
            return Summed([.. absorbed, layer], terms, relu: true);
        }

        if (IsSum(layer))
        {
            var (absorbed, terms) = Sum(layer);
            return Summed(absorbed, terms, relu: false);
        }

        return new([layer], [.. Operands(layer)], MayOverwrite: MayOverwrite(layer));

        static PlanStep Summed(ImmutableArray<Layer> layers, ImmutableArray<NormSum.Term> terms, bool relu) =>
            new(layers, [.. terms.Select(term => term.Input)], new(terms, relu));
    }

    /// <summary>The layers that become one sum with a layer, it being the last, and the terms of that.</summary>
    private (ImmutableArray<Layer> Layers, ImmutableArray<NormSum.Term> Terms) Sum(Layer layer)
    {
        if (layer.Op is Op.BatchNorm)
        {
            return ([layer], [new(Operands(layer).First(), layer)]);
        }

        var layers = ImmutableArray.CreateBuilder<Layer>();
        var terms = ImmutableArray.CreateBuilder<NormSum.Term>();
        foreach (var (place, input) in layer.Inputs.Index().Where(part => layer.Operands.Contains(part.Item)))
        {
            var operand = _giver[input];
            (string, int)? share = layer.Op is Op.Mix mix ? (mix.Alphas, place) : null;
            if (Absorber(operand) == layer)
            {
                var (inner, innerTerms) = Sum(operand);
                layers.AddRange(inner);
                terms.AddRange(innerTerms.Select(term => term with { Share = share ?? term.Share })); // a mixture takes batch norms alone, which have no share yet
            }
            else
            {
                terms.Add(new(operand, Share: share));
            }
        }

        layers.Add(layer);
        return (layers.ToImmutable(), terms.ToImmutable());
    }

    /// <summary>The layer that does a layer along with itself: the only one that reads it, if both are parts of one sum. Null for none.</summary>
    private Layer? Absorber(Layer layer) =>
        !_outputs.Contains(layer) && IsSum(layer) && _readers[layer].ToArray() is [var reader] && IsWith(reader, layer) ? reader : null;

    /// <summary>The step that does a factorised reduction (<see cref="Composites.FactorizedReduction"/>) of which this is the last layer; null if it is none.</summary>
    private PlanStep? Reduction(Layer join)
    {
        return join.Op is Op.Concat && Operands(join).ToArray() is [var straight, var shifted] && straight != shifted && IsHalf(straight) && IsHalf(shifted)
            && Input(shifted) is { Op: Op.Crop { Top: 1, Left: 1, Bottom: 0, Right: 0 } } crop
            && Input(crop) is { Op: Op.Pad { Top: 0, Left: 0, Bottom: 1, Right: 1 } } pad
            && Input(pad) == Input(straight)
            ? new([pad, crop, straight, shifted, join], [Input(straight)], Reduction: (straight, shifted))
            : null;

        Layer Input(Layer layer) => Operands(layer).First();

        bool IsHalf(Layer layer) =>
            layer.Op is Op.Conv2d { Kernel: { Height: 1, Width: 1 }, Stride: { Height: 2, Width: 2 }, Padding: { Height: 0, Width: 0 }, Groups: 1, Bias: false }
            && !_outputs.Contains(layer) && _readers[layer].Count() == 1;
    }

    private static bool IsWith(Layer reader, Layer layer) => (reader.Op, layer.Op) switch
    {
        (Op.Activation { Kind: ActivationKind.Relu }, _) => true,
        (Op.Add, Op.BatchNorm or Op.Add or Op.Mix) or (Op.Mix, Op.BatchNorm) => true,
        _ => false,
    };

    /// <summary>Whether it is, or begins, what is done in one pass with the ReLU behind it.</summary>
    public static bool IsSum(Layer layer) => layer is { Op: Op.BatchNorm or Op.Add or Op.Mix, Shape.Kind: not ShapeKind.Sequence };

    private IEnumerable<Layer> Operands(Layer layer) => layer.Operands.Select(operand => _giver[operand]);

    /// <summary>Whether it passes its input on as it is.</summary>
    private bool DoesNothing(Layer layer) => layer.Op switch
    {
        Op.Dropout dropout => !_training || dropout.Probability == 0,
        Op.DropPath dropPath => !_training || dropPath.Probability == 0,
        _ => false,
    };

    /// <summary>Whether its output follows from its operands alone: it holds no weights and draws no masks.</summary>
    private static bool IsPure(Op op) => op is Op.Activation or Op.MaxPool or Op.AvgPool or Op.GlobalAvgPool or Op.Add or Op.Concat or Op.Pad or Op.Crop
        or Op.Slice or Op.Flatten or Op.Scale or Op.ToSequence or Op.LastStep or Op.Multiply or Op.Lerp or Op.Mean;

    /// <summary>An activation may overwrite its input if nobody else reads that and its producer's backward pass does not need it.</summary>
    private bool MayOverwrite(Layer layer) =>
        layer.Op is Op.Activation { Kind: ActivationKind.Relu }
        && Operands(layer).First() is { Op: Op.Conv2d or Op.Concat } input
        && !_outputs.Contains(input)
        && _readers[input].Count() == 1;
}
