using System.Runtime.InteropServices;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Eas;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Strategies.Eas;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Evaluation;

/// <summary>
/// Tries an architecture by training it on the training split and measuring it on the validation split: from scratch, or, where the strategy grows networks, from the weights of the first trial.
/// </summary>
/// <remarks>The examples are on the device once, for all trials of the experiment.</remarks>
public sealed class TrainingEvaluator : IEvaluator, IDisposable
{
    private readonly ExperimentSpec _spec;
    private readonly SearchSpace _space;
    private readonly TaskShape _task;
    private readonly Device _device;
    private readonly DeviceDataset _train;
    private readonly DeviceDataset _validation;
    private readonly RandomSource _random;
    private readonly TimeProvider _time;
    private readonly StartWeights? _start;

    /// <param name="spec">The experiment's: space, fidelity, training, device, threads and seed.</param>
    /// <param name="dataset">The dataset that it names, open; not needed afterwards.</param>
    /// <param name="startPath">Where the first trial's weights are kept for those that are grown from it; used where the strategy grows networks.</param>
    /// <param name="time">For durations.</param>
    public TrainingEvaluator(ExperimentSpec spec, Dataset dataset, string startPath, TimeProvider time)
    {
        _spec = spec;
        _space = spec.CreateSpace();
        _task = dataset.Report.TaskShape;
        _device = Devices.Parse(spec.Device);
        _random = new RandomSource(spec.Seed);
        _time = time;
        _start = StrategyCatalog.Grows(spec.Strategy) && _space is EasSpace growing ? new(growing, _task, startPath) : null;
        _train = DeviceDataset.Of(dataset, TrainIndices(spec, dataset), _device);
        _validation = DeviceDataset.Of(dataset, dataset.Indices(Split.Validation), _device);
    }

    public Evaluation Evaluate(Proposal proposal, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        LayerGraph graph;
        var training = _spec.TrainingOf(proposal.Genotype, _task).On(_device);
        try
        {
            graph = _space.Build(proposal.Genotype, _task);
            MemoryNeed.OfTraining(graph, training.BatchSize).Demand(_device);
        }
        catch (UserErrorException error)
        {
            return new() { Outcome = Outcome.Invalid, Reason = error.Message };
        }

        var started = _time.GetTimestamp();
        if (_start is { AreThere: false } && proposal.Number != EasStrategy.StartTrial)
        {
            return Of(Outcome.Failed, $"It begins with the weights of trial {EasStrategy.StartTrial}, which has none: it did not complete.");
        }

        try
        {
            var (result, latency) = Train(graph, proposal, training, progress, cancellation);
            return Of(Outcome.Completed, null) with
            {
                Score = result.Curve[^1].Score ?? 0,
                BestOfLastFive = result.Curve.TakeLast(5).Max(epoch => epoch.Score ?? 0),
                Loss = result.Curve[^1].Loss,
                LatencyMs = latency,
                ImagesPerSecond = result.ImagesPerSecond,
                Curve = result.Curve,
            };
        }
        catch (DivergedException error)
        {
            return Of(Outcome.Diverged, error.Message);
        }
        catch (ExternalException error)
        {
            return Of(Outcome.Failed, $"libtorch: {error.Message}");
        }
        finally
        {
            Heap.Trim();
        }

        Evaluation Of(Outcome outcome, string? reason) => new()
        {
            Outcome = outcome,
            Reason = reason,
            ParameterCount = graph.Cost.ParameterCount,
            MultiplyAdds = graph.Cost.MultiplyAdds,
            MemoryBytes = MemoryNeed.OfInference(graph, 1).Bytes,
            DurationSeconds = _time.GetElapsedTime(started).TotalSeconds,
        };
    }

    private (TrainingResult Result, double LatencyMs) Train(
        LayerGraph graph, Proposal proposal, TrainingOptions training, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        set_num_threads(_spec.ThreadsPerTrial);
        var own = _random.Split("trial", proposal.Number);
        using var network = new Network(graph, _device, own);
        if (_start is not null && proposal.Number != EasStrategy.StartTrial)
        {
            using var scope = NewDisposeScope();
            _start.Grow(proposal.Genotype, network, Some(_train.Part(0).Inputs), own.Split("grow"));
        }

        using var trainer = new Trainer(network, _device, training, own, _time);
        var result = trainer.Train(_train, _validation, proposal.Fidelity.Epochs, [], progress, null, cancellation);
        if (proposal.Number == EasStrategy.StartTrial)
        {
            _start?.Save(proposal.Genotype, network);
        }

        return (result, Latency.MeasureMs(network, _device, cancellation));

        // What EAS takes to find out what a new layer is given.
        static Tensor Some(Tensor images) => images.narrow(0, 0, Math.Min(64, images.shape[0]));
    }

    public void Dispose()
    {
        _train.Dispose();
        _validation.Dispose();
    }

    /// <summary>What a trial is trained on: the same share of the training split for every trial, drawn once; of a text its beginning.</summary>
    internal static int[] TrainIndices(ExperimentSpec spec, Dataset dataset)
    {
        var indices = dataset.Indices(Split.Train);
        var count = Math.Min(indices.Length, Math.Max(2, (int)Math.Round(indices.Length * spec.Fidelity.Fraction)));
        if (dataset.Task == TaskKind.LanguageModelling)
        {
            return indices[..count];
        }

        var shuffled = indices.ToArray();
        new RandomSource(spec.Seed).Split("subset").Shuffle<int>(shuffled);
        return [.. shuffled.Take(count).Order()];
    }
}
