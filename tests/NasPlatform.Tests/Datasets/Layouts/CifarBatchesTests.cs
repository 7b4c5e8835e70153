using System.Formats.Tar;
using System.IO.Compression;
using NasPlatform.Search.Datasets;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Datasets.Layouts;

public sealed class CifarBatchesTests : IDisposable
{
    private readonly DatasetFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Batches_of_a_folder_are_read_in_order_with_the_test_batch_set_aside()
    {
        Write("cifar-10-batches-bin/data_batch_1.bin", Records(0, 30));
        Write("cifar-10-batches-bin/data_batch_2.bin", Records(100, 30));
        Write("cifar-10-batches-bin/test_batch.bin", Records(200, 20));
        Write("cifar-10-batches-bin/readme.html", [.. "<html>"u8]);

        using var dataset = _fixture.Add(_fixture.Source["cifar-10-batches-bin"]);

        Assert.Equal((80, 3, 32, 32), (dataset.Count, dataset.Channels, dataset.Height, dataset.Width));
        Assert.Equal("airplane", dataset.Classes[0]);
        Assert.Equal("truck", dataset.Classes[9]);
        Assert.Equal(20, dataset.Report.CountOf(Split.Test));
        Assert.Equal(Records(100, 30)[(5 * 3073 + 1)..(6 * 3073)], dataset.Image(35).ToArray());
        Assert.Equal(5, dataset.Labels[35]);
    }

    [Fact]
    public void The_archive_as_it_ships_is_read_with_its_names()
    {
        Write("cifar-10-batches-bin/batches.meta.txt", [.. "p0\np1\np2\np3\np4\np5\np6\np7\np8\np9\n\n"u8]);
        Write("cifar-10-batches-bin/data_batch_1.bin", Records(0, 30));
        using (var output = new GZipStream(File.Create(_fixture.Source["cifar.tar.gz"]), CompressionLevel.Fastest))
            TarFile.CreateFromDirectory(_fixture.Source["cifar-10-batches-bin"], output, includeBaseDirectory: true);

        using var dataset = _fixture.Add(_fixture.Source["cifar.tar.gz"]);

        Assert.Equal("p3", dataset.Classes[3]);
        Assert.Equal(30, dataset.Count);
        Assert.Equal(10, dataset.Report.CountOf(Split.Test));
    }

    [Fact]
    public void One_batch_alone_is_read_by_its_path_even_the_test_batch()
    {
        using var dataset = _fixture.Add(Write("test_batch.bin", Records(0, 40)));

        Assert.Equal(40, dataset.Count);
        Assert.Equal(20, dataset.Report.CountOf(Split.Train));
    }

    [Fact]
    public void Records_of_two_labels_are_CIFAR_100()
    {
        var records = Enumerable.Range(0, 200).SelectMany(i => (byte[])[(byte)(i % 20), (byte)(i % 100), .. TinyImages.Pixels(32, 32, 3, i)]).ToArray();

        using var dataset = _fixture.Add(Write("train.bin", records));

        Assert.Equal(100, dataset.Classes.Count);
        Assert.Equal("CIFAR-100 binaries", dataset.Report.Source);
        Assert.Equal(57, dataset.Labels[57]);
    }

    [Fact]
    public void A_batch_that_was_cut_short_is_refused() => Assert.StartsWith(
        "data_batch_1.bin has 92,180 bytes, which is no whole number of CIFAR-10 records of 3,073 bytes",
        _fixture.Refusal(Write("data_batch_1.bin", Records(0, 30)[..^10])));

    [Fact]
    public void A_label_out_of_range_is_refused()
    {
        var records = Records(0, 30);
        records[17 * 3073] = 12;

        Assert.StartsWith("data_batch_1.bin: record 17 has the label 12; 10 classes have labels 0 to 9.", _fixture.Refusal(Write("data_batch_1.bin", records)));
    }

    [Fact]
    public void Names_of_the_wrong_number_are_refused()
    {
        Write("set/batches.meta.txt", [.. "a\nb\n"u8]);
        Write("set/data_batch_1.bin", Records(0, 30));

        Assert.Contains("batches.meta.txt names 2 classes; 10 different ones are needed.", _fixture.Refusal(_fixture.Source["set"]));
    }

    private string Write(string name, byte[] content) => _fixture.Source.Write(name, content);

    private static byte[] Records(int seed, int count) =>
        [.. Enumerable.Range(0, count).SelectMany(i => new[] { (byte)(i % 10) }.Concat(TinyImages.Pixels(32, 32, 3, seed + i)))];
}
