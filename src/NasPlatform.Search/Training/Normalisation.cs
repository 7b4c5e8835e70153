using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training;

/// <summary>Takes images from bytes to what a network reads: (byte / 255 − mean) / deviation by channel, as one multiplication and one addition.</summary>
internal sealed class Normalisation : IDisposable
{
    private const double LeastDeviation = 1e-3; // of a channel that is the same everywhere

    private readonly Tensor _scale;
    private readonly Tensor _shift;

    /// <param name="mean">Of each channel, 0 to 1.</param>
    /// <param name="std">Of each channel, 0 to 1.</param>
    /// <param name="device">Where the images will be.</param>
    public Normalisation(IReadOnlyList<double> mean, IReadOnlyList<double> std, Device device)
    {
        using var scope = NewDisposeScope();
        var deviation = std.Select(value => Math.Max(value, LeastDeviation)).ToArray();
        _scale = PerChannel(deviation.Select(value => 1 / (255 * value)));
        _shift = PerChannel(mean.Zip(deviation, (value, spread) => -value / spread));

        Tensor PerChannel(IEnumerable<double> values) =>
            tensor(values.Select(value => (float)value).ToArray()).reshape(1, -1, 1, 1).to(device).DetachFromDisposeScope();
    }

    /// <param name="bytes"><c>uint8 [n, channels, height, width]</c> on the device.</param>
    /// <returns><c>float32</c> of the same shape.</returns>
    public Tensor Apply(Tensor bytes) => bytes.to(float32).mul_(_scale).add_(_shift);

    public void Dispose()
    {
        _scale.Dispose();
        _shift.Dispose();
    }
}
