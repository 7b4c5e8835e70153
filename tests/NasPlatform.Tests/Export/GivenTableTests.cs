using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Export;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Export;

public sealed class GivenTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_are_encoded_as_they_were_for_training()
    {
        _folder.Write("table.csv", "size,colour,noise,kind\n" + string.Concat(Enumerable.Range(0, 60).Select(row =>
            $"{(row % 7 == 0 ? "?" : $"{row}")},{(row % 5 == 0 ? "" : row % 3 == 0 ? "red" : row % 11 == 0 ? $"rare{row}" : "blue")},{row * 0.5},{(row % 2 == 0 ? "even" : "odd")}\n")));
        var catalog = new DatasetCatalog(_folder["data"]);
        catalog.Add(_folder["table.csv"], new IngestOptions { Name = "table", Categories = 2 }, null, TestContext.Current.CancellationToken);
        using var dataset = catalog.Open("table", null, TestContext.Current.CancellationToken);
        var model = Describe(dataset);

        var rows = GivenTable.Rows(model, _folder["table.csv"], new()).ToList();

        Assert.Equal(dataset.Count, rows.Count);
        Assert.Contains(dataset.Report.Columns, column => column.Categories?.Contains(DataColumn.Missing) == true && column.Categories.Contains(DataColumn.Other));
        var kept = Enumerable.Range(0, dataset.Count).Select(row => string.Join(' ', dataset.Values(row).ToArray()));
        Assert.Equal(kept.Order(StringComparer.Ordinal), rows.Select(row => string.Join(' ', row)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_cannot_be_read_is_named()
    {
        using var dataset = TaskDatasets.Open(_folder.Path, TaskKind.TabularClassification);
        var model = Describe(dataset);
        _folder.Write("lacking.csv", "a,colour\n1,red\n");
        _folder.Write("wrong.csv", "b,a,colour\n1,2,red\nmany,2,red\n");

        Assert.Contains("lacks the column b; it has a, colour", Assert.Throws<UserErrorException>(() => GivenTable.Rows(model, _folder["lacking.csv"], new()).ToList()).Message, StringComparison.Ordinal);
        Assert.Contains("line 3: 'many' in the column 'b' is no number", Assert.Throws<UserErrorException>(() => GivenTable.Rows(model, _folder["wrong.csv"], new()).ToList()).Message, StringComparison.Ordinal);
        Assert.Contains("There is no file", Assert.Throws<UserErrorException>(() => GivenTable.Rows(model, _folder["none.csv"], new()).ToList()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_series_the_last_steps_are_read_and_a_short_one_begins_with_means()
    {
        using var forecast = TaskDatasets.Open(_folder["forecast"], TaskKind.Forecasting);
        using var series = TaskDatasets.Open(_folder["series"], TaskKind.SequenceClassification);
        _folder.Write("long.csv", "y,x\n" + string.Concat(Enumerable.Range(0, 20).Select(step => $"{step},{100 + step}\n")));
        _folder.Write("short.csv", "y,x\n1,2\n3,4\n");

        var numbers = GivenTable.Series(Describe(forecast), _folder["long.csv"], new());
        var filled = GivenTable.Series(Describe(series), _folder["short.csv"], new());
        var refused = Assert.Throws<UserErrorException>(() => GivenTable.Series(Describe(forecast), _folder["short.csv"], new()));

        Assert.Equal([.. Enumerable.Range(104, 16).Select(number => (float)number), .. Enumerable.Range(4, 16).Select(number => (float)number)], numbers);
        Assert.Equal([.. Enumerable.Repeat(5f, 14), 2, 4, .. Enumerable.Repeat(0f, 14), 1, 3], filled);
        Assert.Contains("has 2 steps, and the forecast looks back at 16", refused.Message, StringComparison.Ordinal);
    }

    private static ModelDescription Describe(Dataset dataset)
    {
        var report = dataset.Report;
        var space = SearchSpaceCatalog.Create("mlp");
        var graph = space.Build(space.Sample(new RandomSource(1)), report.TaskShape);
        return SampleModels.Describe(SampleModels.Build("chain", "3x3/1x1/24", new(1, 8, 8, 2), ("layers", "1"))) with
        {
            Graph = graph,
            Classes = dataset.Classes,
            Input = new(report.Channels, 1, report.Width, null, report.Mean, report.Std) { Columns = report.Columns },
            Output = report.Task.IsRegression ? new(report.TargetNames, report.Horizon, report.TargetMean, report.TargetStd) : null,
        };
    }
}
