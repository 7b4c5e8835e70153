using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Datasets.Layouts;

public sealed class LabelledTableTests : IDisposable
{
    private static readonly IngestOptions All = new() { ValidationFraction = 0, TestFraction = 0 };

    private readonly DatasetFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    public void The_last_column_is_predicted_from_the_others(char separator)
    {
        using var dataset = _fixture.Add(Table(Lines("a,colour,b,kind", "1,red,2.5,x", "2,blue,-1,y", "4,red,0.5,x", "3,green,2,y").Replace(',', separator)), All);

        Assert.Equal((TaskKind.TabularClassification, 4, 5), (dataset.Task, dataset.Count, dataset.Channels));
        Assert.Equal(["x", "y"], dataset.Classes);
        Assert.Equal([0, 1, 0, 1], dataset.Labels.ToArray());
        // Red is the most frequent, then by the alphabet: blue, green.
        Assert.Equal([2, 0, 1, 0, -1], dataset.Values(1).ToArray());
        Assert.Equal([1, 1, 0, 0, 2.5f], dataset.Values(0).ToArray());
        Assert.Equal(["a", "colour", "b"], dataset.Report.Columns.Select(column => column.Name));
        Assert.Equal(["red", "blue", "green"], dataset.Report.Columns[1].Categories);
        Assert.Equal(["kind"], dataset.Report.TargetNames);
        Assert.Equal([2.5, 0.5, 0.25, 0.25, 1], dataset.Mean);
        Assert.Equal(Math.Sqrt(1.25), dataset.Std[0], 12);
        Assert.Equal(0.5, dataset.Std[1], 12);
        Assert.Equal(TaskShape.Table(5, 2), dataset.Report.TaskShape);
    }

    [Fact]
    public void A_comma_may_be_a_decimal_one_where_it_separates_nothing()
    {
        using var dataset = _fixture.Add(Table(Lines("a;kind", "1,5;x", "2,25;y", "3;x", "4.5;y")), All);

        Assert.Equal([1.5f, 2.25f, 3, 4.5f], dataset.Values(0, 4).ToArray());
    }

    [Fact]
    public void Another_column_is_predicted_where_it_is_named()
    {
        using var dataset = _fixture.Add(Table(Lines("Kind,a,b", "x,1,9", "y,2,8", "x,3,7", "y,4,9")), All with { Label = " kind" });

        Assert.Equal(["x", "y"], dataset.Classes);
        Assert.Equal([1, 9], dataset.Values(0).ToArray());
        Assert.Contains("column 'kind2'", Refused("Kind,a\nx,1\ny,2\n", All with { Label = "kind2" }));
    }

    [Theory]
    [InlineData("0,1,0,1,0,1,0,1,0,1", TaskKind.TabularClassification)] // few whole numbers
    [InlineData("1.0,2.0,1,2,1,2,1,2,1,2", TaskKind.TabularClassification)]
    [InlineData("0.5,1,0,1,0,1,0,1,0,1", TaskKind.TabularRegression)]
    [InlineData("1,2,3,4,5,6,7,8,9,10", TaskKind.TabularRegression)] // as many as there are rows
    [InlineData("1,2,3,x,1,2,3,x,1,2", TaskKind.TabularClassification)]
    public void Text_and_few_whole_numbers_are_classes_and_other_numbers_are_predicted(string labels, TaskKind task)
    {
        using var dataset = _fixture.Add(Table("a,target\n" + string.Concat(labels.Split(',').Select((label, i) => $"{i * 7 % 10},{label}\n"))), All);

        Assert.Equal(task, dataset.Task);
    }

    [Fact]
    public void Whole_numbers_are_classes_in_their_order()
    {
        using var dataset = _fixture.Add(Table("a,target\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"{i * 7 % 30},{(i % 2 == 0 ? "10" : "2.0")}\n"))), All);

        Assert.Equal(["2", "10"], dataset.Classes);
    }

    [Fact]
    public void A_number_that_is_predicted_keeps_its_unit()
    {
        using var dataset = _fixture.Add(Table(Lines("a,price", "3,100.5", "1,200", "2,300", "5,400")), All);

        Assert.Equal((TaskKind.TabularRegression, true), (dataset.Task, dataset.Labels.IsEmpty));
        Assert.Equal([100.5f], dataset.Targets(0).ToArray());
        Assert.Equal((250.125, 1), (dataset.Report.TargetMean[0], dataset.Report.TargetStd.Count));
        Assert.Equal(new SplitCounts(4, 0, 0), dataset.Report.Counts);
        Assert.Equal(TaskShape.Regression(1, 1), dataset.Report.TaskShape);
    }

    [Fact]
    public void The_options_say_what_is_learnt()
    {
        var rows = Lines("a,target", "3,1", "1,2", "2,1", "5,2", "4,1", "0,2", "9,1", "8,2", "7,1", "6,2");
        using var numbers = _fixture.Add(Table(rows), All with { Name = "numbers", Task = TaskKind.TabularRegression });
        using var classes = _fixture.Add(Table(rows.Replace(",1", ",1.5", StringComparison.Ordinal)), All with { Name = "classes", Task = TaskKind.TabularClassification });

        Assert.Equal((TaskKind.TabularRegression, TaskKind.TabularClassification), (numbers.Task, classes.Task));
        Assert.Equal(["1.5", "2"], classes.Classes);
    }

    [Fact]
    public void What_is_missing_is_the_mean_or_a_category_of_its_own()
    {
        using var dataset = _fixture.Add(Table(Lines("a,c,kind", "1,u,x", "?,v,y", "4,NA,x", "NaN,u,y", "1,,x")), All);

        Assert.Equal([1, 2, 4, 2, 1], Column(dataset, 0));
        Assert.Equal(["u", "v", "(missing)"], dataset.Report.Columns[1].Categories);
        Assert.Equal([0, 0, 1, 0, 1], Column(dataset, 3));
        Assert.Contains("2 missing numbers were filled with their column's mean over the training rows.", dataset.Report.Notes);
        Assert.Contains("Where a category is missing, that is a category of its own: c.", dataset.Report.Notes);
    }

    [Fact]
    public void Rarer_categories_are_one()
    {
        using var dataset = _fixture.Add(Table(Lines("a,c,kind", "1,u,x", "2,u,y", "3,v,x", "4,v,y", "9,w,x", "6,z,y", "5,u,x")), All with { Categories = 2 });

        Assert.Equal(["u", "v", "(other)"], dataset.Report.Columns[1].Categories);
        Assert.Equal([0, 0, 0, 0, 1, 1, 0], Column(dataset, 3));
    }

    [Fact]
    public void Categories_and_means_are_those_of_the_training_rows()
    {
        using var dataset = _fixture.Add(Table(Lines("a,c,kind,split", "1,u,x,train", "3,v,y,train", "5,u,x,train", "?,v,y,train", "100,new,x,test", "?,?,y,val")), All);

        Assert.Equal([new("x", 2, 0, 1), new ClassCounts("y", 2, 1, 0)], dataset.Report.Classes);
        Assert.Equal([1, 3, 5, 3, 100, 3], Column(dataset, 0));
        Assert.Equal(3, dataset.Mean[0], 12);
        Assert.Equal(["u", "v"], dataset.Report.Columns[1].Categories);
        Assert.Equal([100, 0, 0], dataset.Values(4).ToArray());
        Assert.Contains(dataset.Report.Notes, note => note.StartsWith("2 times a validation or test row has a category that is in no training row", StringComparison.Ordinal));
    }

    [Fact]
    public void Columns_that_tell_nothing_are_left_out()
    {
        using var dataset = _fixture.Add(Table(Lines("name,same,kept,empty,one,kind", "anna,1,2,,u,x", "bert,1,4,,u,y", "carl,1,3,,u,x", "dora,1,2,,u,y")), All);

        Assert.Equal(["kept"], dataset.Report.Columns.Select(column => column.Name));
        Assert.Contains("A column was left out for having another text in every row: name.", dataset.Report.Notes);
        Assert.Contains("2 columns were left out for having one value in all training rows: same; one.", dataset.Report.Notes);
        Assert.Contains("A column was left out for having no value in a training row: empty.", dataset.Report.Notes);
    }

    [Fact]
    public void Each_class_is_shared_out_and_the_seed_decides()
    {
        var table = Table("a,kind\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i * 7 % 60},{(i % 3 == 0 ? "x" : "y")}\n")));
        using var one = _fixture.Add(table, new() { Name = "one", ValidationFraction = 0.2 });
        using var same = _fixture.Add(table, new() { Name = "same", ValidationFraction = 0.2 });
        using var other = _fixture.Add(table, new() { Name = "other", ValidationFraction = 0.2, Seed = 2 });

        Assert.Equal([new("x", 14, 4, 2), new ClassCounts("y", 28, 8, 4)], one.Report.Classes);
        Assert.Equal(one.Splits.ToArray(), same.Splits.ToArray());
        Assert.NotEqual(one.Splits.ToArray(), other.Splits.ToArray());
        Assert.Equal(one.Report.ToJson().Replace("one", "same", StringComparison.Ordinal), same.Report.ToJson());
    }

    [Fact]
    public void Rows_of_a_regression_are_set_aside_at_random()
    {
        using var dataset = _fixture.Add(Table("a,price\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i * 7 % 60},{i}.5\n"))));

        Assert.Equal(new SplitCounts(48, 6, 6), dataset.Report.Counts);
        Assert.NotEqual(Enumerable.Range(54, 6), dataset.Indices(Split.Test));
        Assert.Contains("The source sets no test rows aside; 6 were taken from those for training, at random.", dataset.Report.Notes);
    }

    [Fact]
    public void Files_for_each_split_are_one_table()
    {
        var train = _fixture.Source.Write("x.train.csv", Lines("a,kind", "1,p", "2,q", "4,p", "3,q"));
        _fixture.Source.Write("x.test.csv", Lines("a,kind", "9,p", "8,q"));

        using var dataset = _fixture.Add(train, All);

        Assert.Equal([0, 0, 0, 0, 2, 2], dataset.Splits.ToArray());
        Assert.Equal("CSV files", dataset.Report.Source);

        _fixture.Source.Write("y.train.csv", Lines("a,kind", "1,p", "2,q", "4,p", "3,q"));
        _fixture.Source.Write("y.test.csv", Lines("b,kind", "9,p", "8,q"));
        Assert.Equal("y.test.csv has other columns than y.train.csv: b; kind and not a; kind.", Refused(_fixture.Source["y.train.csv"]));
    }

    [Fact]
    public void Rows_without_a_label_are_left_out()
    {
        using var dataset = _fixture.Add(Table("a,kind\n5,\n" + string.Concat(Enumerable.Range(0, 10).Select(i => $"{i * 7 % 10},{"xy"[i % 2]}\n"))), All);

        Assert.Equal(10, dataset.Count);
        Assert.Contains("1 rows have nothing in the column 'kind' and were left out.", dataset.Report.Notes);
    }

    [Fact]
    public void Rows_that_are_there_twice_are_told()
    {
        using var dataset = _fixture.Add(Table(Lines("a,kind", "3,x", "3,x", "3,y", "1,y", "2,x")), All);

        Assert.Equal((2, 1), (dataset.Report.Duplicates.WithinSplits, dataset.Report.Duplicates.WithOtherLabels));
        Assert.Equal("table.csv, row 1", dataset.Report.Duplicates.Examples[0].First);
    }

    [Theory]
    [InlineData("", "is empty.")]
    [InlineData("a,b\n", "has titles and no rows.")]
    [InlineData("1.5,2\n3,4\n", "The first line of table.csv holds the number 1.5; it should hold the titles of the columns. Put a line of titles first.")]
    [InlineData("a,A\n3,4\n", "table.csv has two columns of the title 'a'. Rename one.")]
    [InlineData("a,b\n3,x\n4\n", "table.csv, line 3: it has 1 cells; the first line has 2 titles.")]
    [InlineData("a,b\n3,x\n4,x\n", "has the one class 'x'; a classifier needs at least two, each with a label of its own.")]
    [InlineData("a,b\n3,x\n4,y\n5,x\n", "the class 'y' has 1 row; each needs at least 2. Add rows or remove the class.")]
    [InlineData("a,b\n3,x\n4,\n5,y\n", "1 of 3 rows of {path} have nothing in the column 'b', more than a tenth. Name the column that is to be predicted, or remove those rows.")]
    [InlineData("a,b\n3,\n4,\n", "The column 'b' is empty; name the one that is to be predicted.")]
    [InlineData("b,kind\nz,x\nz,y\nz,x\nz,y\n", "has no column to predict from. A column was left out for having one value in all training rows: b.")]
    [InlineData("a,b,split\n3,x,train\n4,y,holdout\n", "table.csv, line 3: the split 'holdout' is not known; it is train, validation or test, or left empty.")]
    [InlineData("a,b\n3,0.5\n4,0.5\n2,0.5\n", "The column 'b' has the same number in every training row of {path}; there is nothing to predict.")]
    public void Tables_that_will_not_do_are_refused(string text, string message)
    {
        var path = Table(text);

        Assert.EndsWith(message.Replace("{path}", path, StringComparison.Ordinal), _fixture.Refusal(path, All));
    }

    [Fact]
    public void Text_is_no_number_to_predict() => Assert.StartsWith(
        "The column 'b' has text in 1 rows; only numbers can be predicted by regression.", Refused("a,b\n3,1\n4,x\n", All with { Task = TaskKind.TabularRegression }));

    [Fact]
    public void Bytes_that_are_no_text_are_refused_with_their_line() => Assert.Contains(
        "latin.csv, line 3: it has bytes that are no UTF-8 text; save the file as UTF-8.",
        _fixture.Refusal(_fixture.Source.Write("latin.csv", [.. "a,b\n1,x\n"u8, 0xE9, .. ",y\n"u8]), All));

    [Fact]
    public void Hostile_sizes_are_refused()
    {
        Assert.Contains("line 7: the table has more than 10 cells, which is the limit", Refused("a,b\n" + string.Concat(Enumerable.Repeat("1,x\n", 20)), All with { Limits = new() { MaxValues = 10 } }));
        Assert.Contains("has more than 50 bytes", Refused("a,b\n" + string.Concat(Enumerable.Repeat("1,x\n", 20)), All with { Limits = new() { MaxTextBytes = 50 } }));
        Assert.Contains("cannot be read as a table", Refused("a,b\n\"" + new string('x', 8 << 20), All));
    }

    private static float[] Column(Dataset dataset, int feature) => [.. Enumerable.Range(0, dataset.Count).Select(row => dataset.Values(row)[feature])];

    private static string Lines(params string[] lines) => string.Join('\n', lines) + "\n";

    private string Refused(string textOrPath, IngestOptions? options = null) => _fixture.Message(File.Exists(textOrPath) ? textOrPath : Table(textOrPath), options ?? All);

    private string Table(string text) => _fixture.Source.Write("table.csv", text);
}
