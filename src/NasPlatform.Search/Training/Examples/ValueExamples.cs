using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training.Examples;

/// <summary>
/// Series <c>float32 [count, variables, 1, steps]</c> or rows of a table <c>float32 [count, features]</c>, with their classes or the numbers to predict. They are normalised once: to keep
/// them as they came would not be smaller.
/// </summary>
public sealed class ValueExamples : IndependentExamples
{
    private readonly Tensor _values;
    private readonly Tensor _targets;

    internal ValueExamples(Dataset dataset, ReadOnlySpan<int> indices, Device device)
        : base(dataset.Task, indices.Length, device)
    {
        using var scope = NewDisposeScope();
        var task = dataset.Report.TaskShape;
        var size = (int)task.Input.Count;
        var values = new float[(long)Count * size];
        for (var place = 0; place < Count; place++)
        {
            dataset.Values(indices[place]).CopyTo(values.AsSpan(place * size));
        }

        using var normalisation = Normalisation.OfValues(dataset.Mean, dataset.Std, task.Input, device);
        _values = normalisation.Apply(tensor(values, [Count, .. task.Input.Dimensions]).to(device)).DetachFromDisposeScope();
        _targets = (Task == TaskKind.TabularRegression ? Numbers(dataset, indices, task.Outputs) : Classes(dataset, indices)).to(device).DetachFromDisposeScope();
    }

    public override (Tensor Inputs, Tensor Targets) Batch(long start, long count) => (_values.narrow(0, start, count), _targets.narrow(0, start, count));

    public override (Tensor Inputs, Tensor Targets) Batch(Tensor places, Augmentation augmentation, Generator random) =>
        (_values.index_select(0, places), _targets.index_select(0, places));

    protected override void Dispose(bool disposing)
    {
        _values.Dispose();
        _targets.Dispose();
    }

    private static Tensor Classes(Dataset dataset, ReadOnlySpan<int> indices)
    {
        var labels = new long[indices.Length];
        for (var place = 0; place < labels.Length; place++)
        {
            labels[place] = dataset.Labels[indices[place]];
        }

        return tensor(labels);
    }

    private static Tensor Numbers(Dataset dataset, ReadOnlySpan<int> indices, int outputs)
    {
        var (mean, std) = (dataset.Report.TargetMean, dataset.Report.TargetStd);
        var numbers = new float[indices.Length * outputs];
        for (var place = 0; place < indices.Length; place++)
        {
            var row = dataset.Targets(indices[place]);
            for (var number = 0; number < outputs; number++)
            {
                numbers[(place * outputs) + number] = (float)((row[number] - mean[number]) / Normalisation.Deviation(std[number]));
            }
        }

        return tensor(numbers, [indices.Length, outputs]);
    }
}
