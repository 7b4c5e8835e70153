using NasPlatform.Search.Datasets.Files;
using NasPlatform.Search.Datasets.Images;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>An example of a source.</summary>
/// <param name="Name">What to call it in a report: the file's path, or the file and the record's number.</param>
/// <param name="Label">Index of its class.</param>
/// <param name="Split">What the source sets it aside for; null when it does not say.</param>
internal readonly record struct Example(string Name, int Label, Split? Split);

/// <summary>Images in the order that the dataset will have, with their labels known and their pixels still packed.</summary>
internal abstract class ImageSource(SourceFiles files) : DatasetSource(files)
{
    public required IReadOnlyList<string> Classes { get; init; }

    public required IReadOnlyList<Example> Examples { get; init; }

    /// <summary>The packed examples, each once, in the order that is cheapest to read. The receiver disposes each.</summary>
    public abstract IEnumerable<PackedExample> Read();

    /// <summary>The shape that the options ask for, and where they do not say, one that suits the images. May read all headers.</summary>
    public abstract ImageShape ChooseShape(IngestOptions options, ParallelWork work);

    /// <summary>Unpacks one example, [C, H, W]. Safe for use by several threads.</summary>
    /// <exception cref="ImageException">It cannot be read.</exception>
    public abstract void Decode(ReadOnlySpan<byte> packed, ImageShape shape, IngestOptions options, Span<byte> destination);

    /// <inheritdoc/>
    public override DatasetContent Take(IngestJob job) => ImageIngestion.Run(this, job);
}
