using System.Diagnostics;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Web.Commands;

/// <summary>What a network with fresh weights did with two random examples, on the CPU.</summary>
/// <param name="Shape">Of what came out.</param>
/// <param name="Finite">Whether all of it is finite numbers.</param>
/// <param name="Parameters">Counted from the tensors.</param>
/// <param name="Milliseconds">For both examples, the building not counted.</param>
internal sealed record ForwardPass(long[] Shape, bool Finite, long Parameters, double Milliseconds)
{
    private const int Examples = 2;

    /// <exception cref="UserErrorException">The machine has not the memory for it.</exception>
    public static ForwardPass Of(LayerGraph graph)
    {
        MemoryNeed.OfInference(graph, Examples).Demand(CPU);
        using var scope = NewDisposeScope();
        using var network = new Network(graph, CPU, new RandomSource(1));
        network.eval();
        using var _ = no_grad();
        long[] shape = [Examples, .. graph.Task.Input.Dimensions];
        using var examples = graph.Task.Kind == TaskKind.LanguageModelling ? randint(graph.Task.Outputs, shape, dtype: int64) : randn(shape);
        var started = Stopwatch.GetTimestamp();
        var logits = network.call(examples);
        var elapsed = Stopwatch.GetElapsedTime(started);
        return new(logits.shape, logits.isfinite().all().item<bool>(), network.ParameterCount, Math.Round(elapsed.TotalMilliseconds, 3));
    }
}
