using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using NasPlatform.Search.Datasets;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Datasets.Layouts;

public sealed class IdxFilesTests : IDisposable
{
    private readonly DatasetFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_four_files_of_MNIST_are_read(bool zipped)
    {
        Four("mnist", zipped);

        using var dataset = _fixture.Add(_fixture.Source["mnist"]);

        Assert.Equal((50, 1, 4, 3), (dataset.Count, dataset.Channels, dataset.Height, dataset.Width));
        Assert.Equal(["0", "1"], dataset.Classes);
        Assert.Equal(10, dataset.Report.CountOf(Split.Test));
        Assert.Equal(4, dataset.Report.CountOf(Split.Validation));
        Assert.Equal(Pixels(1)[(7 * 12)..(8 * 12)], dataset.Image(7).ToArray());
        Assert.Equal(Pixels(2)[..12], dataset.Image(40).ToArray());
        Assert.Equal([0, 1, 0], dataset.Labels[..3].ToArray());
    }

    [Fact]
    public void They_are_read_from_archives_too()
    {
        Four("mnist", zipped: true);
        TarFile.CreateFromDirectory(_fixture.Source["mnist"], _fixture.Source["mnist.tar"], includeBaseDirectory: true);

        using var dataset = _fixture.Add(_fixture.Source["mnist.tar"]);

        Assert.Equal(50, dataset.Count);
        Assert.Equal(Pixels(1)[(7 * 12)..(8 * 12)], dataset.Image(7).ToArray());
    }

    [Fact]
    public void A_pair_is_found_by_either_of_its_files()
    {
        Four("mnist", zipped: false);

        using var byImages = _fixture.Add(_fixture.Source["mnist/train-images-idx3-ubyte"], new IngestOptions { Name = "images" });
        using var byLabels = _fixture.Add(_fixture.Source["mnist/t10k-labels-idx1-ubyte"], new IngestOptions { Name = "labels" });

        Assert.Equal(40, byImages.Count);
        Assert.Equal(10, byLabels.Count);
        Assert.Equal(2, byLabels.Report.CountOf(Split.Test));
    }

    [Fact]
    public void Classes_can_be_named_and_sizes_chosen()
    {
        Four("mnist", zipped: false);

        using var dataset = _fixture.Add(_fixture.Source["mnist"], new IngestOptions { ClassNames = ["even", "odd"], Width = 8, Channels = 3 });

        Assert.Equal(["even", "odd"], dataset.Classes);
        Assert.Equal((3, 8, 8), (dataset.Channels, dataset.Height, dataset.Width));
        Assert.Equal(dataset.Image(0)[..64].ToArray(), dataset.Image(0)[64..128].ToArray());
    }

    [Fact]
    public void Labels_need_not_start_at_0()
    {
        _fixture.Source.Write("set/x-images", Images(6, 4, 3, Pixels(1)[..72]));
        _fixture.Source.Write("set/x-labels", Labels([7, 3, 7, 3, 7, 3]));

        using var dataset = _fixture.Add(_fixture.Source["set"]);

        Assert.Equal(["3", "7"], dataset.Classes);
        Assert.Equal([1, 0, 1, 0, 1, 0], dataset.Labels.ToArray());
    }

    [Theory]
    [InlineData(7, "The header of x-images lies: by its counts the file has 100 bytes, but it has 88.")]
    [InlineData(5, "The header of x-images lies: by its counts the file has 76 bytes, but it has 88.")]
    [InlineData(2_000_000_000, "The header of x-images lies: by its counts the file has 24,000,000,016 bytes, but it has 88.")]
    public void A_count_that_lies_is_refused(int count, string message)
    {
        foreach (var zipped in new[] { false, true })
        {
            Write("set/x-images", Images(count, 4, 3, Pixels(1)[..72]), zipped);
            Write("set/x-labels", [.. Labels([])[..4], .. Big(count)], zipped);

            Assert.StartsWith(message, _fixture.Refusal(_fixture.Source["set"]));
        }
    }

    [Fact]
    public void Other_headers_that_lie_are_refused()
    {
        Pair(Images(6, 4, 3, Pixels(1)[..72]), Labels([0, 1, 0, 1, 0]));
        Assert.StartsWith("x-images claims 6 images but x-labels claims 5 labels; they do not belong together", _fixture.Refusal(_fixture.Source["set"]));

        Pair(Images(6, 100_000, 3, Pixels(1)[..72]), Labels([0, 1, 0, 1, 0, 1]));
        Assert.StartsWith("The header of x-images claims images of 3 x 100000 pixels; the limits are 16,384 a side", _fixture.Refusal(_fixture.Source["set"]));

        Pair(Images(6, 0, 3, []), Labels([0, 1, 0, 1, 0, 1]));
        Assert.StartsWith("The header of x-images claims images of 3 x 0 pixels", _fixture.Refusal(_fixture.Source["set"]));

        Pair([0, 0, 0x0D, 3, .. Images(6, 4, 3, Pixels(1)[..72])[4..]], Labels([0, 1, 0, 1, 0, 1]));
        Assert.StartsWith("x-images is an IDX file with the magic number 3331; images of bytes have 2051, labels have 2049", _fixture.Refusal(_fixture.Source["set"]));

        Pair([0, 0, 8, 3, 0, 0], Labels([0, 1, 0, 1, 0, 1]));
        Assert.StartsWith("x-images ends in the middle of its header", _fixture.Refusal(_fixture.Source["set"]));

        Pair(Images(6, 4, 3, Pixels(1)[..72]), Images(6, 4, 3, Pixels(1)[..72]));
        Assert.Contains("has 2 IDX files of images and 0 of labels (x-images, x-labels); one of each is needed", _fixture.Refusal(_fixture.Source["set"]));
    }

    [Fact]
    public void A_label_beyond_the_named_classes_is_refused()
    {
        Pair(Images(6, 4, 3, Pixels(1)[..72]), Labels([0, 1, 0, 1, 0, 2]));

        Assert.StartsWith("x-labels has the label 2, but 2 classes were named, so labels go from 0 to 1.", _fixture.Refusal(_fixture.Source["set"], new IngestOptions { ClassNames = ["a", "b"] }));
    }

    [Fact]
    public void A_damaged_gzip_file_is_refused()
    {
        Write("set/x-images", Images(6, 4, 3, Pixels(1)[..72]), zipped: true);
        Write("set/x-labels", Labels([0, 1, 0, 1, 0, 1]), zipped: true);
        var bytes = File.ReadAllBytes(_fixture.Source["set/x-images"]);
        bytes[^7] ^= 1;
        File.WriteAllBytes(_fixture.Source["set/x-images"], bytes);

        Assert.StartsWith("x-images is damaged", _fixture.Refusal(_fixture.Source["set"]));
    }

    [Fact]
    public void Train_and_test_images_of_other_sizes_are_refused()
    {
        Four("mnist", zipped: false);
        _fixture.Source.Write("mnist/t10k-images-idx3-ubyte", Images(10, 3, 4, Pixels(2)[..120]));

        Assert.StartsWith("t10k-images-idx3-ubyte has images of 4 x 3 pixels, the other file of 3 x 4", _fixture.Refusal(_fixture.Source["mnist"]));
    }

    private void Four(string folder, bool zipped)
    {
        Write($"{folder}/train-images-idx3-ubyte", Images(40, 4, 3, Pixels(1)), zipped);
        Write($"{folder}/train-labels-idx1-ubyte", Labels([.. Enumerable.Range(0, 40).Select(i => (byte)(i % 2))]), zipped);
        Write($"{folder}/t10k-images-idx3-ubyte", Images(10, 4, 3, Pixels(2)[..120]), zipped);
        Write($"{folder}/t10k-labels-idx1-ubyte", Labels([.. Enumerable.Range(0, 10).Select(i => (byte)(i % 2))]), zipped);
    }

    private void Pair(byte[] images, byte[] labels)
    {
        _fixture.Source.Write("set/x-images", images);
        _fixture.Source.Write("set/x-labels", labels);
    }

    private void Write(string name, byte[] content, bool zipped)
    {
        if (!zipped)
        {
            _fixture.Source.Write(name, content);
            return;
        }
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(content);
        _fixture.Source.Write(name, output.ToArray());
    }

    private static byte[] Pixels(int seed) => TinyImages.Pixels(3, 160, 1, seed);

    private static byte[] Images(int count, int rows, int columns, byte[] pixels) => [0, 0, 8, 3, .. Big(count), .. Big(rows), .. Big(columns), .. pixels];

    private static byte[] Labels(byte[] labels) => [0, 0, 8, 1, .. Big(labels.Length), .. labels];

    private static byte[] Big(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }
}
