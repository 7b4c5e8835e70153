using System.Runtime.InteropServices;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Datasets.Images;
using NasPlatform.Search.Networks;

namespace NasPlatform.Tests.Support;

/// <summary>For each task that is not about images a small dataset with something to learn, written as it is kept.</summary>
public static class TaskDatasets
{
    /// <summary>All such tasks.</summary>
    public static TheoryData<TaskKind> Kinds =>
        [TaskKind.SequenceClassification, TaskKind.Forecasting, TaskKind.TabularClassification, TaskKind.TabularRegression, TaskKind.LanguageModelling];

    /// <summary>Writes the dataset <c>small</c> into a data folder below <paramref name="folder"/> and opens it.</summary>
    public static Dataset Open(string folder, TaskKind kind)
    {
        var random = new RandomSource(5);
        var target = Path.Combine(folder, "data", "datasets", "small");
        Directory.CreateDirectory(target);
        var (report, entries) = kind switch
        {
            TaskKind.SequenceClassification => Series(random),
            TaskKind.Forecasting => Forecast(random),
            TaskKind.TabularClassification => Table(random, isNumber: false),
            TaskKind.TabularRegression => Table(random, isNumber: true),
            _ => Text(random),
        };
        SafetensorsFile.Write(Path.Combine(target, Dataset.FileName), entries, new Dictionary<string, string>());
        File.WriteAllText(Path.Combine(target, Dataset.ReportName), (report with { Task = kind }).ToJson());
        return Dataset.Open(target);
    }

    /// <summary>Waves of two variables whose length tells their class.</summary>
    private static (DatasetReport Report, TensorEntry[] Entries) Series(RandomSource random)
    {
        const int Count = 240;
        const int Steps = 16;
        var values = new float[Count * 2 * Steps];
        var labels = new long[Count];
        for (var example = 0; example < Count; example++)
        {
            labels[example] = example % 3;
            var phase = random.NextDouble() * 6;
            for (var step = 0; step < Steps; step++)
            {
                var angle = phase + (step * (0.3 + (0.5 * labels[example])));
                values[(example * 2 * Steps) + step] = (float)((2 * Math.Sin(angle)) + (0.2 * random.NextGaussian()) + 5);
                values[(example * 2 * Steps) + Steps + step] = (float)((2 * Math.Cos(angle)) + (0.2 * random.NextGaussian()));
            }
        }

        var splits = Thirds(Count);
        return (
            Report(["slow", "middle", "fast"], labels, splits, 2, Steps) with { Mean = [5, 0], Std = [1.4, 1.4], Columns = [new("x"), new("y")], TargetNames = ["speed"] },
            [Floats(Dataset.ValuesTensor, values, Count, 2, Steps), Longs(Dataset.LabelsTensor, labels), Bytes(splits)]);
    }

    /// <summary>Two waves; the second is to be predicted four steps ahead from sixteen.</summary>
    private static (DatasetReport Report, TensorEntry[] Entries) Forecast(RandomSource random)
    {
        const int Count = 600;
        var values = new float[Count * 2];
        for (var step = 0; step < Count; step++)
        {
            values[2 * step] = (float)((10 * Math.Sin(step * 0.4)) + random.NextGaussian());
            values[(2 * step) + 1] = (float)(100 + (20 * Math.Cos(step * 0.4)) + random.NextGaussian());
        }

        byte[] splits = [.. Enumerable.Range(0, Count).Select(step => (byte)(step < 400 ? 0 : step < 500 ? 1 : 2))];
        return (
            Report([], [], splits, 2, 16) with
            {
                Counts = new(400, 100, 100),
                Columns = [new("x"), new("y")],
                Targets = [1],
                TargetNames = ["y"],
                Horizon = 4,
                Mean = [0, 100],
                Std = [7.1, 14.2],
                TargetMean = [100],
                TargetStd = [14.2],
            },
            [Floats(Dataset.ValuesTensor, values, Count, 2), Bytes(splits)]);
    }

    /// <summary>Two numbers and a category with two values; the class, or the number, is a plain function of them.</summary>
    private static (DatasetReport Report, TensorEntry[] Entries) Table(RandomSource random, bool isNumber)
    {
        const int Count = 300;
        var values = new float[Count * 4];
        var numbers = new float[Count];
        for (var row = 0; row < Count; row++)
        {
            var (a, b, isRed) = (random.NextGaussian(), random.NextGaussian(), random.Next(2));
            values[4 * row] = (float)(1000 + (10 * a));
            values[(4 * row) + 1] = (float)b;
            values[(4 * row) + 2 + isRed] = 1;
            numbers[row] = (float)(50 + (8 * a) - (4 * b) + (6 * isRed));
        }

        long[] labels = [.. numbers.Select(number => number > 53 ? 1L : 0)];
        var splits = Thirds(Count);
        var report = Report(isNumber ? [] : ["low", "high"], isNumber ? [] : labels, splits, 4, 1) with
        {
            Columns = [new("a"), new("b"), new("colour", ["blue", "red"])],
            Mean = [1000, 0, 0.5, 0.5],
            Std = [10, 1, 0.5, 0.5],
            TargetNames = ["result"],
        };
        var features = Floats(Dataset.ValuesTensor, values, Count, 4);
        return isNumber
            ? (report with { Counts = new(200, 50, 50), TargetMean = [53], TargetStd = [9.5] }, [features, Floats(Dataset.TargetsTensor, numbers, Count, 1), Bytes(splits)])
            : (report, [features, Longs(Dataset.LabelsTensor, labels), Bytes(splits)]);
    }

    /// <summary>Letters of which each is mostly followed by the next.</summary>
    private static (DatasetReport Report, TensorEntry[] Entries) Text(RandomSource random)
    {
        const int Count = 3000;
        var tokens = new long[Count];
        for (var place = 1; place < Count; place++)
        {
            tokens[place] = random.Next(10) == 0 ? random.Next(5) : (tokens[place - 1] + 1) % 5;
        }

        byte[] splits = [.. Enumerable.Range(0, Count).Select(place => (byte)(place < 2400 ? 0 : place < 2700 ? 1 : 2))];
        return (Report(["a", "b", "c", "d", "e"], tokens, splits, 1, 8) with { IsCharacters = true }, [Longs(Dataset.LabelsTensor, tokens), Bytes(splits)]);
    }

    private static byte[] Thirds(int count) => [.. Enumerable.Range(0, count).Select(index => (byte)Math.Max(0, (index * 6 / count) - 3))];

    private static DatasetReport Report(string[] classes, long[] labels, byte[] splits, int channels, int width)
    {
        var counts = new int[Math.Max(1, classes.Length), 3];
        foreach (var (label, split) in labels.Zip(splits))
        {
            counts[label, split]++;
        }

        return new()
        {
            Name = "small",
            Source = "test",
            CreatedAt = DateTimeOffset.UnixEpoch,
            Classes = [.. classes.Select((name, label) => new ClassCounts(name, counts[label, 0], counts[label, 1], counts[label, 2]))],
            Channels = channels,
            Height = 1,
            Width = width,
            Fit = ImageFit.Crop,
            Mean = [],
            Std = [],
            Imbalance = 1,
            Seed = 1,
            Duplicates = new(0, 0, 0, []),
            Unreadable = [],
            Notes = [],
        };
    }

    private static TensorEntry Floats(string name, float[] values, params long[] shape) => new(name, TensorType.F32, shape, MemoryMarshal.AsBytes<float>(values).ToArray());

    private static TensorEntry Longs(string name, long[] values) => new(name, TensorType.I64, [values.Length], MemoryMarshal.AsBytes<long>(values).ToArray());

    private static TensorEntry Bytes(byte[] values) => new(Dataset.SplitTensor, TensorType.U8, [values.Length], values);
}
