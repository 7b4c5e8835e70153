using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Experiments;

/// <summary>
/// The last stage: trains the winner from scratch on the training and validation examples together, measures it, once, on the test split, and
/// writes the model. After each epoch a checkpoint is written, from which an interrupted training goes on. Synchronous code on the caller's thread.
/// </summary>
public sealed class FinalTraining(ExperimentSpec spec, Dataset dataset, TimeProvider time)
{
    /// <summary>Share of the time that the training itself may take; the rest is for the test, the export and what else the machine does.</summary>
    private const double Share = 0.93;

    private readonly Device _device = Devices.Parse(spec.Device);
    private readonly RandomSource _random = new RandomSource(spec.Seed).Split("final");

    /// <param name="winner">What to train.</param>
    /// <param name="trials">How many were tried, for the model's description.</param>
    /// <param name="available">
    /// Wall-clock time for all of it; then as many epochs are trained as fit, at most the spec's and at least one, and the plan is corrected after each.
    /// Null for exactly the spec's epochs.
    /// </param>
    /// <param name="checkpointPath">Where to write checkpoints, and to look for one to go on from.</param>
    /// <param name="modelFolder">Where to write the model.</param>
    /// <param name="events">Told <see cref="ExperimentEvent.FinalStarted"/> and <see cref="ExperimentEvent.FinalProgressed"/>.</param>
    /// <param name="cancellation">Ends it between two steps; the last checkpoint stays.</param>
    /// <exception cref="DivergedException">The loss is no longer finite.</exception>
    public FinalResult Run(
        Trial winner, int trials, TimeSpan? available, string checkpointPath, string modelFolder, IProgress<ExperimentEvent> events, CancellationToken cancellation)
    {
        set_num_threads(spec.Threads);
        var started = time.GetTimestamp();
        var task = dataset.Report.TaskShape;
        var searched = spec.CreateSpace();
        var space = spec.FinalNetwork == FinalNetwork.Paper ? searched.Final : searched;
        var genotype = space.FromValues(winner.Decisions);
        var graph = space.Build(genotype, task);
        var options = spec.TrainingOf(genotype, task);
        var identity = new Dictionary<string, string> { ["key"] = ArchitectureKey.Of(graph).Value, ["seed"] = $"{spec.Seed}" };
        if (spec.Tune.Count > 0)
        {
            // With a larger budget another training of the same network may win.
            identity["training"] = options.ToString();
        }

        var epochs = Planned(checkpointPath, identity) ?? (available is { } all ? EpochsWithin(graph, options, all, cancellation) : spec.FinalEpochs);
        using var network = new Network(graph, _device, _random);
        using var trainer = new Trainer(network, _device, options.On(_device), _random, time);
        using var examples = DeviceDataset.Of(dataset, TrainIndices(), _device);
        var done = TrainingCheckpoint.TryLoad(checkpointPath, identity, network, trainer);
        events.Report(new ExperimentEvent.FinalStarted(winner, epochs) { Done = done });
        var lastEnded = time.GetTimestamp();
        var training = trainer.Train(examples, null, epochs, done, new Progress(events), AfterEpoch, cancellation);

        using var test = DeviceDataset.Of(dataset, dataset.Indices(Split.Test), _device);
        var measured = Trainer.Measure(network, test, cancellation);
        ModelWriter.Write(modelFolder, spec, dataset, space, options, winner, trials, network, training, measured, time.GetUtcNow());
        return new(training.Curve.Count, measured.Score, measured.Loss);

        int AfterEpoch(IReadOnlyList<EpochResult> curve)
        {
            if (available is { } whole)
            {
                var left = (whole * Share) - time.GetElapsedTime(started);
                var fitting = Math.Max(0, (int)(left / time.GetElapsedTime(lastEnded)));
                epochs = Math.Min(curve.Count + fitting, spec.FinalEpochs);
                lastEnded = time.GetTimestamp();
            }

            TrainingCheckpoint.Save(checkpointPath, new Dictionary<string, string>(identity) { ["epochs"] = $"{epochs}" }, network, trainer, curve);
            return epochs;
        }
    }

    /// <summary>The epochs that a checkpoint of this training has decided on; null where there is none.</summary>
    private static int? Planned(string checkpointPath, Dictionary<string, string> identity) =>
        TrainingCheckpoint.Metadata(checkpointPath) is { } metadata
        && identity.All(pair => metadata.GetValueOrDefault(pair.Key) == pair.Value)
        && metadata.TryGetValue("epochs", out var decided)
            ? int.Parse(decided)
            : null;

    /// <summary>How many epochs fit, by timing a few steps on a network that is then thrown away.</summary>
    private int EpochsWithin(LayerGraph graph, TrainingOptions options, TimeSpan available, CancellationToken cancellation)
    {
        const double TimedSeconds = 2;
        var indices = TrainIndices();
        var sample = indices.AsSpan(0, Math.Min(indices.Length, options.BatchSize * 4));
        using var examples = DeviceDataset.Of(dataset, sample, _device);
        using var network = new Network(graph, _device, _random);
        using var trainer = new Trainer(network, _device, options.On(_device), _random, time);
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
        return (int)Math.Clamp(available.TotalSeconds * Share / secondsAnEpoch, 1, spec.FinalEpochs);
    }

    private int[] TrainIndices() => [.. dataset.Indices(Split.Train), .. dataset.Indices(Split.Validation)];

    private sealed class Progress(IProgress<ExperimentEvent> events) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => events.Report(new ExperimentEvent.FinalProgressed(value));
    }
}

/// <summary>What the final training gave.</summary>
/// <param name="Epochs">Passes over the examples.</param>
/// <param name="TestScore">On the test split, 0 to 1, as for <see cref="Evaluation.Evaluation.Score"/>.</param>
/// <param name="TestLoss">Mean loss on the test split: cross entropy in nats, or squared error in deviations.</param>
public sealed record FinalResult(int Epochs, double TestScore, double TestLoss);
