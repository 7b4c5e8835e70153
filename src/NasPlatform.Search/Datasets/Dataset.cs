using System.Runtime.InteropServices;
using System.Text.Json;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Datasets;

/// <summary>
/// A dataset as it is kept: a folder with dataset.safetensors and report.json. The file is mapped into memory, so that opening costs nothing
/// and processes share it. Spans are valid until it is disposed. Reading is safe from several threads.
/// </summary>
/// <remarks>
/// The tensors, by task; each has also split, uint8 [N]:
/// images: images uint8 [N, C, H, W], labels int64 [N]. Series: values float32 [N, variables, steps], labels. Rows of a table: values float32
/// [N, features] and labels, or, where a number is predicted, targets float32 [N, numbers]. A series that is forecast: values float32 [N, variables], a row
/// a step, in order of time. A text: labels int64 [N], the tokens in their order.
/// </remarks>
public sealed class Dataset : IDisposable
{
    internal const string FileName = "dataset.safetensors";
    internal const string ReportName = "report.json";
    internal const string ImagesTensor = "images";
    internal const string ValuesTensor = "values";
    internal const string TargetsTensor = "targets";
    internal const string LabelsTensor = "labels";
    internal const string SplitTensor = "split";

    private readonly SafetensorsFile _file;

    private Dataset(SafetensorsFile file, DatasetReport report)
    {
        (_file, Report) = (file, report);
        Classes = [.. report.Classes.Select(counts => counts.Name)];
        Check();
    }

    /// <summary>What was found when it was brought in.</summary>
    public DatasetReport Report { get; }

    /// <summary>Its name in the catalogue.</summary>
    public string Name => Report.Name;

    /// <summary>Names of the classes, by label.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>1 (grey) or 3 (red, green, blue).</summary>
    public int Channels => Report.Channels;

    /// <summary>Rows of an image.</summary>
    public int Height => Report.Height;

    /// <summary>Columns of an image.</summary>
    public int Width => Report.Width;

    /// <summary>Examples in all splits; steps of a series that is forecast, tokens of a text.</summary>
    public int Count { get; private set; }

    /// <summary>What is learnt.</summary>
    public TaskKind Task => Report.Task;

    /// <summary>Bytes of an image: channels times height times width.</summary>
    public int ImageBytes => Channels * Height * Width;

    /// <summary>Mean of each channel over the training split, 0 to 1.</summary>
    public IReadOnlyList<double> Mean => Report.Mean;

    /// <summary>Standard deviation of each channel over the training split, in the same units.</summary>
    public IReadOnlyList<double> Std => Report.Std;

    /// <summary>Class of each example, 0 to the number of classes - 1; a text's tokens. Empty where numbers are predicted.</summary>
    public ReadOnlySpan<long> Labels => Task.IsRegression ? [] : MemoryMarshal.Cast<byte, long>(_file.Bytes(LabelsTensor));

    /// <summary>The <see cref="Split"/> of each example, as its number.</summary>
    public ReadOnlySpan<byte> Splits => _file.Bytes(SplitTensor);

    /// <summary>Opens the dataset in a folder.</summary>
    /// <exception cref="UserErrorException">The folder holds no dataset, or a damaged one.</exception>
    public static Dataset Open(string folder)
    {
        var report = ReadReport(folder);
        var file = SafetensorsFile.Open(Path.Join(folder, FileName));
        try
        {
            return new Dataset(file, report);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of one image, [C, H, W].</summary>
    public ReadOnlySpan<byte> Image(int index) => Images(index, 1);

    /// <summary>
    /// The bytes of <paramref name="count"/> images that lie one after another, [count, C, H, W]; at most 2^31 - 1 bytes at a time.
    /// </summary>
    public ReadOnlySpan<byte> Images(int start, int count) => _file.Bytes(ImagesTensor, (long)start * ImageBytes, checked(count * ImageBytes));

    /// <summary>The numbers of an example in the data's unit, not normalised: a series [variables, steps], a table's row [features]; of a series that is forecast those of one step [variables].</summary>
    public ReadOnlySpan<float> Values(int index) => Floats(ValuesTensor, index, 1);

    /// <summary>The numbers of steps that lie one after another, [count, variables], of a series that is forecast; of several examples of other tasks.</summary>
    public ReadOnlySpan<float> Values(int start, int count) => Floats(ValuesTensor, start, count);

    /// <summary>The numbers to predict from a table's row, in the data's unit.</summary>
    public ReadOnlySpan<float> Targets(int index) => Floats(TargetsTensor, index, 1);

    /// <summary>
    /// The numbers of the examples of a split, in the order of the file. Of a series that is forecast: the first steps of the windows whose predicted steps all lie in the split; what such a window
    /// looks back at may lie in the split before.
    /// </summary>
    public int[] Indices(Split split)
    {
        if (Task == TaskKind.Forecasting)
        {
            var rows = IndicesOf(split);
            return rows.Length == 0 ? [] : [.. Enumerable.Range(rows[0], rows.Length).Where(row => row >= Width && row + Report.Horizon <= rows[^1] + 1).Select(row => row - Width)];
        }

        return IndicesOf(split);
    }

    private int[] IndicesOf(Split split)
    {
        var splits = Splits;
        var indices = new int[splits.Count((byte)split)];
        for (int i = 0, next = 0; i < splits.Length; i++)
            if (splits[i] == (byte)split)
                indices[next++] = i;
        return indices;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>Reads the report in a dataset's folder.</summary>
    /// <exception cref="UserErrorException">It is missing or damaged.</exception>
    internal static DatasetReport ReadReport(string folder)
    {
        var path = Path.Join(folder, ReportName);
        try
        {
            return DatasetReport.Parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new UserErrorException($"{path} cannot be read: {e.Message} Remove the dataset and add it again.", e);
        }
    }

    private ReadOnlySpan<float> Floats(string tensor, int start, int count)
    {
        var size = checked((int)(_file[tensor].Shape.Skip(1).Aggregate(1L, (product, side) => product * side) * sizeof(float)));
        return MemoryMarshal.Cast<byte, float>(_file.Bytes(tensor, (long)start * size, checked(count * size)));
    }

    // What is checked here need not be checked by those who index with it.
    private void Check()
    {
        var task = Report.TaskShape;
        var (tensor, type, sides) = Task switch
        {
            TaskKind.ImageClassification => (ImagesTensor, TensorType.U8, new long[] { Channels, Height, Width }),
            TaskKind.SequenceClassification => (ValuesTensor, TensorType.F32, [Channels, Width]),
            TaskKind.Forecasting or TaskKind.TabularClassification or TaskKind.TabularRegression => (ValuesTensor, TensorType.F32, [Channels]),
            TaskKind.LanguageModelling => (LabelsTensor, TensorType.I64, []),
        };
        var examples = _file[tensor];
        if (examples.Type != type || examples.Shape is not [var count, ..] || !examples.Shape.Skip(1).SequenceEqual(sides) || count > int.MaxValue)
            throw Damaged("its examples have another shape than its report says");
        Count = (int)count;
        if (_file[SplitTensor] is not { Type: TensorType.U8, Shape: [var splits] } || splits != count)
            throw Damaged("it has not one split for each example");
        if (Task == TaskKind.TabularRegression && (_file[TargetsTensor] is not { Type: TensorType.F32, Shape: [var rows, var numbers] } || rows != count || numbers != task.Outputs))
            throw Damaged("it has not the numbers to predict for each row");
        if (Task.IsRegression ? (Report.TargetMean.Count, Report.TargetStd.Count) != (Report.TargetNames.Count, Report.TargetNames.Count) : _file[LabelsTensor] is not { Type: TensorType.I64, Shape: [var labels] } || labels != count)
            throw Damaged(Task.IsRegression ? "it has not one mean and one deviation for each number to predict" : "it has not one label for each example");
        foreach (var label in Labels)
            if (label < 0 || label >= Classes.Count)
                throw Damaged($"it has the label {label}, but {Classes.Count} classes");
        if (Splits.ContainsAnyExceptInRange((byte)Split.Train, (byte)Split.Test))
            throw Damaged("it has a split that is not known");
    }

    private UserErrorException Damaged(string how) => new($"The dataset in {_file.Path} is damaged: {how}. Remove it and add it again.");
}
