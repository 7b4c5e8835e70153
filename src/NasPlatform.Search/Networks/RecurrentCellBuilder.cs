using System.Collections.Immutable;

namespace NasPlatform.Search.Networks;

/// <summary>Puts a recurrent cell together, layer by layer; each is checked as it is added. <see cref="Finish"/> drops what no state depends on.</summary>
public sealed class RecurrentCellBuilder
{
    private readonly LayerList _layers = new();

    /// <param name="features">Numbers that a step is given.</param>
    public RecurrentCellBuilder(int features) => Input = AddInput(RecurrentCell.InputName, features);

    /// <summary>Whether the cell mixes all choices of a space: only then it may have mixtures, and batch norms, which are run step by step. Off at first.</summary>
    public bool IsRelaxed { get; init; }

    /// <summary>What a step is given, <c>[features]</c>.</summary>
    public Layer Input { get; }

    /// <summary>A state as it is after the step before; states come before the layers that compute, the one that is given out first.</summary>
    /// <exception cref="InvalidArchitectureException">The name is taken, or layers came before.</exception>
    public Layer State(string name, int features) =>
        _layers.All[^1].Op is Op.Input ? AddInput(name, features) : throw new InvalidArchitectureException(name, "a state comes before the layers that compute.");

    /// <exception cref="InvalidArchitectureException">The primitive cannot be applied to these inputs or has no place in a cell, or the name is taken.</exception>
    public Layer Add(string name, Op op, params ReadOnlySpan<Layer> inputs) =>
        op is Op.Linear or Op.Activation or Op.Add or Op.Multiply or Op.Lerp or Op.Mean or Op.Concat or Op.Slice or Op.Dropout { IsLocked: false } || (IsRelaxed && op is Op.HighwayMix or Op.BatchNorm)
            ? _layers.Add(name, op, inputs)
            : throw new InvalidArchitectureException(name, $"{OpText.Of(op)}: a recurrent cell is made of full layers, elementwise functions, joins, slices and dropout.");

    /// <summary>The activation's values; for null those of the input itself.</summary>
    public Layer Activate(string name, ActivationKind? kind, Layer input) => kind is { } function ? Add(name, new Op.Activation(function), input) : input;

    /// <summary>The finished cell.</summary>
    /// <param name="after">Each state after the step, in the order in which they were added.</param>
    public RecurrentCell Finish(params ReadOnlySpan<Layer> after)
    {
        var before = _layers.All.Skip(1).TakeWhile(layer => layer.Op is Op.Input).ToList();
        if (before.Count == 0 || before.Count != after.Length)
        {
            throw new InvalidArchitectureException(RecurrentCell.InputName, $"a recurrent cell has at least one state, and a value after the step for each; there are {before.Count} and {after.Length}.");
        }

        var needed = LayerGraph.Needs([.. after]);
        var kept = new Dictionary<Layer, Layer>();
        foreach (var layer in _layers.All.Where(layer => layer.Op is Op.Input || needed.Contains(layer)))
        {
            kept[layer] = new Layer(kept.Count, layer.Name, layer.Op, [.. layer.Inputs.Select(input => kept[input])], layer.Shape);
        }

        var states = ImmutableArray.CreateBuilder<CellState>();
        for (var state = 0; state < after.Length; state++)
        {
            states.Add(after[state].Shape == before[state].Shape
                ? new(kept[before[state]], kept[after[state]])
                : throw new InvalidArchitectureException(after[state].Name, $"it is state '{before[state].Name}' after the step and must have its shape, {before[state].Shape}; it has {after[state].Shape}."));
        }

        return new([.. kept.Values], states.ToImmutable());
    }

    private Layer AddInput(string name, int features) => features >= 1
        ? _layers.Append(name, new Op.Input(), [], Shape.Vector(features))
        : throw new InvalidArchitectureException(name, "needs at least one number.");
}
