using System.Text.Json;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Training;

/// <summary>
/// A training between two epochs, in one safetensors file: weights by name, what the optimiser remembers (<see cref="OptimizerMemory"/>), and as metadata
/// the curve so far and what the training is of. Written whole or not at all.
/// </summary>
public static class TrainingCheckpoint
{
    private const string Curve = "curve";

    /// <param name="path">The file.</param>
    /// <param name="identity">What the training is of; <see cref="TryLoad"/> passes over a checkpoint of something else.</param>
    /// <param name="network">The weights.</param>
    /// <param name="trainer">What the optimiser remembers.</param>
    /// <param name="curve">The epochs that are done.</param>
    public static void Save(
        string path, IReadOnlyDictionary<string, string> identity, Network network, Trainer trainer, IReadOnlyList<EpochResult> curve) =>
        SafetensorsFile.Write(
            path,
            [
                .. network.Weights.Select(pair => WeightFile.Entry(pair.Key, pair.Value)),
                .. OptimizerMemory.Save(trainer.Optimiser, network.Trainable),
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
        OptimizerMemory.Load(file, trainer.Optimiser, network.Trainable);
        return JsonSerializer.Deserialize<List<EpochResult>>(file.Metadata[Curve]) ?? [];
    }
}
