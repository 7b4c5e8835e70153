using NasPlatform.Search.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training;

/// <summary>
/// Whether a network trains faster with the channels innermost. A rule and not a stopwatch, so that the same seed gives the same numbers
/// (docs/decisions/0004).
/// </summary>
public static class MemoryFormatRule
{
    /// <summary>
    /// On CPUs convolution and pooling are faster so, forward and backward, 1.1 to 16 times; only libtorch's batch norm of few channels, not a
    /// multiple of its vectors, is 3 to 17 times slower. On GPUs the library chooses well by itself in 32 bits. Where nothing is
    /// convolved or pooled there are no channels to lay out.
    /// </summary>
    public static bool PrefersChannelsLast(LayerGraph graph, Device device) =>
        device.type == DeviceType.CPU
        && graph.Layers.Any(layer => layer.Op is Op.Conv2d or Op.MaxPool or Op.AvgPool)
        && !graph.Layers.Any(layer => layer is { Op: Op.BatchNorm, Shape: { IsVector: false, Channels: < 32 } shape } && shape.Channels % 8 != 0);
}
