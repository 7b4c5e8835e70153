using System.IO.Compression;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Datasets.Layouts;

public sealed class SeriesFilesTests : IDisposable
{
    private const string Header = "# about it\n@problemName x\n@classLabel true b a\n@data\n";
    private static readonly IngestOptions All = new() { ValidationFraction = 0, TestFraction = 0 };

    private readonly DatasetFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_line_is_a_series_its_variables_apart_and_its_class_last()
    {
        using var dataset = _fixture.Add(Ts("1,2,3:10,20,30:a", "4,5,6 : 40,50,65 : b", "# a comment", "", "7,8,9:70,80,90:a", "0,0,1:0,1,2:b"), All);

        Assert.Equal((TaskKind.SequenceClassification, 4, 2, 1, 3), (dataset.Task, dataset.Count, dataset.Channels, dataset.Height, dataset.Width));
        Assert.Equal(["b", "a"], dataset.Classes);
        Assert.Equal([1, 0, 1, 0], dataset.Labels.ToArray());
        Assert.Equal([4, 5, 6, 40, 50, 65], dataset.Values(1).ToArray());
        Assert.Equal(46.0 / 12, dataset.Mean[0], 12);
        Assert.Equal(["variable 1", "variable 2"], dataset.Report.Columns.Select(column => column.Name));
        Assert.Equal(TaskShape.Series(2, 3, 2), dataset.Report.TaskShape);
        Assert.Equal(".ts file", dataset.Report.Source);
    }

    [Fact]
    public void Shorter_series_are_filled_in_front_with_the_training_mean()
    {
        using var dataset = _fixture.Add(Ts("1,3:a", "5:a", "2,4,6,3:b", "3:b"), All);

        Assert.Equal(4, dataset.Width);
        // The mean of what is there: 27 / 8.
        Assert.Equal([3.375f, 3.375f, 1, 3], dataset.Values(0).ToArray());
        Assert.Equal([3.375f, 3.375f, 3.375f, 5], dataset.Values(1).ToArray());
        Assert.Equal(27.0 / 8, dataset.Mean[0], 12);
        Assert.Contains("The series have 1 to 4 steps; the shorter ones were filled in front with each variable's mean over the training series.", dataset.Report.Notes);
    }

    [Fact]
    public void Values_that_are_missing_lie_on_the_line_between_their_neighbours()
    {
        using var dataset = _fixture.Add(Ts("?,2,?,NaN,8,?:1,1,1,1,1,2:a", "1,1,1,1,1,1:?,?,?,?,?,?:a", "1,1,1,1,1,1:2,2,2,2,2,2:b", "1,1,1,1,1,1:2,2,2,2,2,1:b"), All);

        Assert.Equal([2, 2, 4, 6, 8, 8], dataset.Values(0)[..6].ToArray());
        var mean = (float)((7 + 12 + 11) / 18.0);
        Assert.Equal([mean, mean, mean, mean, mean, mean], dataset.Values(1)[6..].ToArray());
        Assert.Contains("4 missing values were filled by straight lines between their neighbours.", dataset.Report.Notes);
        Assert.Contains(dataset.Report.Notes, note => note.StartsWith("6 values are of variables that have no value in a whole series", StringComparison.Ordinal));
    }

    [Fact]
    public void Train_and_test_files_side_by_side_are_the_splits()
    {
        Ts("x_TRAIN.ts", "1,2:a", "2,3:a", "3,4:b", "4,6:b");
        Ts("x_TEST.ts", "9,9:b", "8,8:a");

        using var dataset = _fixture.Add(_fixture.Source["x_TRAIN.ts"], All);

        Assert.Equal([new("b", 2, 0, 1), new ClassCounts("a", 2, 0, 1)], dataset.Report.Classes);
        Assert.Equal([9, 9], dataset.Values(4).ToArray());
        Assert.Equal(25.0 / 8, dataset.Mean[0], 12);
    }

    [Fact]
    public void A_zip_of_gzipped_files_gives_what_the_folder_gives()
    {
        Ts("set/x_TRAIN.ts", "1,2:a", "2,3:a", "3,4:b", "4,6:b");
        Ts("set/x_TEST.ts", "9,9:b", "8,8:a");
        foreach (var name in new[] { "x_TRAIN.ts", "x_TEST.ts" })
        {
            Directory.CreateDirectory(_fixture.Source["packed"]);
            using var packed = new GZipStream(File.Create(_fixture.Source[$"packed/{name}.gz"]), CompressionLevel.Fastest);
            packed.Write(File.ReadAllBytes(_fixture.Source[$"set/{name}"]));
        }
        ZipFile.CreateFromDirectory(_fixture.Source["packed"], _fixture.Source["set.zip"]);

        using var folder = _fixture.Add(_fixture.Source["set"], All with { Name = "folder" });
        using var zip = _fixture.Add(_fixture.Source["set.zip"], All with { Name = "zip" });

        Assert.Equal(folder.Values(0, 6).ToArray(), zip.Values(0, 6).ToArray());
        Assert.Equal(folder.Labels.ToArray(), zip.Labels.ToArray());
        Assert.Equal("zip archive with a set of .ts files", zip.Report.Source);
    }

    [Fact]
    public void Series_that_are_there_twice_are_told()
    {
        Ts("x_TRAIN.ts", "1,2:a", "2,3:a", "3,4:b", "1,2:b");
        Ts("x_TEST.ts", "3,4:b", "8,8:a");

        using var dataset = _fixture.Add(_fixture.Source["x_TRAIN.ts"], All);

        Assert.Equal((1, 1, 1), (dataset.Report.Duplicates.AcrossSplits, dataset.Report.Duplicates.WithinSplits, dataset.Report.Duplicates.WithOtherLabels));
        Assert.Contains(new DuplicateExample("x_TRAIN.ts, line 7", Split.Train, "x_TEST.ts, line 5", Split.Test), dataset.Report.Duplicates.Examples);
    }

    [Fact]
    public void A_variable_that_never_changes_is_left_out()
    {
        using var dataset = _fixture.Add(Ts("1,2:5,5:a", "2,3:5,5:a", "3,4:5,5:b", "4,6:5,5:b"), All);

        Assert.Equal(1, dataset.Channels);
        Assert.Equal([3, 4], dataset.Values(2).ToArray());
        Assert.Contains(dataset.Report.Notes, note => note.EndsWith("were left out: variable 2.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("1,x:a", "x.ts, line 5: 'x' is not a number that can be kept.")]
    [InlineData("1,1e39:a", "x.ts, line 5: '1e39' is not a number that can be kept.")]
    [InlineData("1,,2:a", "x.ts, line 5: a value is empty; one that is missing is written as ?.")]
    [InlineData("1,2", "x.ts, line 5: there is no ':' before a class; a line is the values of each variable and the class, separated by ':'.")]
    [InlineData("1,2:", "x.ts, line 5: the class is missing.")]
    [InlineData("1,2:c", "x.ts, line 5: the class 'c' is none of those that the header names (b; a).")]
    [InlineData("1,2:1,2,3:a", "x.ts, line 5: variable 2 has 3 values where the first has 2; all variables of a series have the same steps.")]
    [InlineData("1,2:a\n1,2:3,4:a", "x.ts, line 6: the series has 2 variables where those before have 1.")]
    [InlineData("", "x.ts has no series after @data.")]
    public void Lines_that_are_wrong_are_refused(string lines, string message) => Assert.Equal(message, _fixture.Refusal(Ts(lines), All));

    [Theory]
    [InlineData("@problemName x\n", "line 1: the file ends before @data.")]
    [InlineData("@problemName x\n@data\n1:a\n", "line 2: the header has no @classLabel; series are told apart by their classes.")]
    [InlineData("@classLabel false\n@data\n1\n", "line 1: the header says that the series have no classes.")]
    [InlineData("@targetLabel true\n@data\n1:2\n", "line 1: the series have a number each, and not a class; that is not taken in.")]
    [InlineData("@timeStamps true\n@data\n(0,1):a\n", "line 1: the values have time stamps, which are not read; write the values alone, at equal distances.")]
    [InlineData("@dimensions none\n@data\n1:a\n", "line 1: the number of dimensions is not a whole number above 0.")]
    [InlineData("const x = 1;\n", "line 1: 'const x = 1;' stands where the header should be; a .ts file has lines such as @classLabel true a b, then @data, then a series a line.")]
    [InlineData("@dimensions 2\n@classLabel true a b\n@data\n1:a\n", "line 4: it has 1 variables; the header says 2.")]
    public void Headers_that_are_wrong_are_refused(string text, string message) => Assert.EndsWith(message, _fixture.Refusal(_fixture.Source.Write("x.ts", text), All));

    [Fact]
    public void Hostile_sizes_are_refused()
    {
        // One long series makes all others as long.
        var lengths = Ts([.. Enumerable.Repeat("1:a", 40), string.Join(',', Enumerable.Range(0, 60)) + ":b", "2:b"]);

        Assert.Contains("have more than 2,000 values, which is the limit", _fixture.Refusal(lengths, All with { Limits = new() { MaxValues = 2000 } }));
        Assert.Contains("line 45: there are more than 50 values", _fixture.Refusal(lengths, All with { Limits = new() { MaxValues = 50 } }));
        Assert.Contains("has more than 100 bytes", _fixture.Refusal(lengths, All with { Limits = new() { MaxTextBytes = 100 } }));
    }

    [Fact]
    public void ARFF_with_one_variable_has_an_attribute_a_step()
    {
        using var dataset = _fixture.Add(
            Arff("% about it\n@RELATION x\n@attribute att0 numeric\n@ATTRIBUTE 'att 1' REAL\n@attribute att2 integer\n@attribute target {1, 'two words'}\n@data\n1,2,4,1\n5,?,7,'two words'\n% more\n1,1,?,1\n3,3,3,'two words'\n"), All);

        Assert.Equal(["1", "two words"], dataset.Classes);
        Assert.Equal([0, 1, 0, 1], dataset.Labels.ToArray());
        Assert.Equal([5, 6, 7], dataset.Values(1).ToArray());
        // What is missing at the end was never there: the series is shorter.
        Assert.Equal(36f / 11, dataset.Values(2)[0], 1e-6f);
        Assert.Equal([1, 1], dataset.Values(2)[1..].ToArray());
        Assert.Equal("ARFF file", dataset.Report.Source);
    }

    [Fact]
    public void ARFF_with_several_variables_has_them_in_a_relation()
    {
        const string Relation = "@relation x\n@attribute r relational\n@attribute t0 numeric\n@attribute t1 numeric\n@attribute t2 numeric\n@end r\n@attribute class {a,b}\n@data\n";
        using var dataset = _fixture.Add(Arff(Relation + "'1,2,3\\n4,5,6',a\n\"2,3,?\\n5,6,?\",a\n'1,1,1\\n1,1,1', b\n'0,0,0\\n0,0,0',b\n"), All);

        Assert.Equal((2, 3), (dataset.Channels, dataset.Width));
        Assert.Equal([1, 2, 3, 4, 5, 6], dataset.Values(0).ToArray());
        Assert.Equal([2, 3, 5, 6], (float[])[.. dataset.Values(1)[1..3], .. dataset.Values(1)[4..]]);
        Assert.Equal([0, 0, 1, 1], dataset.Labels.ToArray());
    }

    [Theory]
    [InlineData("@relation x\n@attribute a numeric\n@attribute c {a,b}\n@data\n1,2,a\n", "line 5: it has 2 values; the header has 1 attributes before the class.")]
    [InlineData("@relation x\n@attribute a numeric\n@attribute c {a,b}\n@data\n{0 1}\n", "line 5: sparse lines, in braces, are not read.")]
    [InlineData("@relation x\n@attribute a string\n", "line 2: an attribute of the type 'string' is not read; a series has numbers, and the class its names in braces.")]
    [InlineData("@relation x\n@attribute c {a,b}\n@attribute a numeric\n@data\n", "line 3: there is an attribute after the class; the class is the last, and a table with other categories is better added as CSV.")]
    [InlineData("@relation x\n@attribute a numeric\n@data\n1\n", "line 3: the header must have attributes of numbers, one a step, and then the class with its names in braces.")]
    [InlineData("@relation x\n@attribute 'a numeric\n", "line 2: a quote is not closed.")]
    [InlineData("@relation x\n@attribute r relational\n@attribute a numeric\n@end r\n@attribute c {a,b}\n@data\n1,a\n", "line 7: a line is the series in quotes, a comma and the class.")]
    [InlineData("@relation x\n@attribute r relational\n@attribute a numeric\n@end r\n@attribute c {a,b}\n@data\n'1\\n1,2',a\n", "line 7: variable 2 has 2 values; the header has 1 attributes.")]
    public void ARFF_that_is_no_series_is_refused(string text, string message) => Assert.EndsWith(message, _fixture.Refusal(Arff(text), All));

    private string Ts(params string[] lines) => lines[0].EndsWith(".ts", StringComparison.Ordinal)
        ? _fixture.Source.Write(lines[0], Header + string.Join('\n', lines[1..]) + "\n")
        : _fixture.Source.Write("x.ts", Header + string.Join('\n', lines) + "\n");

    private string Arff(string text) => _fixture.Source.Write("x.arff", text);
}
