using System.Buffers.Binary;
using System.Globalization;
using NasPlatform.Search.Datasets.Files;
using NasPlatform.Search.Datasets.Images;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>
/// Images and labels in the IDX format as MNIST ships them, gzipped or not: big-endian magic number 2051, count, rows, columns and
/// a byte a pixel; 2049, count and a byte a label. Told by these numbers; the names say which pair is for the test.
/// </summary>
internal static class IdxFiles
{
    private const int ImagesMagic = 0x803;
    private const int LabelsMagic = 0x801;
    private const int ImagesHeader = 16;
    private const int LabelsHeader = 8;
    private const int MaxCandidates = 64;

    private sealed record IdxFile(int Index, string Name, int Magic, long Count, long Rows, long Columns);

    /// <summary>The examples, or null when no file is an IDX file.</summary>
    /// <exception cref="UserErrorException">A header lies, a label is out of range, or images and labels do not pair up.</exception>
    public static ImageSource? TryRead(SourceFiles files, string path, IngestOptions options)
    {
        var found = Find(files);
        if (found.Count == 0)
            return null;
        var pairs = Pair(found, path);
        var parts = new List<RecordFile>();
        var values = new List<(byte Value, string File, int Record, Split? Split)>();
        var shape = new ImageShape(1, (int)pairs[0].Images.Rows, (int)pairs[0].Images.Columns);
        foreach (var (split, images, labels) in pairs)
        {
            Check(files, images, labels, shape, options.Limits);
            parts.Add(new RecordFile(images.Index, ImagesHeader, (int)images.Count, values.Count));
            values.AddRange(ReadLabels(files, labels, options.Limits).Select((value, record) => (value, images.Name, record, split)));
        }
        var (classes, labelOfValue) = Classes(values.Select(example => example.Value), pairs, options.ClassNames);
        return new RawImages(files, parts, shape, labelLength: 0, options.Limits)
        {
            Kind = "IDX files",
            Classes = classes,
            Examples = [.. values.Select(example => new Example($"{example.File}, image {example.Record}", labelOfValue[example.Value], example.Split))],
        };
    }

    /// <summary>The same for one file that was named itself: the one with the labels, or with the images, is looked for beside it.</summary>
    public static ImageSource? TryReadFile(string path, IngestOptions options)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        var name = Path.GetFileName(path);
        var partner = name.Contains("labels", StringComparison.OrdinalIgnoreCase)
            ? name.Replace("labels", "images", StringComparison.OrdinalIgnoreCase).Replace("idx1", "idx3", StringComparison.OrdinalIgnoreCase)
            : name.Replace("images", "labels", StringComparison.OrdinalIgnoreCase).Replace("idx3", "idx1", StringComparison.OrdinalIgnoreCase);
        return TryRead(FolderFiles.OfNames(folder, new[] { name, partner }.Distinct()), path, options);
    }

    private static List<IdxFile> Find(SourceFiles files)
    {
        var candidates = Enumerable.Range(0, files.Files.Count).Where(i => !EncodedImages.IsMeantAsImage(files.Files[i])).ToArray();
        if (candidates.Length is 0 or > MaxCandidates)
            return [];
        var found = new List<IdxFile>();
        foreach (var (index, start) in files.ReadStarts(candidates, ImagesHeader))
        {
            // Two zero bytes, the type of the elements, the number of dimensions.
            if (start is not [0, 0, 0x08 or 0x09 or 0x0B or 0x0C or 0x0D or 0x0E, >= 1 and <= 4, ..])
                continue;
            var name = files.Files[index].Name;
            var magic = BinaryPrimitives.ReadInt32BigEndian(start);
            if (magic is not (ImagesMagic or LabelsMagic))
                throw new UserErrorException($"{name} is an IDX file with the magic number {magic}; images of bytes have {ImagesMagic}, labels have {LabelsMagic}.");
            if (start.Length < (magic == ImagesMagic ? ImagesHeader : LabelsHeader))
                throw new UserErrorException($"{name} ends in the middle of its header: it was cut short.");
            found.Add(magic == ImagesMagic
                ? new IdxFile(index, name, magic, Number(start, 4), Number(start, 8), Number(start, 12))
                : new IdxFile(index, name, magic, Number(start, 4), 0, 0));
        }
        return found;

        static long Number(ReadOnlySpan<byte> start, int at) => BinaryPrimitives.ReadUInt32BigEndian(start[at..]);
    }

    private static List<(Split? Split, IdxFile Images, IdxFile Labels)> Pair(List<IdxFile> found, string path)
    {
        var pairs = new List<(Split? Split, IdxFile Images, IdxFile Labels)>();
        foreach (var group in found.GroupBy(SplitOf).OrderBy(group => group.Key))
        {
            var images = group.Where(file => file.Magic == ImagesMagic).ToArray();
            var labels = group.Where(file => file.Magic == LabelsMagic).ToArray();
            if (images is not [var oneImages] || labels is not [var oneLabels])
                throw new UserErrorException($"{path} has {images.Length} IDX files of images and {labels.Length} of labels{(group.Key is { } split ? $" for {split.ToString().ToLowerInvariant()}" : "")} ({string.Join(", ", group.Select(file => file.Name))}); one of each is needed, such as train-images-idx3-ubyte and train-labels-idx1-ubyte.");
            pairs.Add((group.Key, oneImages, oneLabels));
        }
        // A pair alone is the whole dataset, whatever it is called.
        return pairs is [var only] ? [(null, only.Images, only.Labels)] : pairs;
    }

    private static Split? SplitOf(IdxFile file)
    {
        var name = file.Name[(file.Name.LastIndexOf('/') + 1)..];
        return Has("t10k") || Has("test") ? Split.Test : Has("valid") ? Split.Validation : Has("train") ? Split.Train : null;

        bool Has(string part) => name.Contains(part, StringComparison.OrdinalIgnoreCase);
    }

    private static void Check(SourceFiles files, IdxFile images, IdxFile labels, ImageShape shape, DatasetLimits limits)
    {
        if (images.Rows is 0 || images.Columns is 0 || images.Rows > limits.MaxImageSide || images.Columns > limits.MaxImageSide || images.Rows * images.Columns > limits.MaxImagePixels)
            throw new UserErrorException($"The header of {images.Name} claims images of {images.Columns} x {images.Rows} pixels; the limits are {limits.MaxImageSide:N0} a side and {limits.MaxImagePixels:N0} in all.");
        if ((images.Rows, images.Columns) != (shape.Height, shape.Width))
            throw new UserErrorException($"{images.Name} has images of {images.Columns} x {images.Rows} pixels, the other file of {shape.Width} x {shape.Height}; both must be the same.");
        if (images.Count != labels.Count)
            throw new UserErrorException($"{images.Name} claims {images.Count:N0} images but {labels.Name} claims {labels.Count:N0} labels; they do not belong together, or one was cut short.");
        CheckLength(files, images, ImagesHeader + images.Count * images.Rows * images.Columns, limits);
        CheckLength(files, labels, LabelsHeader + labels.Count, limits);
    }

    private static void CheckLength(SourceFiles files, IdxFile file, long claimed, DatasetLimits limits)
    {
        var length = PlainLength.Of(files, file.Index, limits);
        if (length != claimed)
            throw new UserErrorException($"The header of {file.Name} lies: by its counts the file has {claimed:N0} bytes, but it has {length:N0}. It was cut short or is not what it seems.");
    }

    private static byte[] ReadLabels(SourceFiles files, IdxFile labels, DatasetLimits limits)
    {
        var values = new byte[LabelsHeader + labels.Count];
        foreach (var (_, content) in files.Read([labels.Index]))
        {
            using var plain = SourceFiles.Gunzip(content, labels.Name, limits);
            plain.ReadExactly(values);
        }
        return values[LabelsHeader..];
    }

    // Without names, the values that occur are the classes: some sets start at 1.
    private static (string[] Classes, Dictionary<byte, int> LabelOfValue) Classes(
        IEnumerable<byte> values, List<(Split? Split, IdxFile Images, IdxFile Labels)> pairs, IReadOnlyList<string>? names)
    {
        var occurring = values.Distinct().Order().ToArray();
        if (names is null)
            return ([.. occurring.Select(value => value.ToString(CultureInfo.InvariantCulture))], occurring.Index().ToDictionary(pair => pair.Item, pair => pair.Index));
        if (occurring.Length > 0 && occurring[^1] >= names.Count)
            throw new UserErrorException($"{string.Join(" or ", pairs.Select(pair => pair.Labels.Name))} has the label {occurring[^1]}, but {names.Count} classes were named, so labels go from 0 to {names.Count - 1}.");
        return ([.. names], occurring.ToDictionary(value => value, value => (int)value));
    }
}
