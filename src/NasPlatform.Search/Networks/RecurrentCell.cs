using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace NasPlatform.Search.Networks;

/// <summary>
/// What a recurrent layer computes at each step, as data: primitives on vectors, from what the step is given and the states of the step before to the states after.
/// </summary>
[JsonConverter(typeof(RecurrentCellJson))]
public sealed class RecurrentCell : IEquatable<RecurrentCell>
{
    /// <summary>The name of what a step is given.</summary>
    public const string InputName = "x";

    private readonly string _listing;

    internal RecurrentCell(ImmutableArray<Layer> layers, ImmutableArray<CellState> states)
    {
        Layers = layers;
        States = states;
        _listing = string.Join('\n', [
            .. layers.Select(layer => $"{layer}({string.Join(',', layer.Inputs.Select(input => input.Name))})"),
            .. states.Select(state => $"{state.Before.Name}<{state.After.Name}")]);
    }

    /// <summary>Inputs before users: what the step is given, the states of the step before in the order of <see cref="States"/>, then what is computed.</summary>
    public ImmutableArray<Layer> Layers { get; }

    /// <summary>At least one; the first is what the recurrent layer gives out.</summary>
    public ImmutableArray<CellState> States { get; }

    /// <summary>What a step is given.</summary>
    public Layer Input => Layers[0];

    /// <summary>The first state after the step.</summary>
    public Layer Output => States[0].After;

    /// <summary>Whether it mixes all choices of a space (<see cref="Op.HighwayMix"/>), and is no genotype's.</summary>
    public bool IsRelaxed => Layers.Any(layer => layer.Op is Op.HighwayMix);

    /// <summary>Full layers on the longest way through one step.</summary>
    public int Depth
    {
        get
        {
            var depths = LayerGraph.Depths(Layers);
            return States.Max(state => depths[state.After.Index]);
        }
    }

    public bool Equals(RecurrentCell? other) => other is not null && _listing == other._listing;

    public override bool Equals(object? obj) => Equals(obj as RecurrentCell);

    public override int GetHashCode() => _listing.GetHashCode(StringComparison.Ordinal);

    /// <summary>Its states with their sizes, and how many layers it has: <c>h=850, 46 layers</c>.</summary>
    public override string ToString() =>
        $"{string.Join(' ', States.Select(state => $"{state.Before.Name}={state.Before.Shape.Channels}"))}, {Layers.Count(layer => layer.Op is not Op.Input)} layers";
}

/// <summary>Something that a recurrent cell remembers.</summary>
/// <param name="Before">Its value after the step before; zeros before the first.</param>
/// <param name="After">Its value after this step.</param>
public readonly record struct CellState(Layer Before, Layer After);

/// <summary>Writes and reads a recurrent cell as JSON: the features that a step is given, the states, and each layer's name, primitive and inputs by name.</summary>
public sealed class RecurrentCellJson : JsonConverter<RecurrentCell>
{
    /// <exception cref="JsonException">The document is not a cell, or a layer does not fit; the message names it.</exception>
    public override RecurrentCell Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var document = JsonSerializer.Deserialize<Document>(ref reader, options) ?? throw new JsonException("A recurrent cell is missing.");
        try
        {
            var builder = new RecurrentCellBuilder(document.Features) { IsRelaxed = document.Layers.Any(entry => entry.Op is Op.HighwayMix) };
            var layers = new Dictionary<string, Layer> { [RecurrentCell.InputName] = builder.Input };
            foreach (var state in document.States)
            {
                layers[state.Name] = builder.State(state.Name, state.Features);
            }

            foreach (var entry in document.Layers)
            {
                layers[entry.Name] = builder.Add(entry.Name, entry.Op, [.. entry.Inputs.Select(name => Find(name, entry.Name))]);
            }

            return builder.Finish([.. document.States.Select(state => Find(state.After, state.Name))]);

            Layer Find(string name, string reader) =>
                layers.TryGetValue(name, out var layer) ? layer : throw new JsonException($"'{reader}' of a recurrent cell reads '{name}', which does not come before it.");
        }
        catch (UserErrorException error)
        {
            throw new JsonException(error.Message, error);
        }
    }

    public override void Write(Utf8JsonWriter writer, RecurrentCell value, JsonSerializerOptions options) => JsonSerializer.Serialize(
        writer,
        new Document(
            value.Input.Shape.Channels,
            [.. value.States.Select(state => new State(state.Before.Name, state.Before.Shape.Channels, state.After.Name))],
            [.. value.Layers.Where(layer => layer.Op is not Op.Input).Select(layer => new Entry(layer.Name, layer.Op, [.. layer.Inputs.Select(input => input.Name)]))]),
        options);

    private sealed record Document(int Features, IReadOnlyList<State> States, IReadOnlyList<Entry> Layers);

    private sealed record State(string Name, int Features, string After);

    private sealed record Entry(string Name, Op Op, IReadOnlyList<string> Inputs);
}
