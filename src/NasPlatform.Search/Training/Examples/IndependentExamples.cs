using NasPlatform.Search.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training.Examples;

/// <summary>Examples that stand each for itself: an epoch reads them in an order of its own.</summary>
public abstract class IndependentExamples : DeviceDataset
{
    private const int PartSize = 250;

    private protected IndependentExamples(TaskKind task, int count, Device device)
        : base(task, count, device)
    {
    }

    public sealed override int Parts => (Count + PartSize - 1) / PartSize;

    public sealed override int Steps(int batch) => Count / batch;

    public sealed override (Tensor Inputs, Tensor Targets) Step(int step, int batch, Tensor order, Augmentation augmentation, Generator random)
    {
        using var places = order.narrow(0, (long)step * batch, batch);
        return Batch(places, augmentation, random);
    }

    public sealed override (Tensor Inputs, Tensor Targets) Part(int part) => Batch(part * PartSize, Math.Min(PartSize, Count - (part * PartSize)));

    /// <summary>Examples by place, not varied; see <see cref="DeviceDataset.Part"/>.</summary>
    public abstract (Tensor Inputs, Tensor Targets) Batch(long start, long count);

    /// <summary>Examples by place, varied.</summary>
    /// <param name="places"><c>int64 [n]</c> on the device.</param>
    /// <param name="augmentation">How, where the data are images.</param>
    /// <param name="random">The device's generator to draw from.</param>
    public abstract (Tensor Inputs, Tensor Targets) Batch(Tensor places, Augmentation augmentation, Generator random);
}
