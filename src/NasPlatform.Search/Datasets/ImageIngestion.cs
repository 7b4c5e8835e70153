using System.Collections.Concurrent;
using NasPlatform.Search.Datasets.Images;
using NasPlatform.Search.Datasets.Layouts;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Datasets;

/// <summary>
/// Decodes every image of a source once on all cores and deals out the splits. Memory is bounded by the number of cores and the limits, not by the source.
/// </summary>
internal static class ImageIngestion
{
    private const int UnreadableShare = 10;

    /// <exception cref="UserErrorException">The source cannot be used; the message says why and what to do.</exception>
    public static DatasetContent Run(ImageSource source, IngestJob job)
    {
        var options = job.Options;
        Labelled.CheckClasses(job.Path, source.Classes, source.Examples, TaskKind.ImageClassification);
        var shape = source.ChooseShape(options, job.Work);
        // Once while decoding, once in the file, and a label and a split each.
        job.CheckDisk(2L * source.Examples.Count * shape.ByteCount + 9L * source.Examples.Count + (1 << 20), $"{source.Examples.Count:N0} images of {shape}", "choose a smaller image size");

        var pixels = new PixelStore(Path.Join(job.Folder, "pixels"), shape, source.Examples.Count);
        try
        {
            var unreadable = Decode(source, shape, job, pixels);
            CheckUnreadable(job.Path, source, unreadable);
            var kept = Enumerable.Range(0, source.Examples.Count).Where(i => !unreadable.ContainsKey(i)).ToArray();
            var examples = kept.Select(i => source.Examples[i]).ToArray();
            Labelled.CheckClasses(job.Path, source.Classes, examples, TaskKind.ImageClassification);

            var splits = Labelled.Deal(examples, options);
            var report = Describe(source, examples, splits, shape, job, pixels, kept, unreadable);
            return new DatasetContent(
                report,
                [
                    new(Dataset.ImagesTensor, TensorType.U8, [kept.Length, report.Channels, report.Height, report.Width], stream => pixels.CopyTo(stream, kept, job.Cancellation)),
                    .. Labelled.Tensors(examples, splits),
                ],
                pixels);
        }
        catch
        {
            pixels.Dispose();
            throw;
        }
    }

    private static ConcurrentDictionary<int, string> Decode(ImageSource source, ImageShape shape, IngestJob job, PixelStore pixels)
    {
        var unreadable = new ConcurrentDictionary<int, string>();
        using var buffers = new ThreadLocal<byte[]>(() => new byte[shape.ByteCount]);
        job.Work.Run("decoding", source.Examples.Count, source.Read(), packed =>
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
                source.Decode(packed.Bytes, shape, job.Options, image);
                pixels.Put(packed.Index, image);
            }
            catch (ImageException e)
            {
                unreadable[packed.Index] = e.Message;
            }
        });
        return unreadable;
    }

    private static void CheckUnreadable(string path, ImageSource source, ConcurrentDictionary<int, string> unreadable)
    {
        if (unreadable.Count * UnreadableShare <= source.Examples.Count)
            return;
        var first = unreadable.OrderBy(pair => pair.Key).Select(pair => $"{source.Examples[pair.Key].Name} ({pair.Value})");
        throw new UserErrorException($"{unreadable.Count:N0} of {source.Examples.Count:N0} images in {path} cannot be read, more than a tenth: {Labelled.Named(first)}. Repair or remove them.");
    }

    private static DatasetReport Describe(ImageSource source, Example[] examples, Split[] splits, ImageShape shape, IngestJob job,
        PixelStore pixels, int[] kept, ConcurrentDictionary<int, string> unreadable)
    {
        var classes = Labelled.Count(source.Classes, examples, splits);
        var (mean, std) = pixels.MeanAndStd(Enumerable.Range(0, kept.Length).Where(i => splits[i] == Split.Train).Select(i => kept[i]));
        return job.Report(source) with
        {
            Classes = classes,
            Channels = shape.Channels,
            Height = shape.Height,
            Width = shape.Width,
            Mean = mean,
            Std = std,
            Imbalance = Labelled.Imbalance(classes),
            Duplicates = Duplicates.Find(examples, splits, [.. kept.Select(pixels.HashOf)]),
            Unreadable = [.. unreadable.OrderBy(pair => pair.Key).Select(pair => new UnreadableFile(source.Examples[pair.Key].Name, pair.Value))],
            Notes = [.. source.Notes, .. Labelled.SplitNotes(examples, classes, TaskKind.ImageClassification)],
        };
    }
}
