using NasPlatform.Search.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training;

/// <summary>About how much memory a network takes, from its layer graph alone, so that one that does not fit is refused before it is built.</summary>
/// <param name="Bytes">The estimate: what is kept at once, buffers of single operations not counted.</param>
/// <param name="What">What it is for, in words.</param>
public readonly record struct MemoryNeed(long Bytes, string What)
{
    private const int Float = sizeof(float);

    /// <summary>Weights, gradients and momentum, and every layer's output, which the backward pass reads.</summary>
    public static MemoryNeed OfTraining(LayerGraph graph, int batch) => new(
        Float * ((3 * graph.Cost.ParameterCount) + (batch * graph.Cost.ActivationCount)), $"training it with {batch} examples a step");

    /// <summary>Weights, and the outputs of layers that are still to be read where these are the most, the layers being run in the graph's order.</summary>
    public static MemoryNeed OfInference(LayerGraph graph, int batch)
    {
        var unread = graph.WithoutAuxiliary().UseCounts().ToArray();
        var (kept, most) = (0L, 0L);
        foreach (var layer in graph.Layers)
        {
            kept += layer.Shape.Count;
            most = Math.Max(most, kept);
            foreach (var input in layer.Inputs)
            {
                kept -= --unread[input.Index] == 0 ? input.Shape.Count : 0;
            }
        }

        return new(Float * (graph.Cost.ParameterCount + (batch * most)), $"running it on {batch} examples");
    }

    /// <exception cref="UserErrorException">The device has less in all. Of a CUDA device that is not known, and nothing is refused.</exception>
    public void Demand(Device device)
    {
        // What this process may have: the machine's memory, or a container's limit.
        var there = device.type == DeviceType.CPU ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes : long.MaxValue;
        if (Bytes > there)
        {
            throw new UserErrorException(
                $"The network is too large: {What} takes about {Gigabytes(Bytes)} and there are {Gigabytes(there)}. Make it smaller (fewer or narrower layers, smaller images) or the batch.");
        }
    }

    private static string Gigabytes(long bytes) => FormattableString.Invariant($"{bytes / 1e9:0.0} GB");
}
