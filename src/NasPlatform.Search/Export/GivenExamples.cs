using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Export;

/// <summary>
/// Examples as a trained model is given them, not normalised: images <c>uint8 [n, channels, height, width]</c>, series and windows <c>float32 [n, variables, 1, steps]</c>, rows of a table
/// <c>float32 [n, features]</c>, tokens <c>int64 [n, steps]</c>.
/// </summary>
public static class GivenExamples
{
    /// <summary>The numbers of the examples of a split that <see cref="Of"/> takes; of a text the first tokens of windows that follow one another.</summary>
    public static int[] Indices(Dataset dataset, Split split)
    {
        var indices = dataset.Indices(split);
        return dataset.Task != TaskKind.LanguageModelling
            ? indices
            : [.. Enumerable.Range(0, indices.Length / dataset.Width).Select(window => indices[window * dataset.Width])];
    }

    /// <summary>Some examples, on the CPU. Dispose them.</summary>
    public static Tensor Of(Dataset dataset, ReadOnlySpan<int> indices)
    {
        var task = dataset.Report.TaskShape;
        long[] shape = [indices.Length, .. task.Input.Dimensions];
        var size = (int)task.Input.Count;
        switch (task.Kind)
        {
            case TaskKind.ImageClassification:
                var images = empty(shape, dtype: uint8);
                for (var place = 0; place < indices.Length; place++)
                {
                    dataset.Image(indices[place]).CopyTo(images.bytes[(place * size)..]);
                }

                return images;
            case TaskKind.LanguageModelling:
                var tokens = new long[indices.Length * size];
                for (var place = 0; place < indices.Length; place++)
                {
                    dataset.Labels.Slice(indices[place], size).CopyTo(tokens.AsSpan(place * size));
                }

                return tensor(tokens, shape);
            default:
                var values = new float[indices.Length * size];
                for (var place = 0; place < indices.Length; place++)
                {
                    var example = values.AsSpan(place * size, size);
                    if (task.Kind == TaskKind.Forecasting)
                    {
                        Transpose(dataset.Values(indices[place], task.Width), task.Channels, example);
                    }
                    else
                    {
                        dataset.Values(indices[place]).CopyTo(example);
                    }
                }

                return tensor(values, shape);
        }
    }

    /// <summary>The numbers that are to be predicted from an example, in the data's unit: name by name, and of each step by step.</summary>
    public static float[] Truth(Dataset dataset, int index)
    {
        if (dataset.Task == TaskKind.TabularRegression)
        {
            return dataset.Targets(index).ToArray();
        }

        var report = dataset.Report;
        var steps = dataset.Values(index + report.Width, report.Horizon);
        var truth = new float[report.Targets.Count * report.Horizon];
        for (var number = 0; number < truth.Length; number++)
        {
            truth[number] = steps[((number % report.Horizon) * report.Channels) + report.Targets[number / report.Horizon]];
        }

        return truth;
    }

    /// <summary>From steps of variables to variables of steps.</summary>
    private static void Transpose(ReadOnlySpan<float> steps, int variables, Span<float> target)
    {
        var count = steps.Length / variables;
        for (var step = 0; step < count; step++)
        {
            for (var variable = 0; variable < variables; variable++)
            {
                target[(variable * count) + step] = steps[(step * variables) + variable];
            }
        }
    }
}
