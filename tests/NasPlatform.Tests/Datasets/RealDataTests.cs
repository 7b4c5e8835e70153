using NasPlatform.Search.Datasets;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Datasets;

/// <summary>Real data against what is published of it.</summary>
public sealed class RealDataTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Clothing_has_the_counts_of_its_description()
    {
        using var dataset = Add(SharedData.Require("clothing-small/clothing-80.zip"));

        Assert.Equal(3781, dataset.Count);
        Assert.Equal((3, 64, 64), (dataset.Channels, dataset.Height, dataset.Width));
        Assert.Equal(
            [
                new ClassCounts("dress", 241, 32, 15), new("hat", 123, 14, 12), new("longsleeve", 455, 49, 72), new("outwear", 184, 24, 38), new("pants", 468, 49, 42),
                new("shirt", 290, 29, 26), new("shoes", 198, 26, 73), new("shorts", 202, 25, 30), new("skirt", 112, 12, 12), new("t-shirt", 795, 81, 52),
            ],
            dataset.Report.Classes);
        Assert.Empty(dataset.Report.Unreadable);
    }

    [Fact]
    public void Cifar_binaries_have_their_labels_and_pixels()
    {
        using var dataset = Add(SharedData.Require("cifar10/data_batch_1_first4000.bin.gz"));

        Assert.Equal(4000, dataset.Count);
        Assert.Equal([6, 9, 9, 4, 1, 1, 2, 7, 8, 3], dataset.Labels[..10].ToArray());
        // The first image is the frog that tutorials show; its first red, green and blue.
        Assert.Equal((59, 62, 63), (dataset.Image(0)[0], dataset.Image(0)[1024], dataset.Image(0)[2048]));
    }

    [Fact]
    public void Cifar_as_JPEG_is_whole_and_near_the_originals()
    {
        using var jpeg = Add(SharedData.Require("cifar10/cifar10-jpg.tar.gz"));

        Assert.Equal(60_000, jpeg.Count);
        Assert.Equal((3, 32, 32), (jpeg.Channels, jpeg.Height, jpeg.Width));
        Assert.All(jpeg.Report.Classes, counts => Assert.Equal((4500, 500, 1000), (counts.Train, counts.Validation, counts.Test)));
        // Published: 0.4914 0.4822 0.4465 and 0.2470 0.2435 0.2616 over the 50,000 originals.
        foreach (var (channel, (mean, std)) in new[] { (0.4914, 0.2470), (0.4822, 0.2435), (0.4465, 0.2616) }.Index())
        {
            Assert.Equal(mean, jpeg.Mean[channel], 0.002);
            Assert.Equal(std, jpeg.Std[channel], 0.003);
        }
    }

    [Fact]
    public void Fashion_MNIST_is_whole()
    {
        Assert.SkipUnless(Directory.Exists("/usr/share/datasets/fashion-mnist"), "needs the package dataset-fashion-mnist");

        using var dataset = new DatasetCatalog(_data.Path).Open("fashion-mnist", null, TestContext.Current.CancellationToken);

        Assert.Equal((70_000, 1, 28, 28), (dataset.Count, dataset.Channels, dataset.Height, dataset.Width));
        Assert.All(dataset.Report.Classes, counts => Assert.Equal((5400, 600, 1000), (counts.Train, counts.Validation, counts.Test)));
        // The order is the source's, training images first; the first ten are known.
        Assert.Equal([9, 0, 0, 3, 0, 2, 7, 2, 5, 5], dataset.Labels[..10].ToArray());
        Assert.Equal("Ankle boot", dataset.Classes[9]);
        // Published over the 60,000: 0.2860 and 0.3530.
        Assert.Equal(0.2860, dataset.Mean[0], 0.001);
        Assert.Equal(0.3530, dataset.Std[0], 0.001);
    }

    private Dataset Add(string path)
    {
        var catalog = new DatasetCatalog(_data.Path);
        catalog.Add(path, new IngestOptions { Name = "real" }, null, TestContext.Current.CancellationToken);
        return catalog.Open("real", null, TestContext.Current.CancellationToken);
    }
}
