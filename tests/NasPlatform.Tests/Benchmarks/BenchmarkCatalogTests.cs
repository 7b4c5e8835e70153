using NasPlatform.Search;
using NasPlatform.Search.Benchmarks;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Benchmarks;

public sealed class BenchmarkCatalogTests : IDisposable
{
    private readonly MadeUpBenchmark _madeUp = new();

    public static TheoryData<string, string> Mistakes
    {
        get
        {
            var first = MadeUpBenchmark.Csv(1).Split('\n')[1];
            return new()
            {
                { "x,y\n1,2\n", "wrong.csv is no table of a benchmark: its titles are x, y. Known are NAS-Bench-201 (" },
                { "architecture,parameters\n", "wrong.csv has no column 'valid' or 'test'" },
                { "architecture,valid@0\n", "the title 'valid@0' is not [dataset/]name[@epochs][#repeat]" },
                { "architecture,luck#2,valid\n", "the title 'luck#2' is not [dataset/]name[@epochs][#repeat]" },
                { "architecture,valid,cifar10/test\n", "the title 'valid' names no dataset, and others do; write it as dataset/valid" },
                { "architecture,valid@4,seconds@12\n", "wrong.csv has 'seconds@12' and no accuracy that belongs to it; a column 'valid@12' or one of test is needed" },
                { "architecture,valid,valid\n", "two columns of the title 'valid'" },
                { "architecture,valid@4,valid@4#2\n", "wrong.csv has 'valid@4' and 'valid@4#2'; give the repeats alone, their mean is taken." },
                { "architecture,valid\n", "The table has no rows." },
                { "architecture,valid\nnothing,0.5\n", "wrong.csv, line 2: in column 'architecture', Not a genotype of space 'nasbench101'" },
                { "architecture,valid\n01/00,\n,0.5\n", "wrong.csv, line 3: in column 'architecture', it is empty" },
                { "architecture,valid\n01/00,much\n", "wrong.csv, line 2: in column 'valid', 'much' is not a number" },
                { "architecture,valid\n01/00,-0.5\n", "wrong.csv, line 2: in column 'valid', -0.5 is not from 0 to 1" },
                { "architecture,valid\n01/00,94.3\n010/001/000 maxpool3x3,101\n", "wrong.csv, line 3: in column 'valid', 101 is not from 0 to 100" },
                { "architecture,valid,seconds\n01/00,0.5,-3\n", "wrong.csv, line 2: in column 'seconds', -3 is negative" },
                { "architecture,valid\n01/00,0.5\n000/000/000 maxpool3x3,0.5\n", "wrong.csv, line 3: in column 'architecture', '000/000/000 maxpool3x3' denotes no network of space 'nasbench101'" },
                { "architecture,valid\n01/00,0.5\n001/000/000 maxpool3x3,0.5\n", "wrong.csv, line 3: in column 'architecture', '001/000/000 maxpool3x3' is an architecture that row 1 of the table has already" },
                { "architecture,valid\n01/00,0.5,0.6\n", "wrong.csv, line 2: it has 3 cells; the first line has 2 titles" },
                { $"{MadeUpBenchmark.Titles}\n{first}\n{first}\n", "is an architecture that row 1 of the table has already" },
            };
        }
    }

    public void Dispose() => _madeUp.Dispose();

    [Fact]
    public void A_table_is_kept_as_it_was_given()
    {
        var description = Assert.Single(_madeUp.Catalog.List());
        Assert.Equal(("cells", "nasbench101", 91, 1.0), (description.Name, description.Space, description.Rows, description.Coverage));
        Assert.Equal(["cells"], description.Datasets);
        Assert.Equal([4, 108], description.Epochs("cells"));
        Assert.Equal(["valid", "test", "seconds", "parameters", "luck"], description.Metrics("cells"));

        var cells = _madeUp.Table.Dataset(null);
        var row = _madeUp.Table.Find(MadeUpBenchmark.Space.Parse("01/00"));
        Assert.Equal(0, row);
        Assert.Equal(new Measurement(null, 0.11, 0.11, 27 * 11), Rounded(cells.Full.Mean(10)));
        Assert.Equal(new Measurement(null, 0.02, 0.01, 27), cells.Full.Single(0, 2));
        Assert.Equal(new Measurement(null, 0.005, null, 1), cells.Budget(4).Mean(0));
        Assert.Equal(1001, cells.Parameters(0));
        Assert.Null(cells.MultiplyAdds(0));
        Assert.Equal(90, cells.Full.Best);
        Assert.Equal(91 % 7, cells.Figures["luck"][90]);
    }

    [Fact]
    public void A_cell_is_found_however_its_vertices_are_ordered_and_filled_up()
    {
        var table = _madeUp.Table;
        var one = table.Space.Parse("0110/0001/0001/0000 conv1x1-bn-relu,maxpool3x3");
        var other = table.Space.Parse("0110/0001/0001/0000 maxpool3x3,conv1x1-bn-relu");

        Assert.NotNull(table.Find(one));
        Assert.Equal(table.Find(one), table.Find(other));
        Assert.Equal(0, table.Find(table.Space.Parse("0001/0000/0000/0000 maxpool3x3,conv1x1-bn-relu")));
        Assert.Null(table.Find(table.Space.Parse("0000/0000/0000/0000 maxpool3x3,conv1x1-bn-relu")));
    }

    [Fact]
    public void Percent_are_told_by_a_value_above_1_and_become_shares()
    {
        var description = _madeUp.Import("architecture,cifar10/test@50\n01/00,94.3733\n010/001/000 maxpool3x3,0.5\n", "percent");
        var cifar10 = _madeUp.Catalog.Open("percent").Dataset("cifar10");

        Assert.Equal(0.943733, cifar10.Full.Reported[0]);
        Assert.Equal(0.005, cifar10.Full.Searched[1]);
        Assert.Equal(["Accuracies were given in percent.", "There are test accuracies only, so a search sees these.", "No times were kept."], description.Notes);
    }

    [Fact]
    public void A_missing_value_is_missing_and_not_0()
    {
        _madeUp.Import("architecture,valid#1,valid#2,seconds\n01/00,0.5,,3\n010/001/000 maxpool3x3,0.6,0.8,\n", "gaps");
        var gaps = _madeUp.Catalog.Open("gaps").Dataset(null);

        Assert.Equal([0], gaps.Full.RepeatsOf(0));
        Assert.Equal([0, 1], gaps.Full.RepeatsOf(1));
        Assert.Equal(0.5, gaps.Full.Mean(0).Valid);
        Assert.Equal([1, 2], gaps.Full.Repeats);
        Assert.Equal(0.7, gaps.Full.Mean(1).Valid!.Value, 12); // not null: both repeats are there
        Assert.Null(gaps.Full.Mean(1).Seconds);
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_table_with_a_mistake_is_refused_with_line_and_column_and_nothing_is_kept(string csv, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => _madeUp.Import(csv, "wrong"));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.False(_madeUp.Catalog.Exists("wrong"));
        Assert.Equal(["cells.tsv.gz"], Directory.GetFiles(_madeUp.Folder["data/benchmarks"]).Select(Path.GetFileName));
    }

    [Fact]
    public void A_table_stays_as_it_is_when_its_replacement_is_refused()
    {
        Assert.Contains("already", Assert.Throws<UserErrorException>(() => _madeUp.Import(MadeUpBenchmark.Csv(2))).Message);
        Assert.Throws<UserErrorException>(() => _madeUp.Import("architecture,valid\n01/00,much\n", replace: true));
        Assert.Equal(91, _madeUp.Catalog.Open("cells").Count);

        _madeUp.Import(MadeUpBenchmark.Csv(2), replace: true);
        Assert.Equal(2, _madeUp.Catalog.Open("cells").Count);
        Assert.InRange(_madeUp.Catalog.List()[0].Coverage, 0.01, 0.9);
    }

    [Fact]
    public void The_space_of_an_own_table_must_be_named() => Assert.Contains(
        "name it, in the terminal with --space",
        Assert.Throws<UserErrorException>(() => Import(_madeUp.Folder.Write("mine.csv", "architecture,valid\n01/00,0.5\n"))).Message);

    [Fact]
    public void A_name_is_checked_and_an_unknown_one_answered_with_the_known_ones()
    {
        Assert.Contains("cannot be a benchmark's name", Assert.Throws<UserErrorException>(() => _madeUp.Import(MadeUpBenchmark.Csv(1), "a b")).Message);
        Assert.Equal("There is no benchmark 'cell'. Did you mean 'cells'? Known: cells.", Assert.Throws<UserErrorException>(() => _madeUp.Catalog.Open("cell")).Message);
        Assert.Equal("Nothing was trained for 12 epochs on cells; the table has 4, 108.", Assert.Throws<UserErrorException>(() => _madeUp.Table.Dataset(null).Budget(12)).Message);
    }

    [Fact]
    public void A_removed_table_is_gone()
    {
        _madeUp.Catalog.Remove("cells");

        Assert.Empty(_madeUp.Catalog.List());
    }

    [Theory]
    [InlineData("code", "333333", "line 3: in column 'code', '333333' is an architecture that row 1 of the table has already")]
    [InlineData("code", "333335", "line 3: in column 'code', '5' at place 6 of '333335' is not a digit from 0 to 4")]
    [InlineData("code", "33333", "line 3: in column 'code', '33333' has 5 digits, not 6")]
    [InlineData("index", "0", "line 3: in column 'index', 0 is there already")]
    [InlineData("c10_test", "100.1", "line 3: in column 'c10_test', 100.1 is not from 0 to 100")]
    [InlineData("params", "many", "line 3: in column 'params', 'many' is not a whole number")]
    public void A_row_of_NAS_Bench_201_with_a_mistake_is_refused(string column, string value, string message)
    {
        const string titles = "index,code,params,flops,c10_valid,c10_test,c10_valid_12,c10_test_12,c10_seconds,c100_valid,c100_test,c100_valid_12,c100_test_12,c100_seconds,"
            + "in16_valid,in16_test,in16_valid_12,in16_test_12,in16_seconds";
        var row = "1,000000,73306,7783050,1,2,3,4,5,1,2,3,4,5,1,2,3,4,5".Split(',');
        row[Array.IndexOf(titles.Split(','), column)] = value;
        var csv = $"{titles}\n0,333333,1531546,220119690,1,2,3,4,5,1,2,3,4,5,1,2,3,4,5\n{string.Join(',', row)}\n";

        var error = Assert.Throws<UserErrorException>(() => Import(_madeUp.Folder.Write("table.csv", csv)));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8,1,,882570", "in column 'nodes', 8 is not from 2 to 7")]
    [InlineData("3,10,0,882570", "in column 'edges', '10' has 2 places, not 3 for 3 vertices")]
    [InlineData("3,101,00,882570", "in column 'ops', '00' has 2 digits, not 1 for 3 vertices")]
    [InlineData("3,100,0,882570", "in column 'edges', '100' is no cell of the space")]
    [InlineData("3,101,0,882570", "in column 'hash', 043721b9c7fe8c5fad811d47d83132ec is not the hash of this cell, which is b49ac8c578b4561d79ac7087988f1c61")]
    public void A_row_of_NAS_Bench_101_with_a_mistake_is_refused(string cell, string message)
    {
        var csv = $"hash,nodes,edges,ops,params,train_seconds_108,v4,v12,v36,v108\n043721b9c7fe8c5fad811d47d83132ec,{cell},100.5,1,2,3,4\n";

        var error = Assert.Throws<UserErrorException>(() => Import(_madeUp.Folder.Write("table.csv", csv)));

        Assert.Contains($"line 2: {message}", error.Message, StringComparison.Ordinal);
    }

    private BenchmarkDescription Import(string path) => _madeUp.Catalog.Import([path], cancellation: TestContext.Current.CancellationToken);

    private static Measurement Rounded(Measurement mean) => mean with { Valid = Math.Round(mean.Valid ?? 0, 12) };
}
