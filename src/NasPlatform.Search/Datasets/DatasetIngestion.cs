using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using NasPlatform.Search.Datasets.Images;
using NasPlatform.Search.Datasets.Layouts;

namespace NasPlatform.Search.Datasets;

/// <summary>
/// Brings a source in: recognises it by content, decodes every image once on all cores, deals out the splits, and writes the
/// dataset's two files. Memory is bounded by the number of cores and the limits, not by the source.
/// </summary>
internal sealed class DatasetIngestion(TimeProvider time, IProgress<IngestProgress>? progress, CancellationToken cancellation)
{
    private const int NamedAtMost = 5;
    private const int UnreadableShare = 10;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the dataset into <paramref name="folder"/>, which the caller makes and, when this fails, removes.</summary>
    /// <exception cref="UserErrorException">The source cannot be used; the message says why and what to do.</exception>
    public DatasetReport Run(string path, string name, string folder, IngestOptions options)
    {
        options.Validate();
        using var source = Recognition.Open(path, options);
        CheckClasses(path, source, source.Examples);
        var work = new ParallelWork(time, progress, cancellation);
        var shape = source.ChooseShape(options, work);
        CheckDisk(folder, source.Examples.Count, shape);

        using var pixels = new PixelStore(Path.Join(folder, "pixels"), shape, source.Examples.Count);
        var unreadable = Decode(source, shape, options, work, pixels);
        CheckUnreadable(path, source, unreadable);
        var kept = Enumerable.Range(0, source.Examples.Count).Where(i => !unreadable.ContainsKey(i)).ToArray();
        var examples = kept.Select(i => source.Examples[i]).ToArray();
        CheckClasses(path, source, examples);

        var splits = StratifiedSplit.Assign(
            [.. examples.Select(example => example.Label)], [.. examples.Select(example => example.Split)],
            options.ValidationFraction, options.TestFraction, new RandomSource(options.Seed).Split("splits"));
        var report = Describe(name, source, examples, splits, shape, options, pixels, kept, unreadable);
        Write(folder, report, examples, splits, kept, pixels);
        return report;
    }

    private static ConcurrentDictionary<int, string> Decode(ExampleSource source, ImageShape shape, IngestOptions options, ParallelWork work, PixelStore pixels)
    {
        var unreadable = new ConcurrentDictionary<int, string>();
        using var buffers = new ThreadLocal<byte[]>(() => new byte[shape.ByteCount]);
        work.Run("decoding", source.Examples.Count, source.Read(), packed =>
        {
            if (packed.Problem is not null)
            {
                unreadable[packed.Index] = packed.Problem;
                return;
            }
            try
            {
                // The factory above makes one for each thread.
                var image = buffers.Value!;
                source.Decode(packed.Bytes, shape, options, image);
                pixels.Put(packed.Index, image);
            }
            catch (ImageException e)
            {
                unreadable[packed.Index] = e.Message;
            }
        });
        return unreadable;
    }

    private static void CheckClasses(string path, ExampleSource source, IReadOnlyCollection<Example> examples)
    {
        if (source.Classes.Count == 1)
            throw new UserErrorException($"{path} has the one class '{source.Classes[0]}'; a classifier needs at least two, each in a folder or with a label of its own.");
        var counts = new int[source.Classes.Count];
        var forTraining = new int[source.Classes.Count];
        foreach (var example in examples)
        {
            counts[example.Label]++;
            if (example.Split is null or Split.Train)
                forTraining[example.Label]++;
        }
        var small = Enumerable.Range(0, counts.Length).Where(label => counts[label] < 2).ToArray();
        if (small.Length > 0)
            throw new UserErrorException($"In {path} {Named(small.Select(label => $"the class '{source.Classes[label]}' has {counts[label]} readable image{(counts[label] == 1 ? "" : "s")}"))}; each needs at least 2. Add images or remove the class.");
        var untrained = Enumerable.Range(0, counts.Length).Where(label => forTraining[label] == 0).ToArray();
        if (untrained.Length > 0)
            throw new UserErrorException($"In {path} {Named(untrained.Select(label => $"the class '{source.Classes[label]}' has no image for training"))}; add some or remove the class.");
    }

    private static void CheckUnreadable(string path, ExampleSource source, ConcurrentDictionary<int, string> unreadable)
    {
        if (unreadable.Count * UnreadableShare <= source.Examples.Count)
            return;
        var first = unreadable.OrderBy(pair => pair.Key).Select(pair => $"{source.Examples[pair.Key].Name} ({pair.Value})");
        throw new UserErrorException($"{unreadable.Count:N0} of {source.Examples.Count:N0} images in {path} cannot be read, more than a tenth: {Named(first)}. Repair or remove them.");
    }

    private static void CheckDisk(string folder, int count, ImageShape shape)
    {
        // Once while decoding, once in the file, and a label and a split each.
        var needed = 2L * count * shape.ByteCount + 9L * count + (1 << 20);
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (needed > free)
            throw new UserErrorException($"{count:N0} images of {shape} need {needed / 1e6:N0} MB while they are brought in, but {Path.GetDirectoryName(folder)} has {free / 1e6:N0} MB free. Free some, or choose a smaller image size.");
    }

    private DatasetReport Describe(string name, ExampleSource source, Example[] examples, Split[] splits, ImageShape shape, IngestOptions options,
        PixelStore pixels, int[] kept, ConcurrentDictionary<int, string> unreadable)
    {
        var counts = new int[source.Classes.Count, 3];
        for (var i = 0; i < examples.Length; i++)
            counts[examples[i].Label, (int)splits[i]]++;
        var classes = source.Classes.Select((title, label) => new ClassCounts(title, counts[label, 0], counts[label, 1], counts[label, 2])).ToArray();
        var (mean, std) = pixels.MeanAndStd(Enumerable.Range(0, kept.Length).Where(i => splits[i] == Split.Train).Select(i => kept[i]));
        return new DatasetReport
        {
            Name = name,
            Source = source.Kind,
            CreatedAt = time.GetUtcNow(),
            Classes = classes,
            Channels = shape.Channels,
            Height = shape.Height,
            Width = shape.Width,
            Fit = options.Fit,
            Mean = mean,
            Std = std,
            Imbalance = (double)classes.Max(entry => entry.Train) / classes.Min(entry => entry.Train),
            Seed = options.Seed,
            Duplicates = Duplicates.Find(examples, splits, [.. kept.Select(pixels.HashOf)]),
            Unreadable = [.. unreadable.OrderBy(pair => pair.Key).Select(pair => new UnreadableFile(source.Examples[pair.Key].Name, pair.Value))],
            Notes = [.. source.Notes, .. SplitNotes(examples, classes)],
        };
    }

    private static IEnumerable<string> SplitNotes(Example[] examples, ClassCounts[] classes)
    {
        if (!examples.Any(example => example.Split == Split.Test))
            yield return $"The source sets no test images aside; {classes.Sum(entry => entry.Test):N0} were taken from those for training, class by class.";
        if (!examples.Any(example => example.Split == Split.Validation))
            yield return $"The source sets no validation images aside; {classes.Sum(entry => entry.Validation):N0} were taken from those for training, class by class.";
        var untested = classes.Where(entry => entry.Test == 0).ToArray();
        if (untested.Length > 0 && classes.Any(entry => entry.Test > 0))
            yield return $"{Named(untested.Select(entry => $"the class '{entry.Name}' has no test image"))}.";
    }

    private void Write(string folder, DatasetReport report, Example[] examples, Split[] splits, int[] kept, PixelStore pixels)
    {
        progress?.Report(new IngestProgress("writing", 0, kept.Length, 0));
        long[] labels = [.. examples.Select(example => (long)example.Label)];
        byte[] splitBytes = [.. splits.Select(split => (byte)split)];
        SafetensorsFile.Write(Path.Join(folder, Dataset.FileName),
        [
            new(Dataset.LabelsTensor, TensorType.I64, [labels.Length], MemoryMarshal.AsBytes<long>(labels).ToArray()),
            new(Dataset.ImagesTensor, TensorType.U8, [kept.Length, report.Channels, report.Height, report.Width], stream => pixels.CopyTo(stream, kept, cancellation)),
            new(Dataset.SplitTensor, TensorType.U8, [splitBytes.Length], splitBytes),
        ], new Dictionary<string, string>
        {
            ["format"] = "nas-dataset/1",
            ["name"] = report.Name,
            ["classes"] = JsonSerializer.Serialize(report.Classes.Select(entry => entry.Name), Json),
        });
        File.WriteAllText(Path.Join(folder, Dataset.ReportName), report.ToJson());
        progress?.Report(new IngestProgress("writing", kept.Length, kept.Length, 0));
    }

    private static string Named(IEnumerable<string> things)
    {
        var some = things.Take(NamedAtMost + 1).ToArray();
        return string.Join("; ", some.Take(NamedAtMost)) + (some.Length > NamedAtMost ? "; and others" : "");
    }
}
