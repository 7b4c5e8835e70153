using System.IO.Compression;
using NasPlatform.Search.Datasets;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Datasets.Layouts;

public sealed class CsvListingTests : IDisposable
{
    private readonly DatasetFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    public CsvListingTests()
    {
        for (var i = 0; i < 8; i++)
            _fixture.Source.Write($"set/images/{i}.png", TinyImages.Png(8, 6, 3, i));
    }

    [Theory]
    [InlineData("file,label", ",")]
    [InlineData("\uFEFFPath;Class", ";")]
    [InlineData("id\timage\ttarget", "\t")]
    [InlineData("filename|other|LABEL", "|")]
    public void Columns_are_found_by_name_and_the_separator_by_itself(string header, string separator)
    {
        var columns = header.TrimStart('\uFEFF').Split(separator);
        var lines = Enumerable.Range(0, 8).Select(i => string.Join(separator, columns.Select(column => column.ToLowerInvariant() switch
        {
            "file" or "path" or "image" or "filename" => $"images/{i}.png",
            "label" or "class" or "target" => i % 2 == 0 ? "кот" : "\"dog, big\"",
            _ => "7",
        })));

        using var dataset = _fixture.Add(Table([header, .. lines]));

        Assert.Equal(["dog, big", "кот"], dataset.Classes);
        Assert.Equal([1, 0, 1, 0, 1, 0, 1, 0], dataset.Labels.ToArray());
        Assert.Equal(TinyImages.Planes(TinyImages.Pixels(8, 6, 3, 5), 3), dataset.Image(5).ToArray());
        Assert.Equal("table of files and labels", dataset.Report.Source);
    }

    [Fact]
    public void A_split_column_is_respected()
    {
        using var dataset = _fixture.Add(Table("file,label,split", "images/0.png,a,train", "images/1.png,a,Test", "images/2.png,a,val", "images/3.png,b,train",
            "images/4.png,b,test", "images/5.png,b,validation", "images/6.png,b,"));

        Assert.Equal([new ClassCounts("a", 1, 1, 1), new ClassCounts("b", 2, 1, 1)], dataset.Report.Classes);
    }

    [Fact]
    public void Numeric_labels_are_in_order_of_their_numbers()
    {
        using var dataset = _fixture.Add(Table(["file,label", .. Enumerable.Range(0, 8).Select(i => $"images/{i}.png,{i % 2 * 8 + 2}")]));

        Assert.Equal(["2", "10"], dataset.Classes);
    }

    [Fact]
    public void A_folder_or_zip_with_a_table_uses_the_table()
    {
        Table(["file,label", .. Enumerable.Range(0, 8).Select(i => $"./images\\{i}.png,{"ab"[i % 2]}")]);
        ZipFile.CreateFromDirectory(_fixture.Source["set"], _fixture.Source["set.zip"], CompressionLevel.Fastest, includeBaseDirectory: true);

        using var folder = _fixture.Add(_fixture.Source["set"], new IngestOptions { Name = "folder" });
        using var zip = _fixture.Add(_fixture.Source["set.zip"], new IngestOptions { Name = "zip" });

        Assert.Equal("zip archive with a table of files and labels (set/labels.csv)", zip.Report.Source);
        Assert.Equal(folder.Labels.ToArray(), zip.Labels.ToArray());
        Assert.Equal(folder.Images(0, 8).ToArray(), zip.Images(0, 8).ToArray());
    }

    [Fact]
    public void Files_that_are_missing_are_named()
    {
        var rows = Enumerable.Range(0, 24).Select(i => $"images/{i % 12}.png,{"ab"[i % 2]}").Distinct();
        for (var i = 8; i < 11; i++)
            _fixture.Source.Write($"set/images/{i}.png", TinyImages.Png(8, 6, 3, i));

        using var dataset = _fixture.Add(Table(["file,label", .. rows]));

        Assert.Equal([new UnreadableFile("images/11.png", "there is no such file")], dataset.Report.Unreadable);
        Assert.Equal(11, dataset.Count);
    }

    [Fact]
    public void A_row_that_is_there_twice_counts_once()
    {
        using var dataset = _fixture.Add(Table("file,label", "images/0.png,a", "images/0.png,a", "images/1.png,a", "images/2.png,b", "images/3.png,b"));

        Assert.Equal(4, dataset.Count);
    }

    [Theory]
    [InlineData("images/0.png,a\nimages/1.png,b\nimages/0.png,b", "line 4: 'images/0.png' is 'b' here but 'a' in line 2. Keep one of the two.")]
    [InlineData("images/0.png,a\n../../etc/passwd,b", "line 3: '../../etc/passwd' leads out of the table's folder.")]
    [InlineData("/etc/passwd,a", "line 2: '/etc/passwd' leads out of the table's folder.")]
    [InlineData("images/0.png,", "line 2: 'images/0.png' has no label.")]
    [InlineData("images/0.png", "line 2: 'images/0.png' has no label.")]
    [InlineData(",a", "line 2: the file's name is missing.")]
    [InlineData("", "lists no files: it has a header row and nothing else.")]
    public void Rows_that_are_wrong_are_refused_with_their_line(string rows, string message) =>
        Assert.Contains(message, _fixture.Refusal(Table(["file,label", .. rows.Split('\n')])));

    [Fact]
    public void An_unknown_split_is_refused() => Assert.EndsWith(
        "line 2: the split 'holdout' is not known; it is train, validation or test, or left empty.",
        _fixture.Refusal(Table("file,label,split", "images/0.png,a,holdout")));

    [Fact]
    public void Several_tables_are_refused()
    {
        Table("file,label", "images/0.png,a");
        _fixture.Source.Write("set/more.csv", "path,class\nimages/1.png,b\n");

        Assert.Contains("has 2 tables that list files and labels: labels.csv, more.csv. Add one of them by its own path", _fixture.Refusal(_fixture.Source["set"]));
    }

    [Fact]
    public void A_table_without_the_columns_is_not_taken_for_one() => Assert.Contains(
        "is of no kind that is understood", _fixture.Refusal(_fixture.Source.Write("other.data", "a,b\n1,2\n")));

    private string Table(params string[] lines) => _fixture.Source.Write("set/labels.csv", string.Join('\n', lines) + "\n");
}
