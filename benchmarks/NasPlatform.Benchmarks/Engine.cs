using NasPlatform.Search;
using NasPlatform.Search.Export;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Benchmarks;

/// <summary>Our own step on the same fixed batch of noise, by the trainer that searches use.</summary>
internal sealed class Engine : IDisposable
{
    private readonly Trainer _trainer;
    private readonly Tensor _examples;
    private readonly Tensor _labels;
    private readonly Tensor _loss;
    private readonly int _threads;

    public Engine(Case work, int threads)
    {
        _threads = threads;
        set_num_threads(threads);
        Network = new Network(work.Graph, CPU, MemoryFormatRule.PrefersChannelsLast(work.Graph, CPU), new RandomSource(1));
        Network.train();
        var task = work.Graph.Task;
        _trainer = new Trainer(Network, CPU, new TrainingOptions { LearningRate = 1e-4 }, new RandomSource(1), TimeProvider.System);
        var isText = task.Kind == TaskKind.LanguageModelling;
        long[] shape = [work.Batch, .. task.Input.Dimensions];
        _examples = isText ? randint(task.Outputs, shape, dtype: int64) : randn(shape);
        _labels = randint(task.Outputs, isText ? shape : [work.Batch], dtype: int64);
        _loss = zeros(1);
    }

    public Network Network { get; }

    /// <summary>Milliseconds of each of <paramref name="steps"/> steps.</summary>
    public double[] Run(int steps)
    {
        set_num_threads(_threads);
        var times = new double[steps];
        for (var step = 0; step < steps; step++)
        {
            var started = TimeProvider.System.GetTimestamp();
            using (NewDisposeScope())
            {
                _trainer.Step(_examples, _labels, _loss);
            }

            times[step] = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
        }

        return times;
    }

    /// <summary>The network as a model, so that the PyTorch exporter can write it for the peer.</summary>
    public ModelDescription Describe()
    {
        var task = Network.Graph.Task;
        return new()
        {
            Name = "benchmark",
            Classes = [.. Enumerable.Range(0, task.Outputs).Select(number => $"class {number}")],
            Input = task.Kind == TaskKind.LanguageModelling
                ? new(task.Channels, task.Height, task.Width, null, [], [])
                : new(task.Channels, task.Height, task.Width, "crop", new double[task.Channels], [.. Enumerable.Repeat(1.0, task.Channels)]),
            Architecture = new("benchmark", new Dictionary<string, string>(), "", new Dictionary<string, int>(), ArchitectureKey.Of(Network.Graph).Value),
            Dataset = new("noise", 0, 0, 0),
            Search = new("none", new Dictionary<string, string>(), 0),
            Training = new(0, 0, "none", 0, 0, "none", 1, 0, 0, 0, "cpu"),
            Metrics = new(null, 0, 0, task.Kind.IsClassification ? new double?[task.Outputs] : [], 0),
            ProgramVersion = "benchmark",
            CreatedAt = DateTimeOffset.UnixEpoch,
            Graph = Network.Graph.WithoutZeros(),
        };
    }

    public void Dispose()
    {
        _trainer.Dispose();
        Network.Dispose();
        _examples.Dispose();
        _labels.Dispose();
        _loss.Dispose();
    }
}
