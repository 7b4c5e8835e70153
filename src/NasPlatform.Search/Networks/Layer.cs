using System.Collections.Immutable;

namespace NasPlatform.Search.Networks;

/// <summary>One node of a layer graph: a primitive with a stable name, applied to earlier layers.</summary>
public sealed class Layer
{
    internal Layer(int index, string name, Op op, ImmutableArray<Layer> inputs, Shape shape)
    {
        Index = index;
        Name = name;
        Op = op;
        Inputs = inputs;
        Shape = shape;
    }

    /// <summary>The place in <see cref="LayerGraph.Layers"/>, which is in topological order.</summary>
    public int Index { get; }

    /// <summary>Unique in its graph, parts joined by <c>/</c>. Weights are shared, transferred and stored under it.</summary>
    public string Name { get; }

    public Op Op { get; }

    public ImmutableArray<Layer> Inputs { get; }

    /// <summary>The inputs whose values it works on: a tied layer takes of its second only the weights, and a mixture has no need of zeros.</summary>
    public ImmutableArray<Layer> Operands => Op switch
    {
        Op.TiedLinear => [Inputs[0]],
        Op.Mix => [.. Inputs.Where(input => input.Op is not Op.Zero)],
        _ => Inputs,
    };

    /// <summary>The shape of this layer's output.</summary>
    public Shape Shape { get; }

    public override string ToString() => $"{Name}: {OpText.Of(Op)} → {Shape}";
}
