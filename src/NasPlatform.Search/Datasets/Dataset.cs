using System.Runtime.InteropServices;
using System.Text.Json;

namespace NasPlatform.Search.Datasets;

/// <summary>
/// A dataset as it is kept: a folder with dataset.safetensors (images uint8 [N, C, H, W], labels int64 [N], split uint8 [N]) and
/// report.json. The file is mapped into memory, so that opening costs nothing and processes share it. Spans are valid until it is
/// disposed. Reading is safe from several threads.
/// </summary>
public sealed class Dataset : IDisposable
{
    internal const string FileName = "dataset.safetensors";
    internal const string ReportName = "report.json";
    internal const string ImagesTensor = "images";
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

    /// <summary>Examples in all splits.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of an image: channels times height times width.</summary>
    public int ImageBytes => Channels * Height * Width;

    /// <summary>Mean of each channel over the training split, 0 to 1.</summary>
    public IReadOnlyList<double> Mean => Report.Mean;

    /// <summary>Standard deviation of each channel over the training split, in the same units.</summary>
    public IReadOnlyList<double> Std => Report.Std;

    /// <summary>Class of each example, 0 to the number of classes - 1.</summary>
    public ReadOnlySpan<long> Labels => MemoryMarshal.Cast<byte, long>(_file.Bytes(LabelsTensor));

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

    /// <summary>The numbers of the examples of a split, in the order of the file.</summary>
    public int[] Indices(Split split)
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

    // What is checked here need not be checked by those who index with it.
    private void Check()
    {
        var images = _file[ImagesTensor];
        if (images.Type != TensorType.U8 || images.Shape is not [var count, var channels, var height, var width]
            || (channels, height, width) != (Channels, Height, Width) || count > int.MaxValue)
            throw Damaged("its images have another shape than its report says");
        Count = (int)count;
        if (_file[LabelsTensor] is not { Type: TensorType.I64, Shape: [var labels] } || labels != count
            || _file[SplitTensor] is not { Type: TensorType.U8, Shape: [var splits] } || splits != count)
            throw Damaged("it has not one label and one split for each image");
        foreach (var label in Labels)
            if (label < 0 || label >= Classes.Count)
                throw Damaged($"it has the label {label}, but {Classes.Count} classes");
        if (Splits.ContainsAnyExceptInRange((byte)Split.Train, (byte)Split.Test))
            throw Damaged("it has a split that is not known");
    }

    private UserErrorException Damaged(string how) => new($"The dataset in {_file.Path} is damaged: {how}. Remove it and add it again.");
}
