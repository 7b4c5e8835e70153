using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace NasPlatform.Search.Networks;

/// <summary>
/// The identity of a computation: two genotypes with one key denote the same network. 32 lower-case hexadecimal digits,
/// the first half of a SHA-256.
/// </summary>
public readonly record struct ArchitectureKey(string Value)
{
    /// <summary>The key of a canonical text, for spaces whose paper states a canonical form of its own.</summary>
    public static ArchitectureKey OfText(string canonicalText) => new(Hash(canonicalText));

    /// <summary>
    /// The key of a layer graph, the same whatever the layers are called and in whatever order they and the summands were
    /// added. Each layer is hashed from its inputs (forwards) and then from its readers (backwards); the key is that of the sorted
    /// list of all. So one layer read twice and two equal layers differ: the second has weights of its own.
    /// </summary>
    public static ArchitectureKey Of(LayerGraph graph) => Of(graph.Layers, layer => $"input {layer.Shape}", null);

    /// <summary>The key of what a recurrent cell computes, the same whatever its layers and states are called.</summary>
    public static ArchitectureKey Of(RecurrentCell cell) => Of(
        cell.Layers,
        layer => $"input {layer.Index} {layer.Shape}", // what the step is given, or the state of that number
        cell.States.Index().ToLookup(state => state.Item.After, state => $"after {state.Index}"));

    private static ArchitectureKey Of(ImmutableArray<Layer> layers, Func<Layer, string> input, ILookup<Layer, string>? outsideReaders)
    {
        var forwards = new string[layers.Length];
        foreach (var layer in layers)
        {
            var inputs = layer.Inputs.Select(input => forwards[input.Index]);
            forwards[layer.Index] = Hash(layer.Op switch
            {
                Op.Input => input(layer),
                Op.Add or Op.Multiply or Op.Mean => $"{OpText.Of(layer.Op)}({string.Join(',', inputs.Order(StringComparer.Ordinal))})",
                Op.Recurrent recurrent => $"recurrent {Of(recurrent.Cell)}({string.Join(',', inputs)})",
                _ => $"{OpText.Of(layer.Op)}({string.Join(',', inputs)})",
            });
        }

        var readers = new List<string>[layers.Length];
        for (var index = layers.Length - 1; index >= 0; index--)
        {
            var layer = layers[index];
            var own = (readers[index] ?? []).Concat(outsideReaders?[layer] ?? []).Order(StringComparer.Ordinal);
            var backwards = Hash($"{forwards[index]}<{string.Join(',', own)}");
            forwards[index] = backwards;
            for (var place = 0; place < layer.Inputs.Length; place++)
            {
                (readers[layer.Inputs[place].Index] ??= []).Add(layer.Op is Op.Add or Op.Multiply or Op.Mean ? backwards : $"{place}:{backwards}");
            }
        }

        return OfText(string.Join('\n', forwards.Order(StringComparer.Ordinal)));
    }

    public override string ToString() => Value;

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
