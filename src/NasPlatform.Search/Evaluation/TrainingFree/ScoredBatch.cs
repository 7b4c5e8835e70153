using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Evaluation.TrainingFree;

/// <summary>The examples that networks are scored on without being trained.</summary>
public sealed class ScoredBatch : IDisposable
{
    private const int Examples = 64;

    private readonly Tensor _inputs;
    private readonly Tensor _targets;

    private ScoredBatch(TaskShape task, Tensor inputs, Tensor targets) => (Task, _inputs, _targets) = (task, inputs, targets);

    /// <summary>What the networks that it scores are for.</summary>
    public TaskShape Task { get; }

    /// <summary>The first examples of a dataset's training split, on a device; the dataset is not needed afterwards.</summary>
    public static ScoredBatch Of(Dataset dataset, Device device)
    {
        var indices = dataset.Indices(Split.Train);
        using var examples = DeviceDataset.Of(dataset, indices.AsSpan(0, Math.Min(indices.Length, Examples)), device);
        var (inputs, targets) = examples.Part(0);
        return new(dataset.Report.TaskShape, inputs, targets);
    }

    /// <summary>Noise and random answers, for where there is no dataset.</summary>
    public static ScoredBatch OfNoise(TaskShape task)
    {
        using var generator = new Generator(1, CPU);
        return new(
            task,
            randn([Examples, .. task.Input.Dimensions], generator: generator),
            task.Kind.IsRegression ? randn([Examples, task.Outputs], generator: generator) : randint(task.Outputs, [Examples], dtype: int64, generator: generator));
    }

    /// <summary>All scores of a network.</summary>
    /// <exception cref="UserErrorException">It cannot be scored, or the machine has not the memory for it.</exception>
    public TrainingFreeScores Score(LayerGraph graph)
    {
        Demand(graph);
        return TrainingFreeScores.Of(graph, _inputs, _targets, new RandomSource(1));
    }

    /// <summary>One of them.</summary>
    /// <exception cref="UserErrorException">As for all.</exception>
    public double? Score(LayerGraph graph, Proxy proxy)
    {
        Demand(graph);
        return TrainingFreeScores.Of(proxy, graph, _inputs, _targets, new RandomSource(1));
    }

    public void Dispose()
    {
        _inputs.Dispose();
        _targets.Dispose();
    }

    private void Demand(LayerGraph graph) => MemoryNeed.OfTraining(graph, Examples).Demand(_inputs.device);
}
