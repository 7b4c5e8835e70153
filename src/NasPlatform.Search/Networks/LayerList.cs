using System.Collections.Immutable;

namespace NasPlatform.Search.Networks;

/// <summary>The layers of a graph in the making: each name once, each primitive checked against its inputs.</summary>
internal sealed class LayerList
{
    private readonly List<Layer> _layers = [];
    private readonly HashSet<string> _names = [];

    public IReadOnlyList<Layer> All => _layers;

    /// <exception cref="InvalidArchitectureException">The primitive cannot be applied to these inputs, or the name is taken.</exception>
    public Layer Add(string name, Op op, ReadOnlySpan<Layer> inputs)
    {
        ImmutableArray<Layer> list = [.. inputs];
        return Append(name, op, list, ShapeInference.Infer(name, op, list));
    }

    /// <summary>A layer whose shape does not follow from its inputs.</summary>
    /// <exception cref="InvalidArchitectureException">The name is taken.</exception>
    public Layer Append(string name, Op op, ImmutableArray<Layer> inputs, Shape shape)
    {
        if (!_names.Add(name))
        {
            throw new InvalidArchitectureException(name, "the name is used twice in one graph.");
        }

        var layer = new Layer(_layers.Count, name, op, inputs, shape);
        _layers.Add(layer);
        return layer;
    }
}
