using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Training.Examples;

public sealed class ExamplesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_window_reads_the_history_and_is_to_give_the_steps_after_it_in_deviations()
    {
        using var scope = NewDisposeScope();
        using var dataset = TaskDatasets.Open(_folder.Path, TaskKind.Forecasting);
        var indices = dataset.Indices(Split.Validation);
        using var windows = (WindowExamples)DeviceDataset.Of(dataset, indices, CPU);

        var (inputs, targets) = windows.Batch(3, 2);

        Assert.Equal(100 - 4 + 1, windows.Count); // predicted steps lie within the split, the history may lie before it
        Assert.Equal([2, 2, 1, 16], inputs.shape);
        Assert.Equal([2, 4], targets.shape);
        var first = indices[3];
        for (var step = 0; step < 16; step++)
        {
            Assert.Equal(dataset.Values(first + step)[0] / 7.1, inputs[0, 0, 0, step].item<float>(), 1e-4);
            Assert.Equal((dataset.Values(first + step)[1] - 100) / 14.2, inputs[0, 1, 0, step].item<float>(), 1e-4);
        }

        for (var step = 0; step < 4; step++)
        {
            Assert.Equal((dataset.Values(first + 17 + step)[1] - 100) / 14.2, targets[1, step].item<float>(), 1e-4);
        }

    }

    [Fact]
    public void A_text_is_read_in_streams_that_go_on_from_step_to_step()
    {
        using var scope = NewDisposeScope();
        using var dataset = TaskDatasets.Open(_folder.Path, TaskKind.LanguageModelling);
        using var text = DeviceDataset.Of(dataset, dataset.Indices(Split.Train), CPU);
        Assert.Equal(2399, text.Count);
        Assert.True(text.IsContinuous);
        Assert.Equal(4, text.BatchOf(4));
        Assert.Equal(2399 / 4 / 8, text.Steps(4));

        using var order = arange(text.Count);
        using var random = new Generator(1);
        var (inputs, targets) = text.Step(1, 4, order, Augmentation.None, random);

        for (var stream = 0; stream < 4; stream++)
        {
            var start = (stream * (2399 / 4)) + 8;
            Assert.Equal(dataset.Labels.Slice(start, 8).ToArray(), inputs[stream].data<long>().ToArray());
            Assert.Equal(dataset.Labels.Slice(start + 1, 8).ToArray(), targets[stream].data<long>().ToArray());
        }
    }

    [Fact]
    public void A_text_is_measured_whole_but_for_less_than_a_token_a_stream()
    {
        using var scope = NewDisposeScope();
        using var dataset = TaskDatasets.Open(_folder.Path, TaskKind.LanguageModelling);
        using var text = DeviceDataset.Of(dataset, dataset.Indices(Split.Test), CPU);

        var measured = Enumerable.Range(0, text.Parts).Sum(part => text.Part(part).Targets.numel());

        Assert.InRange(measured, text.Count - 9, text.Count);
    }

    [Fact]
    public void Rows_and_series_are_normalised_by_the_training_splits_figures()
    {
        using var scope = NewDisposeScope();
        using var table = TaskDatasets.Open(_folder["table"], TaskKind.TabularRegression);
        using var rows = (ValueExamples)DeviceDataset.Of(table, table.Indices(Split.Test), CPU);
        using var series = TaskDatasets.Open(_folder["series"], TaskKind.SequenceClassification);
        using var cases = (ValueExamples)DeviceDataset.Of(series, series.Indices(Split.Test), CPU);

        var index = table.Indices(Split.Test)[5];
        var (row, number) = rows.Batch(5, 1);
        Assert.Equal([1, 4], row.shape);
        Assert.Equal((table.Values(index)[0] - 1000) / 10, row[0, 0].item<float>(), 1e-4);
        Assert.Equal((table.Targets(index)[0] - 53) / 9.5, number[0, 0].item<float>(), 1e-4);
        var (one, label) = cases.Batch(7, 1);
        Assert.Equal([1, 2, 1, 16], one.shape);
        Assert.Equal((series.Values(series.Indices(Split.Test)[7])[16] - 0) / 1.4, one[0, 1, 0, 0].item<float>(), 1e-4);
        Assert.Equal(series.Labels[series.Indices(Split.Test)[7]], label[0].item<long>());
    }
}
