using System.Globalization;
using System.Text;
using NasPlatform.Search.Datasets.Files;
using NasPlatform.Search.Datasets.Images;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>
/// The binary version of CIFAR-10 (records of a label byte and 3,072 bytes: the red, green and blue planes of 32 x 32 pixels) and
/// of CIFAR-100 (a coarse label byte before the fine one), each file gzipped or not. Files with "test" in the name are for the test.
/// </summary>
internal static class CifarBatches
{
    private const int MaxNameFile = 1 << 16;
    private const int MaxCandidates = 64;

    private const string Cifar10NameFile = "batches.meta.txt";
    private const string Cifar100NameFile = "fine_label_names.txt";

    private static readonly ImageShape Shape = new(3, 32, 32);

    private static readonly string[] Cifar10Names =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>The examples, or null when no file is a batch of CIFAR records.</summary>
    /// <exception cref="UserErrorException">A batch is cut short, or a label is out of range.</exception>
    public static ImageSource? TryRead(SourceFiles files, DatasetLimits limits)
    {
        var candidates = Enumerable.Range(0, files.Files.Count).Where(i => !EncodedImages.IsMeantAsImage(files.Files[i])).ToArray();
        if (candidates.Length is 0 or > MaxCandidates)
            return null;
        var lengths = candidates.Select(file => (File: file, Length: PlainLength.Of(files, file, limits))).ToArray();
        var labelLength = new[] { 1, 2 }.FirstOrDefault(length => lengths.Any(file => IsWhole(file.Length, length)));
        var cut = lengths.FirstOrDefault(file => IsNamedAsBatch(files.Files[file.File]) && !IsWhole(file.Length, Math.Max(1, labelLength)), (File: -1, Length: 0));
        if (cut.File >= 0)
            throw new UserErrorException($"{files.Files[cut.File].Name} has {cut.Length:N0} bytes, which is no whole number of CIFAR-10 records of {Shape.ByteCount + 1:N0} bytes: it was cut short or is something else.");
        if (labelLength == 0)
            return null;
        var recordLength = Shape.ByteCount + labelLength;
        var batches = lengths.Where(file => IsWhole(file.Length, labelLength));
        var classes = ClassNames(files, labelLength);
        var parts = new List<RecordFile>();
        var examples = new List<Example>();
        foreach (var (file, length) in batches)
        {
            parts.Add(new RecordFile(file, 0, (int)(length / recordLength), examples.Count));
            AddExamples(files, file, length / recordLength, labelLength, classes.Length, limits, examples);
        }
        var hasTest = examples.Any(example => example.Split == Split.Test) && examples.Any(example => example.Split is null);
        return new RawImages(files, parts, Shape, labelLength, limits)
        {
            Kind = labelLength == 1 ? "CIFAR-10 binaries" : "CIFAR-100 binaries",
            Classes = classes,
            // A test batch alone is the whole dataset.
            Examples = hasTest ? examples : [.. examples.Select(example => example with { Split = null })],
        };
    }

    /// <summary>The same for one batch that was named itself; the classes' names are taken from beside it when they are there.</summary>
    public static ImageSource? TryReadFile(string path, DatasetLimits limits)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        return TryRead(FolderFiles.OfNames(folder, new[] { Path.GetFileName(path), Cifar10NameFile, Cifar100NameFile }.Distinct()), limits);
    }

    private static void AddExamples(SourceFiles files, int file, long count, int labelLength, int classes, DatasetLimits limits, List<Example> examples)
    {
        var name = files.Files[file].Name;
        Split? split = files.Files[file].FileName.Contains("test", StringComparison.OrdinalIgnoreCase) ? Split.Test : null;
        var record = new byte[labelLength + Shape.ByteCount];
        foreach (var (_, content) in files.Read([file]))
        {
            using var plain = new BufferedStream(SourceFiles.Gunzip(content, name, limits), 1 << 16);
            for (var i = 0; i < count; i++)
            {
                plain.ReadExactly(record);
                var label = record[labelLength - 1];
                if (label >= classes)
                    throw new UserErrorException($"{name}: record {i:N0} has the label {label}; {classes} classes have labels 0 to {classes - 1}. The file is damaged or is something else.");
                examples.Add(new Example($"{name}, record {i}", label, split));
            }
        }
    }

    private static string[] ClassNames(SourceFiles files, int labelLength)
    {
        var wanted = labelLength == 1 ? Cifar10NameFile : Cifar100NameFile;
        var count = labelLength == 1 ? 10 : 100;
        var index = Enumerable.Range(0, files.Files.Count).FirstOrDefault(i => files.Files[i].FileName == wanted, -1);
        if (index >= 0)
        {
            var text = Encoding.UTF8.GetString(files.ReadStarts([index], MaxNameFile)[index]);
            var names = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (names.Length != count || names.Distinct(StringComparer.Ordinal).Count() != count)
                throw new UserErrorException($"{files.Files[index].Name} names {names.Length} classes; {count} different ones are needed.");
            return names;
        }
        return labelLength == 1 ? Cifar10Names : [.. Enumerable.Range(0, count).Select(label => label.ToString(CultureInfo.InvariantCulture))];
    }

    private static bool IsWhole(long length, int labelLength) => length > 0 && length % (Shape.ByteCount + labelLength) == 0;

    private static bool IsNamedAsBatch(SourceFile file) =>
        file.FileName.EndsWith(".bin", StringComparison.OrdinalIgnoreCase) || file.FileName.EndsWith(".bin.gz", StringComparison.OrdinalIgnoreCase);
}
