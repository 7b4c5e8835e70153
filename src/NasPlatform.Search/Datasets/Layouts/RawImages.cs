using System.Buffers;
using NasPlatform.Search.Datasets.Files;
using NasPlatform.Search.Datasets.Images;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>A file of records of equal length, each with the planes of an image.</summary>
/// <param name="File">Index among the source's files.</param>
/// <param name="HeaderLength">Bytes before the first record.</param>
/// <param name="Count">Records.</param>
/// <param name="FirstExample">Number of the first record's example; the others follow.</param>
internal sealed record RecordFile(int File, int HeaderLength, int Count, int FirstExample);

/// <summary>Examples that lie unpacked in a few files, as MNIST and CIFAR-10 ship.</summary>
/// <param name="files">Where the files are.</param>
/// <param name="parts">The files.</param>
/// <param name="shape">Shape of each image.</param>
/// <param name="labelLength">Bytes of a record before its pixels.</param>
/// <param name="limits">What the files may ask of the machine.</param>
internal sealed class RawImages(SourceFiles files, IReadOnlyList<RecordFile> parts, ImageShape shape, int labelLength, DatasetLimits limits) : ImageSource(files)
{
    /// <inheritdoc/>
    public override IEnumerable<PackedExample> Read()
    {
        var partOfFile = parts.ToDictionary(part => part.File);
        foreach (var (file, content) in Source.Read([.. parts.Select(part => part.File)]))
        {
            using var plain = SourceFiles.Gunzip(content, Source.Files[file].Name, limits);
            var part = partOfFile[file];
            ReadExactly(plain, part, new byte[part.HeaderLength]);
            for (var i = 0; i < part.Count; i++)
            {
                var buffer = ArrayPool<byte>.Shared.Rent(labelLength + shape.ByteCount);
                ReadExactly(plain, part, buffer.AsSpan(0, labelLength + shape.ByteCount));
                yield return new PackedExample(part.FirstExample + i, buffer, labelLength + shape.ByteCount, null);
            }
        }
    }

    /// <inheritdoc/>
    public override ImageShape ChooseShape(IngestOptions options, ParallelWork work) => new(
        options.Channels ?? shape.Channels,
        options.Height ?? options.Width ?? shape.Height,
        options.Width ?? options.Height ?? shape.Width);

    /// <inheritdoc/>
    public override void Decode(ReadOnlySpan<byte> packed, ImageShape wanted, IngestOptions options, Span<byte> destination)
    {
        var pixels = packed[labelLength..];
        if (wanted == shape)
            pixels.CopyTo(destination);
        else
            ImageDecoder.Resize(pixels, shape, wanted, options.Fit, destination);
    }

    private void ReadExactly(Stream content, RecordFile part, Span<byte> buffer)
    {
        try
        {
            content.ReadExactly(buffer);
        }
        catch (Exception e) when (SourceFiles.IsDamage(e))
        {
            throw new UserErrorException($"{Source.Files[part.File].Name} is damaged: {e.Message}", e);
        }
    }
}
