using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Datasets;

namespace NasPlatform.Tests.Datasets;

public sealed class DatasetSampleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_series_is_thinned_out_without_losing_its_peaks()
    {
        using var fixture = new DatasetFixture();
        using var dataset = fixture.Add(
            fixture.Source.Write("long.csv", "t,a\n" + string.Concat(Enumerable.Range(1, 20_000).Select(i => $"{i},{(i == 7_777 ? 1000 : i == 12_345 ? -1000 : i % 5)}\n"))));

        var line = Assert.Single(Assert.IsType<DatasetSample.Course>(DatasetSample.Of(dataset, 0)).Lines);

        Assert.InRange(line.Points.Count, 400, 800);
        Assert.Equal([7_776, 1000], line.Points.OrderBy(point => point[1]).Last());
        Assert.Equal([12_344, -1000], line.Points.OrderBy(point => point[1]).First());
        Assert.Equal(line.Points.OrderBy(point => point[0]), line.Points);
    }

    [Fact]
    public void What_is_predicted_is_drawn_first()
    {
        using var dataset = TaskDatasets.Open(_folder.Path, TaskKind.Forecasting);

        Assert.Equal(["y", "x"], Assert.IsType<DatasetSample.Course>(DatasetSample.Of(dataset, 0)).Lines.Select(line => line.Name));
    }

    [Fact]
    public void Rows_have_their_categories_back()
    {
        using var fixture = new DatasetFixture();
        using var dataset = fixture.Add(
            fixture.Source.Write("t.csv", "a,c,price\n1,u,10.5\n2,v,20\n3,?,30\n5,u,40\n"), new() { ValidationFraction = 0, TestFraction = 0, Task = TaskKind.TabularRegression });

        var rows = Assert.IsType<DatasetSample.Rows>(DatasetSample.Of(dataset, 0));

        Assert.Equal(["price", "a", "c"], rows.Titles);
        Assert.Equal(["10.5", "1", "u"], rows.First[0].Cells);
        Assert.Equal(["30", "3", "(missing)"], rows.First[2].Cells);
    }

    [Fact]
    public void Images_are_left_to_the_gallery()
    {
        using var dataset = TinyDataset.Open(_folder.Path);

        Assert.Null(DatasetSample.Of(dataset, 0));
    }

    [Theory]
    [InlineData(TaskKind.SequenceClassification)]
    [InlineData(TaskKind.Forecasting)]
    [InlineData(TaskKind.TabularClassification)]
    [InlineData(TaskKind.TabularRegression)]
    [InlineData(TaskKind.LanguageModelling)]
    public void Each_other_kind_has_something_to_look_at(TaskKind kind)
    {
        using var dataset = TaskDatasets.Open(_folder.Path, kind);

        Assert.NotNull(DatasetSample.Of(dataset, 0));
    }
}
