using System.IO.Compression;
using System.Text;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Datasets.Layouts;

public sealed class TextFilesTests : IDisposable
{
    private static readonly IngestOptions Few = new() { Steps = 2, ValidationFraction = 0, TestFraction = 0 };

    private readonly DatasetFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Words_are_those_between_white_space_with_an_end_at_each_line()
    {
        using var dataset = _fixture.Add(Text(" the cat \n\tthe  dog\r\n\nthe"), Few);

        Assert.Equal(["<eos>", "the", "cat", "dog"], dataset.Classes);
        Assert.Equal(["the", "cat", "<eos>", "the", "dog", "<eos>", "<eos>", "the", "<eos>"], Tokens(dataset));
        Assert.Equal((TaskKind.LanguageModelling, 1, 1, 2), (dataset.Task, dataset.Channels, dataset.Height, dataset.Width));
        Assert.Equal("text file", dataset.Report.Source);
        Assert.Equal(TaskShape.Text(2, 4), dataset.Report.TaskShape);
    }

    [Fact]
    public void Most_frequent_come_first_and_then_by_the_alphabet()
    {
        using var dataset = _fixture.Add(Text("b a c c B\n"), Few);

        Assert.Equal(["c", "<eos>", "B", "a", "b"], dataset.Classes);
        Assert.Equal(new ClassCounts("c", 2, 0, 0), dataset.Report.Classes[0]);
    }

    [Fact]
    public void Characters_are_those_of_the_text_whatever_ends_its_lines()
    {
        using var dataset = _fixture.Add(Text("aé\r\nb😀 b\n"), Few with { Characters = true });

        Assert.Equal(["a", "é", "\n", "b", "😀", " ", "b", "\n"], Tokens(dataset));
        Assert.True(dataset.Report.IsCharacters);
    }

    [Fact]
    public void Steps_are_35_words_or_64_characters_by_themselves()
    {
        var text = Text(string.Concat(Enumerable.Repeat("one two three\n", 100)));

        using var words = _fixture.Add(text, new() { Name = "words" });
        using var characters = _fixture.Add(text, new() { Name = "characters", Characters = true });

        Assert.Equal((35, 64), (words.Width, characters.Width));
    }

    [Fact]
    public void Words_beyond_the_vocabulary_are_unknown()
    {
        using var dataset = _fixture.Add(Text("a a a b b c d e\n"), Few with { Vocabulary = 4 });

        // <eos> is kept although b is more frequent, and unknown stands for c, d and e.
        Assert.Equal([new("<unk>", 3, 0, 0), new("a", 3, 0, 0), new("b", 2, 0, 0), new ClassCounts("<eos>", 1, 0, 0)], dataset.Report.Classes);
        Assert.Contains(dataset.Report.Notes, note => note.Contains("33.3 % of the training tokens", StringComparison.Ordinal));
    }

    [Fact]
    public void The_vocabulary_is_that_of_the_training_text()
    {
        Text("a b a\na b a\n", "set/x.train.txt");
        Text("a z\n", "set/x.valid.txt");
        Text("b b\n", "set/x.test.txt");

        using var dataset = _fixture.Add(_fixture.Source["set"], Few);

        Assert.Equal([new("a", 4, 1, 0), new("<eos>", 2, 1, 1), new("b", 2, 0, 2), new ClassCounts("<unk>", 0, 1, 0)], dataset.Report.Classes);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2], dataset.Splits.ToArray());
        Assert.Equal("folder with a set of text files", dataset.Report.Source);
    }

    [Fact]
    public void Unknown_that_the_text_itself_has_is_one_token()
    {
        using var dataset = _fixture.Add(Text("a <unk> b a\n"), Few);

        Assert.Equal(["a", "<eos>", "<unk>", "b"], dataset.Classes);
    }

    [Fact]
    public void One_file_is_split_in_order()
    {
        using var dataset = _fixture.Add(Text(string.Join(' ', Enumerable.Range(0, 99).Select(i => i % 7))), new() { Steps = 3, ValidationFraction = 0.2, TestFraction = 0.1 });

        Assert.Equal((70, 20, 10), (dataset.Report.CountOf(Split.Train), dataset.Report.CountOf(Split.Validation), dataset.Report.CountOf(Split.Test)));
        Assert.Equal(Enumerable.Range(70, 20), dataset.Indices(Split.Validation));
        Assert.Equal(["0", "1", "2"], Tokens(dataset)[..3]);
    }

    [Fact]
    public void A_split_without_a_file_is_taken_from_the_end_of_the_training_text()
    {
        Text("a b c d e f g h a j\n", "set/train.txt");
        Text("a b\n", "set/valid.txt");

        using var dataset = _fixture.Add(_fixture.Source["set"], new() { Steps = 2, TestFraction = 0.25, Vocabulary = 100 });

        Assert.Equal(["a", "b", "c", "d", "e", "f", "g", "h", "a", "b", "<unk>", "a", "<unk>", "<unk>"], Tokens(dataset));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2], dataset.Splits.ToArray());
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("tar.gz")]
    public void An_archive_gives_what_the_folder_gives(string kind)
    {
        Gzip("set/x_train.txt.gz", "a b a b\n");
        Gzip("set/x_dev.txt.gz", "a b\n");
        Gzip("set/x_test.txt.gz", "b a\n");
        _fixture.Source.Write("set/README.txt", "About it.");
        var archive = _fixture.Source[$"set.{kind}"];
        if (kind == "zip")
        {
            ZipFile.CreateFromDirectory(_fixture.Source["set"], archive);
        }
        else
        {
            using var packed = new GZipStream(File.Create(archive), CompressionLevel.Fastest);
            System.Formats.Tar.TarFile.CreateFromDirectory(_fixture.Source["set"], packed, includeBaseDirectory: false);
        }

        using var folder = _fixture.Add(_fixture.Source["set"], Few with { Name = "folder" });
        using var packedSet = _fixture.Add(archive, Few with { Name = "packed" });

        Assert.Equal(folder.Labels.ToArray(), packedSet.Labels.ToArray());
        Assert.Equal(folder.Splits.ToArray(), packedSet.Splits.ToArray());
        Assert.Contains(packedSet.Report.Notes, note => note.Contains("README.txt", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_a_training_file_the_others_beside_it_are_taken_and_no_stranger()
    {
        var train = Text("a b a b\n", "x.train.txt");
        Gzip("x.valid.txt.gz", "a a\n");
        Text("b b\n", "x.test.txt");
        Text("c c\n", "y.test.txt");
        Text("c c\n", "x.test.csv");

        using var dataset = _fixture.Add(train, Few);

        Assert.Equal((5, 3, 3), (dataset.Report.CountOf(Split.Train), dataset.Report.CountOf(Split.Validation), dataset.Report.CountOf(Split.Test)));
        Assert.DoesNotContain("c", dataset.Classes);
    }

    [Fact]
    public void A_test_file_that_is_named_itself_is_the_whole_dataset()
    {
        var test = Text("a b a b\n", "x.test.txt");
        Text("a b c\n", "x.train.txt");

        using var dataset = _fixture.Add(test, Few);

        Assert.Equal(5, dataset.Report.CountOf(Split.Train));
    }

    [Fact]
    public void An_upload_is_known_by_the_name_that_its_owner_gave()
    {
        var stored = Text("a b a b\n", "uploads/0123456789");

        using var dataset = _fixture.Add(stored, Few with { FileName = "my text.txt" });

        Assert.Equal(5, dataset.Count);
    }

    [Fact]
    public void What_is_wrong_with_an_upload_is_said_of_its_owner_s_name() =>
        Assert.StartsWith("my text.txt is empty", _fixture.Refusal(Text("", "uploads/1"), Few with { FileName = "my text.txt" }));

    [Fact]
    public void A_file_of_any_name_is_a_text_where_that_is_said()
    {
        using var dataset = _fixture.Add(Text("a b a b\n", "notes.dat"), Few with { Task = TaskKind.LanguageModelling });

        Assert.Equal(5, dataset.Count);
    }

    [Fact]
    public void The_same_text_gives_the_same_bytes()
    {
        var text = Text(string.Concat(Enumerable.Range(0, 500).Select(i => $"word{i % 37} other{i % 11}\n")));

        _fixture.Add(text, new() { Name = "first" }).Dispose();
        _fixture.Add(text, new() { Name = "again" }).Dispose();

        Assert.Equal(Bytes("first"), Bytes("again"));

        // Each has its name in it, of the same length.
        string Bytes(string name) => Encoding.Latin1.GetString(File.ReadAllBytes(Path.Join(_fixture.Data.Path, "datasets", name, "dataset.safetensors"))).Replace(name, "name", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is empty: it has no words.")]
    [InlineData("a b\n", "has 3 words for training, 0 for validation and 0 for the test; needed are more than the 5 steps that are learnt from at once. Add text, or choose other shares or fewer steps.")]
    public void Too_little_text_is_refused(string text, string message) => Assert.EndsWith(message, _fixture.Refusal(Text(text), Few with { Steps = 5 }));

    [Fact]
    public void One_token_alone_is_refused() => Assert.EndsWith("has the one token 'a'; there is nothing to predict.", _fixture.Refusal(Text("aaaaaaaa"), Few with { Characters = true }));

    [Fact]
    public void Bytes_that_are_no_text_are_refused_with_their_line()
    {
        Assert.EndsWith("is not UTF-8 text: it has bytes that are no character. Save it as UTF-8.", _fixture.Refusal(_fixture.Source.Write("latin.txt", [.. "caf"u8, 0xE9, .. " noir\n"u8]), Few));
        Assert.EndsWith("is not text: it holds zero bytes. Save it as UTF-8.", _fixture.Refusal(_fixture.Source.Write("binary.txt", [1, 0, 2]), Few));
    }

    [Fact]
    public void Validation_in_another_language_is_refused()
    {
        Text("a b a b\n", "set/train.txt");
        Text("x y\nz\n", "set/valid.txt");

        Assert.Contains("Not one of the 5 tokens for validation", _fixture.Refusal(_fixture.Source["set"], Few));
    }

    [Theory]
    [InlineData("a.txt b.txt", "has 2 files that may be the text: a.txt; b.txt. Add one by its own path, or name them for their splits")]
    [InlineData("a.train.txt b.train.txt", "has 2 files for training: a.train.txt; b.train.txt.")]
    [InlineData("a.valid.txt a.test.txt", "has no file for training, only a.valid.txt; a.test.txt.")]
    public void Files_whose_parts_are_not_clear_are_refused(string names, string message)
    {
        foreach (var name in names.Split(' '))
            Text("a b\n", $"set/{name}");

        Assert.Contains(message, _fixture.Refusal(_fixture.Source["set"], Few));
    }

    [Fact]
    public void Limits_hold_before_memory_is_used()
    {
        Assert.Contains("as a bomb does", _fixture.Refusal(Bomb(), Few));
        Assert.Contains("has more than 1,000 bytes, which is the limit for what is read into memory", _fixture.Refusal(Text(new('a', 2000)), Few with { Limits = new() { MaxTextBytes = 1000 } }));
        Assert.Contains("has more than 100 words, which is the limit", _fixture.Refusal(Text(string.Concat(Enumerable.Repeat("a ", 200))), Few with { Limits = new() { MaxValues = 100 } }));
        Assert.Contains("line 1: a word has more than 1,048,576 characters", _fixture.Refusal(Text(new('a', 2_000_000)), Few));

        string Bomb()
        {
            Gzip("bomb.txt.gz", new string(' ', 4 << 20));
            return _fixture.Source["bomb.txt.gz"];
        }
    }

    private static List<string> Tokens(Dataset dataset) => [.. dataset.Labels.ToArray().Select(label => dataset.Classes[(int)label])];

    private string Text(string content, string name = "text.txt") => _fixture.Source.Write(name, content);

    private void Gzip(string name, string content)
    {
        using var bytes = new MemoryStream();
        using (var packed = new GZipStream(bytes, CompressionLevel.Optimal))
            packed.Write(Encoding.UTF8.GetBytes(content));
        _fixture.Source.Write(name, bytes.ToArray());
    }
}
