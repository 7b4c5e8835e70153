using System.Runtime.InteropServices;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Evaluation;

/// <summary>Tries an architecture by training it from scratch on the training split and measuring it on the validation split.</summary>
/// <param name="space">Builds the layer graph.</param>
/// <param name="task">For these images and classes.</param>
/// <param name="train">The training examples, on <paramref name="device"/>; shared by all trials.</param>
/// <param name="validation">The validation examples, likewise.</param>
/// <param name="options">How to train.</param>
/// <param name="device">Where.</param>
/// <param name="threads">libtorch's threads for one trial.</param>
/// <param name="random">The experiment's stream for trials.</param>
/// <param name="time">For durations.</param>
public sealed class TrainingEvaluator(
    SearchSpace space,
    TaskShape task,
    DeviceDataset train,
    DeviceDataset validation,
    TrainingOptions options,
    Device device,
    int threads,
    RandomSource random,
    TimeProvider time) : IEvaluator
{
    public Evaluation Evaluate(Proposal proposal, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        LayerGraph graph;
        try
        {
            graph = space.Build(proposal.Genotype, task);
        }
        catch (InvalidArchitectureException error)
        {
            return new() { Outcome = Outcome.Invalid, Reason = error.Message };
        }

        var started = time.GetTimestamp();
        try
        {
            var result = Train(graph, proposal, progress, cancellation);
            return Of(Outcome.Completed, null) with
            {
                Accuracy = result.Curve[^1].Accuracy ?? 0,
                BestOfLastFive = result.Curve.TakeLast(5).Max(epoch => epoch.Accuracy ?? 0),
                Loss = result.Curve[^1].Loss,
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
            DurationSeconds = time.GetElapsedTime(started).TotalSeconds,
        };
    }

    private TrainingResult Train(LayerGraph graph, Proposal proposal, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        set_num_threads(threads);
        var own = random.Split("trial", proposal.Number);
        using var network = new Network(graph, device, MemoryFormatRule.PrefersChannelsLast(graph, device), own);
        using var trainer = new Trainer(network, device, options, own, time);
        return trainer.Train(train, validation, proposal.Fidelity.Epochs, [], progress, null, cancellation);
    }
}
