using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Datasets;

public sealed class DatasetCatalogTests : IDisposable
{
    private readonly DatasetFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    private DatasetCatalog Catalog => _fixture.Catalog;

    [Fact]
    public void Datasets_are_listed_opened_and_removed()
    {
        var folder = _fixture.Images("set", 10, "a", "b");
        Assert.Empty(Catalog.List());
        Catalog.Add(folder, new IngestOptions { Name = "second" }, null, Token);
        Catalog.Add(folder, new IngestOptions { Name = "first" }, null, Token);

        Assert.Equal(["first", "second"], Catalog.List().Select(report => report.Name));
        Assert.True(Catalog.Exists("first"));
        using (var dataset = Catalog.Open("first", null, Token))
            Assert.Equal(20, dataset.Count);

        Catalog.Remove("first");

        Assert.Equal(["second"], Catalog.List().Select(report => report.Name));
        Assert.False(Catalog.Exists("first"));
        Assert.Throws<UserErrorException>(() => Catalog.Remove("first"));
    }

    [Fact]
    public void The_kept_files_are_what_the_format_says()
    {
        using var dataset = _fixture.Add(_fixture.Images("set", 10, "ä", "b"));

        var folder = Path.Join(_fixture.Data.Path, "datasets", "added");
        Assert.Equal(["dataset.safetensors", "report.json"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        using var file = SafetensorsFile.Open(Path.Join(folder, "dataset.safetensors"));
        Assert.Equal((TensorType.U8, TensorType.I64, TensorType.U8), (file["images"].Type, file["labels"].Type, file["split"].Type));
        Assert.Equal([20, 3, 6, 8], file["images"].Shape);
        Assert.Equal("[\"b\",\"ä\"]", file.Metadata["classes"]);
        var report = DatasetReport.Parse(File.ReadAllText(Path.Join(folder, "report.json")));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), report.CreatedAt);
        Assert.Equal(dataset.Report.ToJson(), report.ToJson());
        Assert.Contains("\"ä\"", report.ToJson());
    }

    [Fact]
    public void The_same_source_and_seed_give_the_same_file_and_another_seed_another_split()
    {
        var folder = _fixture.Images("set", 30, "a", "b", "c");

        byte[] Bytes(string name, ulong seed)
        {
            using var dataset = _fixture.Add(folder, new IngestOptions { Name = name, Seed = seed });
            return [.. dataset.Images(0, dataset.Count), .. dataset.Splits];
        }

        var first = Bytes("first", 1);
        Assert.Equal(first, Bytes("again", 1));
        var other = Bytes("other", 2);
        Assert.Equal(first[..^90], other[..^90]);
        Assert.NotEqual(first[^90..], other[^90..]);
    }

    [Fact]
    public void Splits_are_found_by_their_examples()
    {
        using var dataset = _fixture.Add(_fixture.Images("set", 20, "a", "b"));

        var all = Enum.GetValues<Split>().SelectMany(dataset.Indices).Order();

        Assert.Equal(Enumerable.Range(0, 40), all);
        Assert.Equal((32, 4, 4), (dataset.Indices(Split.Train).Length, dataset.Indices(Split.Validation).Length, dataset.Indices(Split.Test).Length));
        Assert.All(dataset.Indices(Split.Test), index => Assert.Equal((byte)Split.Test, dataset.Splits[index]));
    }

    [Fact]
    public void Mean_and_deviation_are_those_of_the_training_images()
    {
        using var dataset = _fixture.Add(_fixture.Images("set", 20, "a", "b"));

        for (var channel = 0; channel < 3; channel++)
        {
            var values = dataset.Indices(Split.Train).SelectMany(i => dataset.Image(i).Slice(channel * 48, 48).ToArray()).Select(value => value / 255.0).ToArray();
            var mean = values.Average();
            Assert.Equal(mean, dataset.Mean[channel], 1e-12);
            Assert.Equal(Math.Sqrt(values.Average(value => (value - mean) * (value - mean))), dataset.Std[channel], 1e-12);
        }
    }

    [Fact]
    public void Copies_are_found_within_and_across_splits_and_classes()
    {
        byte[] One(int seed) => TinyImages.Png(8, 6, 3, seed);
        for (var i = 0; i < 6; i++)
        {
            _fixture.Source.Write($"set/train/a/{i}.png", One(i));
            _fixture.Source.Write($"set/train/b/{i}.png", One(10 + i));
            _fixture.Source.Write($"set/val/a/{i}.png", One(20 + i));
            _fixture.Source.Write($"set/val/b/{i}.png", One(30 + i));
            _fixture.Source.Write($"set/test/a/{i}.png", One(40 + i));
            _fixture.Source.Write($"set/test/b/{i}.png", One(50 + i));
        }
        _fixture.Source.Write("set/test/a/copy.png", One(3));
        _fixture.Source.Write("set/test/b/copy.png", One(4));
        _fixture.Source.Write("set/train/a/again.png", One(0));

        using var dataset = _fixture.Add(_fixture.Source["set"]);

        var duplicates = dataset.Report.Duplicates;
        Assert.Equal((2, 1, 1), (duplicates.AcrossSplits, duplicates.WithinSplits, duplicates.WithOtherLabels));
        Assert.Equal(
            [
                new DuplicateExample("train/a/3.png", Split.Train, "test/a/copy.png", Split.Test),
                new DuplicateExample("train/a/4.png", Split.Train, "test/b/copy.png", Split.Test),
                new DuplicateExample("train/a/0.png", Split.Train, "train/a/again.png", Split.Train),
            ],
            duplicates.Examples.OrderBy(example => example.Second.StartsWith("train", StringComparison.Ordinal)).ThenBy(example => example.First));
    }

    [Fact]
    public void Imbalance_is_that_of_the_training_images()
    {
        _fixture.Images("set/train", 12, "a");
        _fixture.Images("set/train", 3, "b");
        _fixture.Images("set/val", 2, "a", "b");
        _fixture.Images("set/test", 2, "a", "b");

        using var dataset = _fixture.Add(_fixture.Source["set"]);

        Assert.Equal(4, dataset.Report.Imbalance);
    }

    [Fact]
    public void A_name_that_is_taken_is_an_error_unless_replacing_is_asked_for()
    {
        _fixture.Images("old", 3, "a", "b");
        _fixture.Images("new", 4, "a", "b");
        using var old = _fixture.Add(_fixture.Source["old"]);

        var message = Assert.Throws<UserErrorException>(() => _fixture.Add(_fixture.Source["new"])).Message;
        using var replaced = _fixture.Add(_fixture.Source["new"], new IngestOptions { Replace = true });

        Assert.Equal("There is a dataset 'added' already. Choose another name, remove it first, or say that it is to be replaced.", message);
        Assert.Equal(8, replaced.Count);
        // Who has the old one open keeps it.
        Assert.Equal(6, old.Count);
        Assert.NotEqual(0, old.Images(0, 6).ToArray().Sum(value => value));
    }

    [Fact]
    public void A_replacement_that_fails_leaves_the_old_one()
    {
        using var old = _fixture.Add(_fixture.Images("old", 3, "a", "b"));

        Assert.Throws<UserErrorException>(() => _fixture.Add(_fixture.Source["nowhere"], new IngestOptions { Replace = true }));

        Assert.Equal([new ClassCounts("a", 1, 1, 1), new ClassCounts("b", 1, 1, 1)], Assert.Single(Catalog.List()).Classes);
    }

    [Fact]
    public void An_unknown_name_lists_the_known_and_suggests_the_nearest()
    {
        Catalog.Add(_fixture.Images("set", 3, "a", "b"), new IngestOptions { Name = "flowers" }, null, Token);

        Assert.Equal("There is no dataset 'flwers'. Did you mean 'flowers'? Known: flowers, fashion-mnist.", Assert.Throws<UserErrorException>(() => Catalog.Open("flwers", null, Token)).Message);
        Assert.StartsWith("There is no dataset '../x'.", Assert.Throws<UserErrorException>(() => Catalog.Open("../x", null, Token)).Message);
    }

    [Fact]
    public void Without_its_package_a_known_dataset_says_what_to_install() => Assert.Equal(
        "The dataset 'fashion-mnist' is not on this machine; install its package: apt-get install dataset-fashion-mnist",
        Assert.Throws<UserErrorException>(() => Catalog.Open("fashion-mnist", null, Token)).Message);

    [Fact]
    public void A_known_dataset_is_brought_in_when_it_is_asked_for()
    {
        byte[] Big(int number)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, number);
            return bytes;
        }
        foreach (var (prefix, count) in new[] { ("train", 60), ("t10k", 20) })
        {
            _fixture.Source.Write($"system/fashion-mnist/{prefix}-images-idx3-ubyte", [0, 0, 8, 3, .. Big(count), .. Big(4), .. Big(4), .. TinyImages.Pixels(4, 4 * count, 1)]);
            _fixture.Source.Write($"system/fashion-mnist/{prefix}-labels-idx1-ubyte", [0, 0, 8, 1, .. Big(count), .. Enumerable.Range(0, count).Select(i => (byte)(i % 10))]);
        }

        using var dataset = Catalog.Open("fashion-mnist", null, Token);

        Assert.Equal(["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"], dataset.Classes);
        Assert.Equal(["fashion-mnist"], Catalog.List().Select(report => report.Name));
    }

    [Theory]
    [InlineData("set", null, "set")]
    [InlineData("my set.zip", null, "my-set")]
    [InlineData("x.tar.gz", null, "x")]
    [InlineData("x.tgz", null, "x")]
    [InlineData("set", "набор_データ-1.0", "набор_データ-1.0")]
    public void Names_are_taken_from_the_source_or_given_in_any_script(string source, string? given, string expected)
    {
        var folder = _fixture.Images("set", 3, "a", "b");
        var path = _fixture.Source[source];
        if (source.EndsWith(".zip", StringComparison.Ordinal))
            ZipFile.CreateFromDirectory(folder, path);
        else if (source != "set")
            using (var output = new GZipStream(File.Create(path), CompressionLevel.Fastest))
                System.Formats.Tar.TarFile.CreateFromDirectory(folder, output, includeBaseDirectory: false);

        var report = Catalog.Add(path, new IngestOptions { Name = given }, null, Token);

        Assert.Equal(expected, report.Name);
        Assert.True(Catalog.Exists(expected));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a\\b")]
    [InlineData("a b")]
    [InlineData("a\0b")]
    [InlineData("a:b")]
    [InlineData("x123456789x123456789x123456789x123456789x123456789x123456789x1234")]
    public void Other_names_are_refused(string name)
    {
        var folder = _fixture.Images("set", 3, "a", "b");

        Assert.Contains("cannot be a dataset's name", _fixture.Refusal(folder, new IngestOptions { Name = name }));
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        var folder = _fixture.Images("set", 3, "a", "b");

        Assert.StartsWith("2 channels are not possible", _fixture.Refusal(folder, new IngestOptions { Channels = 2 }));
        Assert.StartsWith("An image size of 0 is not possible", _fixture.Refusal(folder, new IngestOptions { Height = 0 }));
        Assert.StartsWith("A validation share of 0.5 and a test share of 0.5", _fixture.Refusal(folder, new IngestOptions { ValidationFraction = 0.5, TestFraction = 0.5 }));
        Assert.StartsWith("A validation share of NaN", _fixture.Refusal(folder, new IngestOptions { ValidationFraction = double.NaN }));
    }

    [Fact]
    public void Cancelling_leaves_nothing()
    {
        var folder = _fixture.Images("set", 200, "a", "b");
        using var cancellation = new CancellationTokenSource();
        var progress = new Reports(report =>
        {
            if (report.Stage == "decoding")
                cancellation.Cancel();
        });

        Assert.ThrowsAny<OperationCanceledException>(() => Catalog.Add(folder, null, progress, cancellation.Token));

        _fixture.AssertNothingIsLeft();
    }

    [Fact]
    public void Progress_tells_each_stage_from_nothing_to_all()
    {
        var reports = new List<IngestProgress>();
        Catalog.Add(_fixture.Images("set", 20, "a", "b"), null, new Reports(report => { lock (reports) reports.Add(report); }), Token);

        Assert.Equal(["reading sizes", "decoding", "writing"], reports.Select(report => report.Stage).Distinct());
        foreach (var stage in reports.GroupBy(report => report.Stage))
        {
            Assert.Equal(0, stage.First().Done);
            Assert.Equal(40, stage.Last().Done);
            Assert.All(stage, report => Assert.Equal(40, report.Total));
        }
    }

    [Fact]
    public void What_a_dead_process_left_is_cleared_and_what_it_was_replacing_comes_back()
    {
        var folder = _fixture.Images("set", 3, "a", "b");
        Catalog.Add(folder, new IngestOptions { Name = "kept" }, null, Token);
        var datasets = Path.Join(_fixture.Data.Path, "datasets");
        Directory.Move(Path.Join(datasets, "kept"), Path.Join(datasets, ".kept.replaced"));
        foreach (var name in new[] { ".dead.partial", ".kept.partial", ".gone.removed" })
            File.WriteAllText(Path.Join(Directory.CreateDirectory(Path.Join(datasets, name)).FullName, "dataset.safetensors"), "half");
        Assert.Empty(Catalog.List());

        Catalog.Add(folder, new IngestOptions { Name = "other" }, null, Token);

        Assert.Equal(["kept", "other"], Catalog.List().Select(report => report.Name));
        Assert.Equal([".locks", "kept", "other"], Directory.GetDirectories(datasets).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nothing_is_added_twice_at_once()
    {
        var folder = _fixture.Images("set", 3, "a", "b");
        var locks = Directory.CreateDirectory(Path.Join(_fixture.Data.Path, "datasets", ".locks")).FullName;
        using (new FileStream(Path.Join(locks, "added"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            Assert.Contains("is being added or removed by another program", _fixture.Refusal(folder));

        using var dataset = _fixture.Add(folder);
        Assert.Equal(6, dataset.Count);
    }

    [Fact]
    public void A_full_disk_is_recognised()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full");
        using var full = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);

        var error = Assert.ThrowsAny<IOException>(() => RandomAccess.Write(full, new byte[10], 0));

        Assert.True(DatasetCatalog.IsDiskFull(error));
        Assert.False(DatasetCatalog.IsDiskFull(new FileNotFoundException()));
    }

    [Fact]
    public void Images_that_cannot_fit_the_disk_are_refused_before_they_are_decoded()
    {
        var rows = string.Join('\n', Enumerable.Range(0, 20_000).Select(i => $"{i}.png,{i % 2}"));
        var table = _fixture.Source.Write("set/labels.csv", "file,label\n" + rows);

        var message = _fixture.Refusal(table, new IngestOptions { Width = 4096, Channels = 3 });

        Assert.StartsWith("20,000 images of 4096 x 4096, colour need 2,013,267 MB while they are brought in, but ", message);
        Assert.EndsWith("Free some, or choose a smaller image size.", message);
    }

    [Fact]
    public void A_damaged_dataset_says_so()
    {
        using (_fixture.Add(_fixture.Images("set", 3, "a", "b")))
        {
        }
        var folder = Path.Join(_fixture.Data.Path, "datasets", "added");
        var report = Path.Join(folder, "report.json");
        var json = File.ReadAllText(report);

        File.WriteAllText(report, json.Replace("\"height\": 6", "\"height\": 7"));
        Assert.Contains("is damaged: its examples have another shape than its report says. Remove it and add it again.", Assert.Throws<UserErrorException>(() => Catalog.Open("added", null, Token)).Message);

        File.WriteAllText(report, "{}");
        Assert.Contains("report.json cannot be read", Assert.Throws<UserErrorException>(() => Catalog.Open("added", null, Token)).Message);

        File.WriteAllText(report, json);
        var file = Path.Join(folder, "dataset.safetensors");
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^1]);
        Assert.Contains("the file was cut short", Assert.Throws<UserErrorException>(() => Catalog.Open("added", null, Token)).Message);
    }

    [Fact]
    public void The_limits_in_appsettings_are_the_defaults()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Join(folder.FullName, "NasPlatform.sln")))
            folder = folder.Parent;
        Assert.SkipWhen(folder is null, "needs the repository around the tests");
        using var settings = JsonDocument.Parse(File.ReadAllText(Path.Join(folder!.FullName, "appsettings.json"))); // Not null: the line above skips.

        var limits = settings.RootElement.GetProperty("Datasets").GetProperty("Limits").Deserialize<DatasetLimits>();

        Assert.Equal(new DatasetLimits(), limits);
        Assert.Equal(typeof(DatasetLimits).GetProperties().Length, settings.RootElement.GetProperty("Datasets").GetProperty("Limits").EnumerateObject().Count());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private sealed class Reports(Action<IngestProgress> report) : IProgress<IngestProgress>
    {
        public void Report(IngestProgress value) => report(value);
    }
}
