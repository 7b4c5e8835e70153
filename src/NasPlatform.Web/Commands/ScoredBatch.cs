using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Web.Commands;

/// <summary>The examples that networks are scored on without being trained.</summary>
internal sealed class ScoredBatch : IDisposable
{
    private const int Examples = 64;

    private readonly Tensor _inputs;
    private readonly Tensor _targets;

    private ScoredBatch(Tensor inputs, Tensor targets) => (_inputs, _targets) = (inputs, targets);

    /// <summary>The first examples of a dataset's training split; without one, noise and random answers.</summary>
    public static ScoredBatch Of(TaskShape task, string? name, Terminal terminal, CancellationToken cancellation)
    {
        if (name is not null)
        {
            using var dataset = DataFolder.Open(name, terminal, cancellation);
            var indices = dataset.Indices(Split.Train);
            using var examples = DeviceDataset.Of(dataset, indices.AsSpan(0, Math.Min(indices.Length, Examples)), CPU);
            var (inputs, targets) = examples.Part(0);
            return new(inputs, targets);
        }

        using var generator = new Generator(1, CPU);
        return new(
            randn([Examples, .. task.Input.Dimensions], generator: generator),
            task.Kind.IsRegression ? randn([Examples, task.Outputs], generator: generator) : randint(task.Outputs, [Examples], dtype: int64, generator: generator));
    }

    /// <exception cref="UserErrorException">It cannot be scored, or the machine has not the memory for it.</exception>
    public TrainingFreeScores Score(LayerGraph graph)
    {
        MemoryNeed.OfTraining(graph, Examples).Demand(CPU);
        return TrainingFreeScores.Of(graph, _inputs, _targets, new RandomSource(1));
    }

    public void Dispose()
    {
        _inputs.Dispose();
        _targets.Dispose();
    }
}
