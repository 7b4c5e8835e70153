using System.Diagnostics;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Web.Commands;

/// <summary>What a network with fresh weights did with two random images, on the CPU.</summary>
/// <param name="Shape">Of what came out.</param>
/// <param name="Finite">Whether all of it is finite numbers.</param>
/// <param name="Parameters">Counted from the tensors.</param>
/// <param name="Milliseconds">For both images, the building not counted.</param>
internal sealed record ForwardPass(long[] Shape, bool Finite, long Parameters, double Milliseconds)
{
    private const int Images = 2;

    /// <exception cref="UserErrorException">The machine has not the memory for it.</exception>
    public static ForwardPass Of(LayerGraph graph)
    {
        MemoryNeed.OfInference(graph, Images).Demand(CPU);
        using var scope = NewDisposeScope();
        using var network = new Network(graph, CPU, MemoryFormatRule.PrefersChannelsLast(graph, CPU), new RandomSource(1));
        network.eval();
        using var _ = no_grad();
        using var images = randn(Images, graph.Task.Channels, graph.Task.Height, graph.Task.Width);
        var started = Stopwatch.GetTimestamp();
        var logits = network.call(network.IsChannelsLast ? images.contiguous(memory_format.channels_last) : images);
        var elapsed = Stopwatch.GetElapsedTime(started);
        return new(logits.shape, logits.isfinite().all().item<bool>(), network.ParameterCount, Math.Round(elapsed.TotalMilliseconds, 3));
    }
}
