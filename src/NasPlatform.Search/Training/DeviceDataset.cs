using NasPlatform.Search.Datasets;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training;

/// <summary>
/// Examples resident on a device as bytes: images <c>uint8 [count, channels, height, width]</c>, labels <c>int64 [count]</c>. Batches are cropped,
/// mirrored and normalised there. Batches may be taken from several threads.
/// </summary>
public sealed class DeviceDataset : IDisposable
{
    private readonly Device _device;
    private readonly Tensor _images;
    private readonly Tensor _labels;
    private readonly Normalisation _normalisation;
    private readonly long _channels;
    private readonly long _height;
    private readonly long _width;

    /// <param name="dataset">An open dataset.</param>
    /// <param name="indices">Which examples, in this order.</param>
    /// <param name="device">Where to.</param>
    public DeviceDataset(Dataset dataset, ReadOnlySpan<int> indices, Device device)
    {
        _device = device;
        (_channels, _height, _width) = (dataset.Channels, dataset.Height, dataset.Width);
        Count = indices.Length;

        using var scope = NewDisposeScope();
        var images = empty([Count, _channels, _height, _width], dtype: uint8);
        var labels = new long[Count];
        for (var place = 0; place < Count; place++)
        {
            using var image = images[place];
            dataset.Image(indices[place]).CopyTo(image.bytes);
            labels[place] = dataset.Labels[indices[place]];
        }

        _images = images.to(device).DetachFromDisposeScope();
        _labels = tensor(labels).to(device).DetachFromDisposeScope();
        _normalisation = new(dataset.Mean, dataset.Std, device);
    }

    public Device Device => _device;

    /// <summary>Number of examples.</summary>
    public int Count { get; }

    /// <summary>Examples by place, normalised and not varied: <c>float32 [n, channels, height, width]</c>, and <c>int64 [n]</c>.</summary>
    public (Tensor Images, Tensor Labels) Batch(long start, long count)
    {
        using var bytes = _images.narrow(0, start, count);
        return (_normalisation.Apply(bytes), _labels.narrow(0, start, count));
    }

    /// <summary>Examples by place, varied and normalised.</summary>
    /// <param name="places"><c>int64 [n]</c> on the device.</param>
    /// <param name="augmentation">How.</param>
    /// <param name="random">The device's generator to draw from.</param>
    public (Tensor Images, Tensor Labels) Batch(Tensor places, Augmentation augmentation, Generator random)
    {
        using var scope = NewDisposeScope();
        var images = _images.index_select(0, places);
        if (augmentation is { CropPadding: 0, Flip: false })
        {
            images = _normalisation.Apply(images);
        }
        else
        {
            var (gathered, inside) = ShiftAndFlip(images, augmentation, random);
            images = _normalisation.Apply(inside is null ? gathered : gathered * inside);
        }

        if (augmentation.Cutout > 0)
        {
            images = images.mul_(CutoutMask(places.shape[0], augmentation.Cutout, random));
        }

        return (images.MoveToOuterDisposeScope(), _labels.index_select(0, places).MoveToOuterDisposeScope());
    }

    public void Dispose()
    {
        _images.Dispose();
        _labels.Dispose();
        _normalisation.Dispose();
    }

    /// <summary>Moves each image by its own offset with one gather; pixels from outside are marked, to be made black.</summary>
    private (Tensor Images, Tensor? Inside) ShiftAndFlip(Tensor images, Augmentation augmentation, Generator random)
    {
        var count = images.shape[0];
        var rows = arange(_height, device: _device).unsqueeze(0);
        var columns = arange(_width, device: _device).unsqueeze(0);
        if (augmentation.Flip)
        {
            var flipped = randint(2, [count, 1], dtype: int64, device: _device, generator: random);
            columns = columns + (flipped * (_width - 1 - (2 * columns)));
        }

        Tensor? inside = null;
        if (augmentation.CropPadding is > 0 and var padding)
        {
            rows = rows + randint((2 * padding) + 1, [count, 1], dtype: int64, device: _device, generator: random) - padding;
            columns = columns + randint((2 * padding) + 1, [count, 1], dtype: int64, device: _device, generator: random) - padding;
            inside = (Inside(rows, _height).unsqueeze(2) * Inside(columns, _width).unsqueeze(1)).unsqueeze(1);
            rows = rows.clamp(0, _height - 1);
            columns = columns.clamp(0, _width - 1);
        }

        var from = ((rows * _width).unsqueeze(2) + columns.unsqueeze(1)).reshape(-1, 1, _height * _width).expand(count, _channels, _height * _width);
        return (images.reshape(count, _channels, _height * _width).gather(2, from).reshape(images.shape), inside);

        static Tensor Inside(Tensor places, long side) => (places.ge(0) & places.lt(side)).to(uint8);
    }

    private Tensor CutoutMask(long count, int side, Generator random)
    {
        var outside = Near(_height).unsqueeze(2).logical_and(Near(_width).unsqueeze(1)).logical_not();
        return outside.unsqueeze(1).to(float32);

        Tensor Near(long length)
        {
            var centre = randint(length, [count, 1], dtype: int64, device: _device, generator: random);
            var distance = arange(length, device: _device).unsqueeze(0) - centre;
            return distance.ge(-(side / 2)) & distance.lt(side - (side / 2));
        }
    }
}
