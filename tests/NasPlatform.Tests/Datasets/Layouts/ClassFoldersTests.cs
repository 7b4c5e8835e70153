using System.Formats.Tar;
using System.IO.Compression;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Datasets.Images;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Datasets.Layouts;

public sealed class ClassFoldersTests : IDisposable
{
    private readonly DatasetFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Folders_are_classes_and_images_keep_their_pixels()
    {
        _fixture.Source.Write("set/猫/b.png", TinyImages.Png(5, 4, 3, 1));
        _fixture.Source.Write("set/猫/a.png", TinyImages.Png(5, 4, 3, 2));
        _fixture.Source.Write("set/Hund und Katze/x.png", TinyImages.Png(5, 4, 3, 3));
        _fixture.Source.Write("set/Hund und Katze/deeper/y.png", TinyImages.Png(5, 4, 3, 4));

        using var dataset = _fixture.Add(_fixture.Source["set"], new IngestOptions { Name = "猫-och-hund" });

        Assert.Equal(["Hund und Katze", "猫"], dataset.Classes);
        Assert.Equal((4, 3, 4, 5), (dataset.Count, dataset.Channels, dataset.Height, dataset.Width));
        Assert.Equal([0, 0, 1, 1], dataset.Labels.ToArray());
        // In ordinal order of their paths: deeper/y, x, a, b.
        foreach (var (index, seed) in new[] { 4, 3, 2, 1 }.Index())
            Assert.Equal(TinyImages.Planes(TinyImages.Pixels(5, 4, 3, seed), 3), dataset.Image(index).ToArray());
        Assert.Equal("folder of class folders", dataset.Report.Source);
        Assert.Equal("猫-och-hund", dataset.Name);
    }

    [Fact]
    public void A_folder_and_its_zip_and_its_tar_make_the_same_dataset()
    {
        var folder = _fixture.Images("set", 12, "b", "a", "c");
        ZipFile.CreateFromDirectory(folder, _fixture.Source["set.zip"], CompressionLevel.Fastest, includeBaseDirectory: true);
        using (var output = new GZipStream(File.Create(_fixture.Source["set.tgz"]), CompressionLevel.Fastest))
            TarFile.CreateFromDirectory(folder, output, includeBaseDirectory: true);

        using var fromFolder = _fixture.Add(folder, new IngestOptions { Name = "folder" });
        using var fromZip = _fixture.Add(_fixture.Source["set.zip"], new IngestOptions { Name = "zip" });
        using var fromTar = _fixture.Add(_fixture.Source["set.tgz"], new IngestOptions { Name = "tar" });

        foreach (var other in new[] { fromZip, fromTar })
        {
            Assert.Equal(fromFolder.Images(0, 36).ToArray(), other.Images(0, 36).ToArray());
            Assert.Equal(fromFolder.Labels.ToArray(), other.Labels.ToArray());
            Assert.Equal(fromFolder.Splits.ToArray(), other.Splits.ToArray());
        }
    }

    [Theory]
    [InlineData("train", "val", "test")]
    [InlineData("Training", "valid", "Testing")]
    [InlineData("TRAIN", "validation", "test")]
    public void Folders_for_splits_are_respected(string train, string validation, string test)
    {
        _fixture.Images("set/around/" + train, 5, "a", "b");
        _fixture.Images("set/around/" + validation, 2, "a", "b");
        _fixture.Images("set/around/" + test, 3, "a", "b");

        using var dataset = _fixture.Add(_fixture.Source["set"]);

        Assert.Equal([new ClassCounts("a", 5, 2, 3), new ClassCounts("b", 5, 2, 3)], dataset.Report.Classes);
        Assert.Empty(dataset.Report.Notes);
    }

    [Fact]
    public void A_missing_validation_split_is_taken_from_the_training_images()
    {
        _fixture.Images("set/train", 20, "a", "b");
        _fixture.Images("set/test", 5, "a", "b");

        using var dataset = _fixture.Add(_fixture.Source["set"]);

        Assert.Equal([new ClassCounts("a", 18, 2, 5), new ClassCounts("b", 18, 2, 5)], dataset.Report.Classes);
        Assert.Equal(["The source sets no validation images aside; 4 were taken from those for training, class by class."], dataset.Report.Notes);
    }

    [Fact]
    public void A_folder_named_train_alone_is_only_a_folder_around()
    {
        _fixture.Images("set/train", 20, "a", "b");

        using var dataset = _fixture.Add(_fixture.Source["set"]);

        Assert.Equal([new ClassCounts("a", 16, 2, 2), new ClassCounts("b", 16, 2, 2)], dataset.Report.Classes);
    }

    [Fact]
    public void Classes_may_be_called_like_splits()
    {
        _fixture.Images("set", 3, "test", "train", "other");

        using var dataset = _fixture.Add(_fixture.Source["set"]);

        Assert.Equal(["other", "test", "train"], dataset.Classes);
    }

    [Fact]
    public void Numbered_classes_are_in_order_of_their_numbers()
    {
        _fixture.Images("set", 2, "10", "9", "100", "0");

        using var dataset = _fixture.Add(_fixture.Source["set"]);

        Assert.Equal(["0", "9", "10", "100"], dataset.Classes);
    }

    [Fact]
    public void Images_are_told_by_their_content_where_no_name_says_so()
    {
        for (var i = 0; i < 4; i++)
            _fixture.Source.Write($"set/{(i < 2 ? "a" : "b")}/{i}", TinyImages.Png(8, 6, 3, i));
        _fixture.Source.Write("set/README", "text");

        using var dataset = _fixture.Add(_fixture.Source["set"]);

        Assert.Equal(4, dataset.Count);
        Assert.Contains("1 files are not images and were left out: README.", dataset.Report.Notes);
    }

    [Fact]
    public void A_name_that_lies_about_the_format_does_not_matter()
    {
        _fixture.Images("set", 3, "a", "b");
        _fixture.Source.Write("set/a/really-a-jpeg.png", TinyImages.Solid(".jpg", 8, 6, 9, 9, 9));

        using var dataset = _fixture.Add(_fixture.Source["set"]);

        Assert.Equal(7, dataset.Count);
        Assert.Empty(dataset.Report.Unreadable);
    }

    [Fact]
    public void Files_outside_class_folders_and_other_files_are_named()
    {
        _fixture.Images("set", 3, "a", "b");
        _fixture.Source.Write("set/loose.png", TinyImages.Png(8, 6));
        _fixture.Source.Write("set/a/notes.txt", "text");

        using var dataset = _fixture.Add(_fixture.Source["set"]);

        Assert.Contains("1 files are in no class folder and were left out: loose.png.", dataset.Report.Notes);
        Assert.Contains("1 files are not images and were left out: a/notes.txt.", dataset.Report.Notes);
        Assert.Equal(6, dataset.Count);
    }

    [Fact]
    public void A_few_unreadable_images_are_left_out_and_named()
    {
        _fixture.Images("set", 20, "a", "b");
        _fixture.Source.Write("set/a/empty.png", Array.Empty<byte>());
        _fixture.Source.Write("set/b/text.jpg", "this is no image");
        _fixture.Source.Write("set/b/cut.png", TinyImages.Png(8, 6)[..60]);
        _fixture.Source.Write("set/b/photo.heic", "....ftypheic");

        using var dataset = _fixture.Add(_fixture.Source["set"]);

        Assert.Equal(40, dataset.Count);
        Assert.Equal(["a/empty.png", "b/cut.png", "b/photo.heic", "b/text.jpg"], dataset.Report.Unreadable.Select(file => file.Name));
        Assert.Equal("the file is empty", dataset.Report.Unreadable[0].Reason);
        Assert.Equal("not a JPEG, PNG, WebP, GIF, BMP or TIFF file", dataset.Report.Unreadable[3].Reason);
        Assert.All(dataset.Report.Unreadable, file => Assert.NotEmpty(file.Reason));
    }

    [Fact]
    public void Many_unreadable_images_are_refused_with_the_first_names()
    {
        _fixture.Images("set", 20, "a", "b");
        for (var i = 0; i < 8; i++)
            _fixture.Source.Write($"set/a/bad{i}.png", "no image");

        var message = _fixture.Refusal(_fixture.Source["set"]);

        Assert.StartsWith($"8 of 48 images in {_fixture.Source["set"]} cannot be read, more than a tenth: a/bad0.png (not a JPEG", message);
        Assert.EndsWith("; and others. Repair or remove them.", message);
    }

    [Fact]
    public void A_class_that_loses_its_images_is_refused()
    {
        _fixture.Images("set", 30, "a", "b");
        _fixture.Source.Write("set/c/1.png", TinyImages.Png(8, 6));
        _fixture.Source.Write("set/c/2.png", "no image");

        Assert.EndsWith("the class 'c' has 1 readable image; each needs at least 2. Add images or remove the class.", _fixture.Refusal(_fixture.Source["set"]));
    }

    [Fact]
    public void Unusable_folders_are_refused_and_say_what_to_do()
    {
        Directory.CreateDirectory(_fixture.Source["empty"]);
        _fixture.Images("one-class", 5, "cats");
        _fixture.Images("small", 5, "a", "b");
        _fixture.Source.Write("small/c/1.png", TinyImages.Png(8, 6));
        _fixture.Images("flat", 5, "");
        _fixture.Source.Write("text/readme.md", "text");
        _fixture.Images("untrained/train", 3, "a", "b");
        _fixture.Images("untrained/test", 3, "a", "b", "c");

        Assert.StartsWith($"{_fixture.Source["empty"]} holds no files. Expected is a folder, zip or tar archive with a folder of images for each class;", _fixture.Refusal(_fixture.Source["empty"]));
        Assert.Equal($"{_fixture.Source["one-class"]} has the one class 'cats'; a classifier needs at least two, each in a folder or with a label of its own.", _fixture.Refusal(_fixture.Source["one-class"]));
        Assert.Equal($"In {_fixture.Source["small"]} the class 'c' has 1 readable image; each needs at least 2. Add images or remove the class.", _fixture.Refusal(_fixture.Source["small"]));
        Assert.StartsWith($"The 5 images in {_fixture.Source["flat"]} are in no folders, so their classes are unknown.", _fixture.Refusal(_fixture.Source["flat"]));
        Assert.Contains("is of no kind that is understood (it has readme.md)", _fixture.Refusal(_fixture.Source["text"]));
        Assert.Equal($"In {_fixture.Source["untrained"]} the class 'c' has no image for training; add some or remove the class.", _fixture.Refusal(_fixture.Source["untrained"]));
        Assert.Equal($"There is nothing at {_fixture.Source["nowhere"]}.", _fixture.Refusal(_fixture.Source["nowhere"]));
        Assert.Contains("is a single image", _fixture.Refusal(_fixture.Source["small/c/1.png"]));
    }

    [Fact]
    public void The_default_size_is_the_images_own_when_it_is_one_and_small()
    {
        using var dataset = _fixture.Add(_fixture.Images("set", 3, "a", "b"));

        Assert.Equal((6, 8), (dataset.Height, dataset.Width));
    }

    [Fact]
    public void The_default_size_is_else_a_square_of_the_median_short_side_of_at_most_64()
    {
        foreach (var (i, (width, height)) in new[] { (40, 30), (20, 50), (90, 41), (33, 33), (100, 100) }.Index())
            foreach (var name in new[] { "a", "b" })
                _fixture.Source.Write($"mixed/{name}/{i}.png", TinyImages.Png(width, height, 3, i));
        for (var i = 0; i < 3; i++)
            foreach (var name in new[] { "a", "b" })
                _fixture.Source.Write($"large/{name}/{i}.png", TinyImages.Png(100, 80, 3, i));

        using var mixed = _fixture.Add(_fixture.Source["mixed"], new IngestOptions { Name = "mixed" });
        using var large = _fixture.Add(_fixture.Source["large"], new IngestOptions { Name = "large" });

        Assert.Equal((33, 33), (mixed.Height, mixed.Width));
        Assert.Contains("Images of 20 to 100 by 30 to 100 pixels were brought to 33 x 33.", mixed.Report.Notes);
        Assert.Equal((64, 64), (large.Height, large.Width));
    }

    [Fact]
    public void The_size_and_the_channels_and_the_fit_can_be_chosen()
    {
        var folder = _fixture.Images("set", 3, "a", "b");

        using var square = _fixture.Add(folder, new IngestOptions { Name = "square", Width = 10 });
        using var full = _fixture.Add(folder, new IngestOptions { Name = "full", Width = 10, Height = 20, Channels = 1, Fit = ImageFit.Pad });

        Assert.Equal((3, 10, 10), (square.Channels, square.Height, square.Width));
        Assert.Equal((1, 20, 10), (full.Channels, full.Height, full.Width));
        Assert.Equal(ImageFit.Pad, full.Report.Fit);
        Assert.All(full.Image(0)[..50].ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Mixed_channels_are_made_equal_and_said()
    {
        var folder = _fixture.Images("set", 3, "a", "b");
        _fixture.Source.Write("set/a/grey.png", TinyImages.Png(8, 6, 1));
        _fixture.Source.Write("set/a/alpha.png", TinyImages.Png(8, 6, 4));

        using var colour = _fixture.Add(folder, new IngestOptions { Name = "colour" });
        using var grey = _fixture.Add(folder, new IngestOptions { Name = "grey", Channels = 1 });

        Assert.Equal(3, colour.Channels);
        Assert.Contains("1 of 8 images are grey and were given three equal colour channels.", colour.Report.Notes);
        Assert.Equal(1, grey.Channels);
        Assert.Contains("7 of 8 images have colour and were turned grey.", grey.Report.Notes);
    }

    [Fact]
    public void Grey_images_alone_give_a_grey_dataset()
    {
        for (var i = 0; i < 6; i++)
            _fixture.Source.Write($"set/{i % 2}/{i}.png", TinyImages.Png(8, 6, 1, i));

        using var dataset = _fixture.Add(_fixture.Source["set"]);

        Assert.Equal(1, dataset.Channels);
    }

    [Fact]
    public void Linked_files_are_read_and_linked_folders_are_not_followed()
    {
        var folder = _fixture.Images("set", 3, "a", "b");
        File.CreateSymbolicLink(_fixture.Source["set/a/link.png"], _fixture.Source.Write("elsewhere.png", TinyImages.Png(8, 6, 3, 99)));
        Directory.CreateSymbolicLink(_fixture.Source["set/circle"], folder);
        File.CreateSymbolicLink(_fixture.Source["set/b/broken.txt"], _fixture.Source["nowhere"]);

        using var dataset = _fixture.Add(folder);

        Assert.Equal(7, dataset.Count);
        Assert.Contains("1 linked folders were not followed: circle.", dataset.Report.Notes);
    }

    [Fact]
    public void A_wrong_checksum_in_a_zip_is_an_unreadable_file()
    {
        var zip = new TinyZip();
        for (var i = 0; i < 24; i++)
            zip.Add($"set/{(i % 2 == 0 ? "a" : "b")}/{i}.png", TinyImages.Png(8, 6, 3, i));
        zip.Add(new TinyZip.Entry("set/a/bad.png", TinyImages.Png(8, 6, 3, 50)) { Crc = 1 });

        using var dataset = _fixture.Add(_fixture.Source.Write("set.zip", zip.ToBytes()));

        Assert.Equal([new UnreadableFile("set/a/bad.png", "its checksum is wrong: the archive is damaged")], dataset.Report.Unreadable);
    }

    [Fact]
    public void An_image_over_a_limit_is_an_unreadable_file()
    {
        var folder = _fixture.Images("set", 12, "a", "b");
        _fixture.Source.Write("set/a/wide.png", TinyImages.Png(200, 6));
        _fixture.Source.Write("set/b/heavy.png", new byte[10_001]);

        using var dataset = _fixture.Add(folder, new IngestOptions { Limits = new DatasetLimits { MaxImageSide = 100, MaxImageBytes = 10_000 } });

        Assert.Equal(
            [new UnreadableFile("a/wide.png", "200 x 6 pixels; the limit is 100 a side"), new UnreadableFile("b/heavy.png", "the file has 10,001 bytes; the limit is 10,000")],
            dataset.Report.Unreadable);
    }
}
