using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Experiments;

/// <summary>
/// Trains the winner from scratch on the training and validation examples together and then measures it, once, on the test split. After each
/// epoch a checkpoint is written, from which an interrupted training goes on.
/// </summary>
public sealed class FinalTraining(
    ExperimentSpec spec, Dataset dataset, Device device, int threads, string checkpointPath, TimeProvider time)
{
    private readonly RandomSource _random = new RandomSource(spec.Seed).Split("final");

    /// <summary>
    /// How many epochs fit in <paramref name="available"/>, at most the spec's and at least one, by timing a few steps on a network that is then
    /// thrown away. A checkpoint that is there has decided already.
    /// </summary>
    public int EpochsWithin(LayerGraph graph, TimeSpan available, CancellationToken cancellation)
    {
        const double TimedSeconds = 2;
        const double Reserve = 0.9; // for the test, the export and what else the machine does
        if (TrainingCheckpoint.Metadata(checkpointPath) is { } metadata
            && metadata.GetValueOrDefault("key") == ArchitectureKey.Of(graph).Value
            && metadata.TryGetValue("epochs", out var decided))
        {
            return int.Parse(decided);
        }

        set_num_threads(threads);
        var indices = TrainIndices();
        var sample = indices.AsSpan(0, Math.Min(indices.Length, spec.Training.BatchSize * 4));
        using var examples = new DeviceDataset(dataset, sample, device);
        using var network = new Network(graph, device, MemoryFormatRule.PrefersChannelsLast(graph, device), _random);
        using var trainer = new Trainer(network, device, spec.Training, _random, time);
        trainer.Train(examples, null, 1, [], null, null, cancellation); // the first steps allocate and choose kernels
        var started = time.GetTimestamp();
        var trained = 0L;
        do
        {
            trainer.Train(examples, null, 1, [], null, null, cancellation);
            trained += examples.Count;
        }
        while (time.GetElapsedTime(started).TotalSeconds < TimedSeconds);

        var secondsAnEpoch = time.GetElapsedTime(started).TotalSeconds * indices.Length / trained;
        return (int)Math.Clamp(available.TotalSeconds * Reserve / secondsAnEpoch, 1, spec.FinalEpochs);
    }

    /// <returns>The trained network, the caller's to dispose, what the training gave, and the test's measurement.</returns>
    /// <exception cref="DivergedException">The loss is no longer finite.</exception>
    public (Network Network, TrainingResult Training, Measurement Test) Run(
        LayerGraph graph, int epochs, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        set_num_threads(threads);
        var network = new Network(graph, device, MemoryFormatRule.PrefersChannelsLast(graph, device), _random);
        try
        {
            using var trainer = new Trainer(network, device, spec.Training, _random, time);
            using var examples = new DeviceDataset(dataset, TrainIndices(), device);
            var identity = new Dictionary<string, string> { ["key"] = ArchitectureKey.Of(graph).Value, ["epochs"] = $"{epochs}", ["seed"] = $"{spec.Seed}" };
            var done = TrainingCheckpoint.TryLoad(checkpointPath, identity, network, trainer);
            var result = trainer.Train(
                examples, null, epochs, done, progress, curve => TrainingCheckpoint.Save(checkpointPath, identity, network, trainer, curve), cancellation);

            using var test = new DeviceDataset(dataset, dataset.Indices(Split.Test), device);
            return (network, result, Trainer.Measure(network, test, cancellation));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private int[] TrainIndices() => [.. dataset.Indices(Split.Train), .. dataset.Indices(Split.Validation)];
}
