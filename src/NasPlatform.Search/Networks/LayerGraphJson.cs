using System.Text.Json;
using System.Text.Json.Serialization;

namespace NasPlatform.Search.Networks;

/// <summary>Writes and reads a layer graph as JSON: the task, and each layer's name, primitive, inputs by name and output shape.</summary>
public sealed class LayerGraphJson : JsonConverter<LayerGraph>
{
    /// <exception cref="JsonException">The document is not a layer graph, or a layer does not fit; the message names it.</exception>
    public override LayerGraph Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var document = JsonSerializer.Deserialize<Document>(ref reader, options) ?? throw new JsonException("A layer graph is missing.");
        try
        {
            var builder = new LayerGraphBuilder(document.Task);
            var layers = new Dictionary<string, Layer> { ["input"] = builder.Input };
            foreach (var entry in document.Layers.Skip(1))
            {
                Layer[] inputs = [.. entry.Inputs.Select(name => Find(name, entry.Name))];
                layers[entry.Name] = (entry.Op, inputs, entry.Shape) switch
                {
                    (Op.Input, _, _) => throw new JsonException($"Layer '{entry.Name}' is an input, and only the first layer can be."),
                    (Op.Zero, [var one], [var channels, var height, var width]) => builder.Zeros(entry.Name, one, Shape.Image(channels, height, width)),
                    (Op.Zero, [var one], [var steps, var features]) => builder.Zeros(entry.Name, one, Shape.Sequence(steps, features)),
                    (Op.Zero, [var one], [var features]) => builder.Zeros(entry.Name, one, Shape.Vector(features)),
                    (Op.Zero, _, _) => throw new JsonException($"Layer '{entry.Name}' must have one input, and the shape of an image, a sequence or a vector."),
                    _ => builder.Add(entry.Name, entry.Op, inputs),
                };
            }

            return builder.Finish(Find(document.Output, "output"));

            Layer Find(string name, string reader) =>
                layers.TryGetValue(name, out var layer) ? layer : throw new JsonException($"Layer '{reader}' reads '{name}', which does not come before it.");
        }
        catch (UserErrorException error)
        {
            throw new JsonException(error.Message, error);
        }
    }

    public override void Write(Utf8JsonWriter writer, LayerGraph value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(
            writer,
            new Document(
                value.Task,
                [.. value.Layers.Select(layer => new Entry(layer.Name, layer.Op, [.. layer.Inputs.Select(input => input.Name)], layer.Shape.Dimensions))],
                value.Output.Name),
            options);

    private sealed record Document(TaskShape Task, IReadOnlyList<Entry> Layers, string Output);

    private sealed record Entry(string Name, Op Op, IReadOnlyList<string> Inputs, int[] Shape);
}
