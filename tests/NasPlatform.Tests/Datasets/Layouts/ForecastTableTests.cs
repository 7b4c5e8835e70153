using System.Globalization;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Datasets.Layouts;

public sealed class ForecastTableTests : IDisposable
{
    private readonly DatasetFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Rows_with_dates_are_the_steps_of_a_series()
    {
        using var dataset = _fixture.Add(Series(100, i => $"{Day(i):yyyy-MM-dd},{i},{i % 7}"));

        Assert.Equal((TaskKind.Forecasting, 100, 2), (dataset.Task, dataset.Count, dataset.Channels));
        Assert.Equal(new SplitCounts(80, 10, 10), dataset.Report.Counts);
        Assert.Equal([3, 3], dataset.Values(3).ToArray());
        Assert.Equal([98, 0, 99, 1], dataset.Values(98, 2).ToArray());
        Assert.Equal(["a", "b"], dataset.Report.TargetNames);
        Assert.Equal(39.5, dataset.Mean[0], 12);
        Assert.Equal(dataset.Mean, dataset.Report.TargetMean);
        // A third of the training steps, and half of those for validation.
        Assert.Equal((26, 5), (dataset.Width, dataset.Report.Horizon));
        Assert.Equal(TaskShape.Forecast(2, 26, 10), dataset.Report.TaskShape);
        Assert.Equal(Enumerable.Range(54, 6), dataset.Indices(Split.Validation));
    }

    [Theory]
    [InlineData("yyyy-MM-dd HH:mm:ss")]
    [InlineData("yyyy-MM-ddTHH:mm:ssZ")]
    [InlineData("yyyy/M/d H:mm")]
    [InlineData("dd.MM.yyyy")]
    [InlineData("M/d/yyyy")]
    [InlineData("d/M/yyyy")]
    [InlineData("yyyyMMdd")]
    public void Dates_are_known_in_the_usual_forms(string format)
    {
        using var dataset = _fixture.Add(Series(100, i => $"{Day(i).ToString(format, CultureInfo.InvariantCulture)},{i},{i % 7}"));

        Assert.Equal((TaskKind.Forecasting, 2), (dataset.Task, dataset.Channels));
    }

    [Theory]
    [InlineData("year", 1, true)]
    [InlineData("t", 3, true)]
    [InlineData("t", -1, true)]
    [InlineData("PassengerId", 1, false)]
    [InlineData("t", 0, false)]
    public void A_first_column_that_counts_is_time_unless_it_numbers_the_rows(string title, int step, bool isSeries)
    {
        using var dataset = _fixture.Add(Series(100, i => $"{2000 + i * step},{i * 7 % 100}.5,{i % 7}.5", title));

        Assert.Equal(isSeries ? TaskKind.Forecasting : TaskKind.TabularRegression, dataset.Task);
    }

    [Fact]
    public void Dates_that_go_back_and_forth_are_no_time()
    {
        using var dataset = _fixture.Add(Series(100, i => $"{Day(i * 7 % 100):yyyy-MM-dd},{i},{i % 7}.5"));

        Assert.Equal(TaskKind.TabularRegression, dataset.Task);
    }

    [Fact]
    public void The_options_say_what_is_learnt()
    {
        var series = Series(100, i => $"{Day(i):yyyy-MM-dd},{i},{i % 2}");
        using var table = _fixture.Add(series, new() { Name = "table", Task = TaskKind.TabularClassification });
        using var labelled = _fixture.Add(series, new() { Name = "labelled", Label = "a" });
        using var forecast = _fixture.Add(Series(100, i => $"x,{i},{i % 7}", "note"), new() { Name = "forecast", Task = TaskKind.Forecasting });

        Assert.Equal((TaskKind.TabularClassification, TaskKind.TabularRegression), (table.Task, labelled.Task));
        Assert.Equal(2, forecast.Channels);
        Assert.Contains("Columns without numbers were left out: note.", forecast.Report.Notes);
        Assert.Contains("The rows are taken for the steps of one series, in order of the file; so are the splits.", forecast.Report.Notes);
    }

    [Fact]
    public void The_latest_first_is_turned_round()
    {
        using var dataset = _fixture.Add(Series(100, i => $"{Day(99 - i):yyyy-MM-dd},{99 - i},{i % 7}"));

        Assert.Equal(0, dataset.Values(0)[0]);
        Assert.Contains("The file has its latest row first, by 'date'; the order was turned round.", dataset.Report.Notes);
    }

    [Fact]
    public void History_horizon_targets_and_rows_can_be_chosen()
    {
        using var dataset = _fixture.Add(Series(100, i => $"{Day(i):yyyy-MM-dd},{i},{i % 7}"), new() { Steps = 10, Horizon = 3, Targets = ["B"], Rows = new(40, 20, 10) });

        Assert.Equal((70, new SplitCounts(40, 20, 10)), (dataset.Count, dataset.Report.Counts));
        Assert.Equal((10, 3), (dataset.Width, dataset.Report.Horizon));
        Assert.Equal((1, "b"), (Assert.Single(dataset.Report.Targets), Assert.Single(dataset.Report.TargetNames)));
        Assert.Equal(dataset.Mean[1], Assert.Single(dataset.Report.TargetMean));
        Assert.Equal(TaskShape.Forecast(2, 10, 3), dataset.Report.TaskShape);
        Assert.Contains("30 rows at the end are in no split and were left out.", dataset.Report.Notes);
        Assert.Equal(Enumerable.Range(0, 28), dataset.Indices(Split.Train));
        Assert.Equal(Enumerable.Range(30, 18), dataset.Indices(Split.Validation));
        Assert.Equal(Enumerable.Range(50, 8), dataset.Indices(Split.Test));
    }

    [Fact]
    public void What_is_missing_is_filled_within_its_split_only()
    {
        using var dataset = _fixture.Add(
            Series(10, i => $"{Day(i):yyyy-MM-dd},{(i is 1 or 2 or 4 or 5 or 9 ? "" : $"{i * i}")},{i % 7}"), new() { Steps = 1, Horizon = 1, Rows = new(5, 3, 2) });

        Assert.Equal([0, 3, 6, 9, 9, 36, 36, 49, 64, 64], Enumerable.Range(0, 10).Select(row => dataset.Values(row)[0]));
        Assert.Contains("5 missing values were filled by straight lines between their neighbours in the same split.", dataset.Report.Notes);
    }

    [Fact]
    public void A_column_that_does_not_change_in_training_is_left_out_and_cannot_be_a_target()
    {
        var series = Series(100, i => $"{Day(i):yyyy-MM-dd},{i},{(i < 90 ? 5 : i)}");
        using var dataset = _fixture.Add(series);

        Assert.Equal(["a"], dataset.Report.TargetNames);
        Assert.EndsWith("does not change in the 80 training steps: b.", _fixture.Message(series, new() { Targets = ["b"] }));
    }

    [Theory]
    [InlineData(50, 31, "has 80 steps to train on; a forecast that looks back at 50 and predicts 31 needs at least 81. Look back at fewer, or predict fewer.")]
    [InlineData(20, 11, "has 10 steps for validation and 10 for the test; a forecast of 11 steps needs as many of each. Predict fewer, or set more aside.")]
    public void Windows_that_do_not_fit_are_refused(int steps, int horizon, string message) =>
        Assert.EndsWith(message, _fixture.Refusal(Series(100, i => $"{Day(i):yyyy-MM-dd},{i},{i % 7}"), new() { Steps = steps, Horizon = horizon }));

    [Fact]
    public void Other_orders_that_cannot_be_met_are_refused()
    {
        var series = Series(100, i => $"{Day(i):yyyy-MM-dd},{i},{i % 7}");

        Assert.EndsWith("has 100 rows; 120 were asked for, 80 to train on, 20 for validation and 20 for the test.", _fixture.Refusal(series, new() { Rows = new(80, 20, 20) }));
        Assert.StartsWith("The column 'date' cannot be forecast: it says the time.", _fixture.Refusal(series, new() { Targets = ["date"] }));
        Assert.Contains("column 'c'", _fixture.Refusal(series, new() { Targets = ["c"] }));
        Assert.Contains("has no column of numbers beside 'date'", _fixture.Refusal(Series(100, i => $"{Day(i):yyyy-MM-dd},x,y"), new() { Task = TaskKind.Forecasting }));
    }

    private static DateTime Day(int i) => new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(i);

    private string Series(int count, Func<int, FormattableString> row, string title = "date") => _fixture.Source.Write(
        "series.csv", $"{title},a,b\n" + string.Concat(Enumerable.Range(0, count).Select(i => FormattableString.Invariant(row(i)) + "\n")));
}
