using NasPlatform.Search.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training.Examples;

/// <summary>Takes examples from the form in which they are kept to what a network reads: (value − mean) / deviation by channel, as one multiplication and one addition.</summary>
internal sealed class Normalisation : IDisposable
{
    private const double LeastDeviation = 1e-3; // of an image's channel that is the same everywhere

    private readonly Tensor _scale;
    private readonly Tensor _shift;

    private Normalisation(IReadOnlyList<double> mean, IEnumerable<double> std, double unit, long[] shape, Device device)
    {
        using var scope = NewDisposeScope();
        _scale = PerChannel(std.Select(value => 1 / (unit * value)));
        _shift = PerChannel(mean.Zip(std, (value, spread) => -value / spread));

        Tensor PerChannel(IEnumerable<double> values) =>
            tensor(values.Select(value => (float)value).ToArray()).reshape(shape).to(device).DetachFromDisposeScope();
    }

    /// <summary>For images in bytes.</summary>
    /// <param name="mean">Of each channel, 0 to 1.</param>
    /// <param name="std">Of each channel, 0 to 1.</param>
    /// <param name="device">Where the images will be.</param>
    public static Normalisation OfBytes(IReadOnlyList<double> mean, IReadOnlyList<double> std, Device device) =>
        new(mean, std.Select(value => Math.Max(value, LeastDeviation)), 255, [1, -1, 1, 1], device);

    /// <summary>For numbers in the data's unit, in the shape of one example.</summary>
    public static Normalisation OfValues(IReadOnlyList<double> mean, IReadOnlyList<double> std, Shape example, Device device) =>
        new(mean, std.Select(Deviation), 1, [1, -1, .. example.Dimensions.Skip(1).Select(_ => 1L)], device);

    /// <summary>What numbers in the data's unit are divided by: their deviation, or 1 where they are the same everywhere.</summary>
    public static double Deviation(double std) => std > 0 ? std : 1;

    /// <param name="examples"><c>[n, channels, ...]</c> on the device, of any number format.</param>
    /// <returns><c>float32</c> of the same shape.</returns>
    public Tensor Apply(Tensor examples) => (examples.dtype == float32 ? examples * _scale : examples.to(float32).mul_(_scale)).add_(_shift);

    public void Dispose()
    {
        _scale.Dispose();
        _shift.Dispose();
    }
}
