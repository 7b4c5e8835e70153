using System.Text.Json;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training;

/// <summary>
/// A training between two epochs, in one safetensors file: weights by name, momentum as <c>momentum/</c> and the weight's name, and as metadata
/// the curve so far and what the training is of. Written whole or not at all.
/// </summary>
public static class TrainingCheckpoint
{
    private const string Momentum = "momentum/";
    private const string Curve = "curve";

    /// <param name="path">The file.</param>
    /// <param name="identity">What the training is of; <see cref="TryLoad"/> passes over a checkpoint of something else.</param>
    /// <param name="network">The weights.</param>
    /// <param name="trainer">The momentum.</param>
    /// <param name="curve">The epochs that are done.</param>
    public static void Save(
        string path, IReadOnlyDictionary<string, string> identity, Network network, Trainer trainer, IReadOnlyList<EpochResult> curve) =>
        SafetensorsFile.Write(
            path,
            [
                .. network.Weights.Select(pair => WeightFile.Entry(pair.Key, pair.Value)),
                .. States(network, trainer).Where(state => state.State.momentum_buffer is not null)
                    .Select(state => WeightFile.Entry(Momentum + state.Name, state.State.momentum_buffer!)), // not null: asked for just now
            ],
            new Dictionary<string, string>(identity) { [Curve] = JsonSerializer.Serialize(curve) });

    /// <summary>What a checkpoint says of itself; null when there is none.</summary>
    public static IReadOnlyDictionary<string, string>? Metadata(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = SafetensorsFile.Open(path);
        return file.Metadata;
    }

    /// <summary>Puts a training back to where it was saved.</summary>
    /// <returns>The curve so far; empty when there is no checkpoint, or one of another training.</returns>
    public static IReadOnlyList<EpochResult> TryLoad(
        string path, IReadOnlyDictionary<string, string> identity, Network network, Trainer trainer)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var file = SafetensorsFile.Open(path);
        if (identity.Any(pair => file.Metadata.GetValueOrDefault(pair.Key) != pair.Value))
        {
            return [];
        }

        network.Load(name => WeightFile.Read(file, name));
        using var _ = no_grad();
        foreach (var (name, parameter, state) in States(network, trainer))
        {
            if (file.Contains(Momentum + name))
            {
                using var value = WeightFile.Read(file, Momentum + name);
                state.momentum_buffer = zeros_like(parameter).copy_(value).DetachFromDisposeScope();
            }
        }

        return JsonSerializer.Deserialize<List<EpochResult>>(file.Metadata[Curve]) ?? [];
    }

    /// <summary>The optimiser's live states; it keeps them in the order of the network's parameters.</summary>
    private static IEnumerable<(string Name, Parameter Parameter, SGD.State State)> States(Network network, Trainer trainer) =>
        network.Trainable.Zip(trainer.Optimiser.state_dict().State, (entry, state) => (entry.Name, entry.Parameter, (SGD.State)state));
}
