using NasPlatform.Search.Datasets;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Training.Examples;

public sealed class ImageExamplesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dataset _dataset;
    private readonly ImageExamples _train;
    private readonly DisposeScope _scope = NewDisposeScope();

    public ImageExamplesTests()
    {
        _dataset = TinyDataset.Open(_folder.Path);
        _train = (ImageExamples)DeviceDataset.Of(_dataset, _dataset.Indices(Split.Train), CPU);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _train.Dispose();
        _dataset.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Images_are_normalised_by_the_train_split_s_mean_and_deviation()
    {
        var (images, labels) = _train.Batch(0, _train.Count);
        Assert.Equal(0, images.mean().item<float>(), 1e-3);
        Assert.Equal(1, images.std().item<float>(), 1e-2);
        Assert.Equal(_dataset.Indices(Split.Train).Select(index => _dataset.Labels[index]), labels.data<long>().ToArray());
    }

    [Fact]
    public void Without_augmentation_a_batch_is_the_chosen_images()
    {
        var places = tensor(new long[] { 5, 3, 3 });
        var (images, labels) = _train.Batch(places, Augmentation.None, new Generator(1));
        var (all, allLabels) = _train.Batch(0, _train.Count);
        Assert.Equal(all.index_select(0, places).data<float>().ToArray(), images.data<float>().ToArray());
        Assert.Equal(allLabels.index_select(0, places).data<long>().ToArray(), labels.data<long>().ToArray());
    }

    [Fact]
    public void Every_augmented_image_is_a_shift_and_perhaps_a_mirror_of_its_own()
    {
        const int Padding = 2;
        var side = _dataset.Height;
        var places = arange(64, dtype: int64);
        var (images, _) = _train.Batch(places, new Augmentation(Padding, Flip: true), new Generator(1));
        var (plain, _) = _train.Batch(0, 64);
        var black = (float)(-_dataset.Mean[0] / _dataset.Std[0]);
        var seen = new HashSet<(int, int, bool)>();
        for (var example = 0; example < 64; example++)
        {
            var found = All().Where(way => Matches(example, way)).ToList();
            Assert.NotEmpty(found);
            seen.UnionWith(found);
        }

        // 50 ways, 64 draws: 36 are expected.
        Assert.InRange(seen.Count, 20, 50);

        IEnumerable<(int Down, int Right, bool Flipped)> All() =>
            from down in Enumerable.Range(-Padding, (2 * Padding) + 1)
            from right in Enumerable.Range(-Padding, (2 * Padding) + 1)
            from flipped in new[] { false, true }
            select (down, right, flipped);

        bool Matches(int example, (int Down, int Right, bool Flipped) way)
        {
            var (given, original) = (images[example, 0].data<float>().ToArray(), plain[example, 0].data<float>().ToArray());
            for (var row = 0; row < side; row++)
            {
                for (var column = 0; column < side; column++)
                {
                    var fromRow = row + way.Down;
                    var fromColumn = (way.Flipped ? side - 1 - column : column) + way.Right;
                    var expected = fromRow >= 0 && fromRow < side && fromColumn >= 0 && fromColumn < side ? original[(fromRow * side) + fromColumn] : black;
                    if (Math.Abs(expected - given[(row * side) + column]) > 1e-4)
                    {
                        return false;
                    }
                }
            }

            return true;
        }
    }

    [Fact]
    public void Cutout_fills_a_square_that_is_clipped_at_the_border_with_the_mean()
    {
        const int Side = 4;
        var (images, _) = _train.Batch(arange(100, dtype: int64), new Augmentation(Cutout: Side), new Generator(1));
        var zeroed = images.eq(0).to(int64).sum(new long[] { 1, 2, 3 }).data<long>().ToArray();

        // The centre is uniform, so 4×4 inside and down to 2×2 in a corner.
        Assert.All(zeroed, count => Assert.InRange(count, 4, 16));
        Assert.Contains(16, zeroed);
        Assert.Contains(zeroed, count => count < 16);
    }

    [Fact]
    public void Same_generator_seed_gives_the_same_batch()
    {
        var places = arange(32, dtype: int64);
        var augmentation = new Augmentation(2, Flip: true, Cutout: 3);
        var (first, _) = _train.Batch(places, augmentation, new Generator(5));
        var (second, _) = _train.Batch(places, augmentation, new Generator(5));
        var (other, _) = _train.Batch(places, augmentation, new Generator(6));
        Assert.Equal(first.data<float>().ToArray(), second.data<float>().ToArray());
        Assert.NotEqual(first.data<float>().ToArray(), other.data<float>().ToArray());
    }
}
