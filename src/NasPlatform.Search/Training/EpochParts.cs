using NasPlatform.Search.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training;

/// <summary>The training loss within an epoch, kept on the device and read only when asked for.</summary>
/// <param name="steps">The epoch's.</param>
/// <param name="device">Where the loss lies.</param>
internal sealed class EpochParts(int steps, Device device) : IDisposable
{
    private readonly int _count = EpochResult.PartsOf(steps);
    private readonly Tensor _sums = zeros(EpochResult.PartsOf(steps), device: device);
    private int _done;

    /// <summary>Keeps the sum of the losses so far where a part ends with the step.</summary>
    /// <param name="step">Steps done, 1 to the epoch's.</param>
    /// <param name="lossSum"><c>float32 [1]</c>: the sum of the mean losses of those steps.</param>
    public void Note(int step, Tensor lossSum)
    {
        if (step == End(_done))
        {
            _sums.narrow(0, _done++, 1).copy_(lossSum);
        }
    }

    /// <summary>The mean loss of each part that has ended.</summary>
    public double[] Means()
    {
        using var here = _sums.cpu().data<float>();
        var sums = here.ToArray();
        return [.. Enumerable.Range(0, _done).Select(part => part == 0
            ? sums[0] / (double)End(0)
            : (sums[part] - (double)sums[part - 1]) / (End(part) - End(part - 1)))];
    }

    public void Dispose() => _sums.Dispose();

    /// <summary>How many steps are done when a part ends.</summary>
    private int End(int part) => (int)((((part + 1L) * steps) + _count - 1) / _count);
}
