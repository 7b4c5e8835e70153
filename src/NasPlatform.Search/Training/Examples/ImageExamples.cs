using NasPlatform.Search.Datasets;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training.Examples;

/// <summary>Images as bytes, <c>uint8 [count, channels, height, width]</c>, and their classes, <c>int64 [count]</c>. Batches are cropped, mirrored and normalised on the device.</summary>
public sealed class ImageExamples : IndependentExamples
{
    private readonly Tensor _images;
    private readonly Tensor _labels;
    private readonly Normalisation _normalisation;
    private readonly long _channels;
    private readonly long _height;
    private readonly long _width;

    internal ImageExamples(Dataset dataset, ReadOnlySpan<int> indices, Device device)
        : base(dataset.Task, indices.Length, device)
    {
        (_channels, _height, _width) = (dataset.Channels, dataset.Height, dataset.Width);

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
        _normalisation = Normalisation.OfBytes(dataset.Mean, dataset.Std, device);
    }

    public override (Tensor Inputs, Tensor Targets) Batch(long start, long count)
    {
        using var bytes = _images.narrow(0, start, count);
        return (_normalisation.Apply(bytes), _labels.narrow(0, start, count));
    }

    public override (Tensor Inputs, Tensor Targets) Batch(Tensor places, Augmentation augmentation, Generator random)
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

    protected override void Dispose(bool disposing)
    {
        _images.Dispose();
        _labels.Dispose();
        _normalisation.Dispose();
    }

    /// <summary>Moves each image by its own offset with one gather; pixels from outside are marked, to be made black.</summary>
    private (Tensor Images, Tensor? Inside) ShiftAndFlip(Tensor images, Augmentation augmentation, Generator random)
    {
        var count = images.shape[0];
        var rows = arange(_height, device: Device).unsqueeze(0);
        var columns = arange(_width, device: Device).unsqueeze(0);
        if (augmentation.Flip)
        {
            var flipped = randint(2, [count, 1], dtype: int64, device: Device, generator: random);
            columns = columns + (flipped * (_width - 1 - (2 * columns)));
        }

        Tensor? inside = null;
        if (augmentation.CropPadding is > 0 and var padding)
        {
            rows = rows + randint((2 * padding) + 1, [count, 1], dtype: int64, device: Device, generator: random) - padding;
            columns = columns + randint((2 * padding) + 1, [count, 1], dtype: int64, device: Device, generator: random) - padding;
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
            var centre = randint(length, [count, 1], dtype: int64, device: Device, generator: random);
            var distance = arange(length, device: Device).unsqueeze(0) - centre;
            return distance.ge(-(side / 2)) & distance.lt(side - (side / 2));
        }
    }
}
