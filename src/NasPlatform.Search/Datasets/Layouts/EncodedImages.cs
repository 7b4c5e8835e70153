using System.Buffers;
using NasPlatform.Search.Datasets.Files;
using NasPlatform.Search.Datasets.Images;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>Examples that are one image file each.</summary>
/// <param name="files">Where the image files are.</param>
/// <param name="fileOfExample">Index in the files of each example; -1 for one that is missing there.</param>
/// <param name="limits">What an image may ask of the machine.</param>
internal sealed class EncodedImages(SourceFiles files, int[] fileOfExample, DatasetLimits limits) : ImageSource(files)
{
    private const int LargestDefaultSide = 64;

    // JPEG and PNG say all in their first part; a header beyond that is rare and only leaves its image out of the measuring.
    private const int HeaderPart = 1 << 16;

    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff",
        // Not read, but their owner takes them for images and must be told.
        ".heic", ".heif", ".avif", ".jp2", ".jxl", ".svg", ".psd", ".ico", ".tga", ".ppm", ".pgm",
    };

    /// <summary>Whether a file is meant as an image, readable or not: one that is damaged is to be named, not passed over.</summary>
    public static bool IsMeantAsImage(SourceFile file) => Extensions.Contains(Path.GetExtension(file.FileName));

    /// <inheritdoc/>
    public override IEnumerable<PackedExample> Read() => Read(headersOnly: false);

    /// <inheritdoc/>
    public override ImageShape ChooseShape(IngestOptions options, ParallelWork work)
    {
        var height = options.Height ?? options.Width;
        var width = options.Width ?? options.Height;
        if (height is not null && width is not null && options.Channels is { } wanted)
            return new ImageShape(wanted, height.Value, width.Value);
        var headers = new ImageHeader?[Examples.Count];
        work.Run("reading sizes", Examples.Count, Read(headersOnly: true), packed =>
        {
            try
            {
                if (packed.Problem is null)
                    headers[packed.Index] = ImageDecoder.ReadHeader(packed.Bytes, limits);
            }
            catch (ImageException)
            {
                // Decoding will meet it again and keep the reason.
            }
        });
        var known = headers.OfType<ImageHeader>().ToArray();
        var channels = options.Channels ?? (known.Length > 0 && known.All(header => header.IsGrey) ? 1 : 3);
        NoteColours(known, channels);
        return height is not null && width is not null
            ? new ImageShape(channels, height.Value, width.Value)
            : SuitableSize(known, channels);
    }

    /// <inheritdoc/>
    public override void Decode(ReadOnlySpan<byte> packed, ImageShape shape, IngestOptions options, Span<byte> destination) =>
        ImageDecoder.Decode(packed, shape, options.Fit, limits, destination);

    private void NoteColours(ImageHeader[] known, int channels)
    {
        var grey = known.Count(header => header.IsGrey);
        var colour = known.Length - grey;
        if (channels == 3 && grey > 0)
            Notes.Add($"{grey:N0} of {known.Length:N0} images are grey and were given three equal colour channels.");
        if (channels == 1 && colour > 0)
            Notes.Add($"{colour:N0} of {known.Length:N0} images have colour and were turned grey.");
    }

    private ImageShape SuitableSize(ImageHeader[] known, int channels)
    {
        if (known.Length == 0)
            return new ImageShape(channels, LargestDefaultSide, LargestDefaultSide);
        var (width, height) = (known[0].UprightWidth, known[0].UprightHeight);
        if (known.All(header => (header.UprightWidth, header.UprightHeight) == (width, height)) && width <= LargestDefaultSide && height <= LargestDefaultSide)
            return new ImageShape(channels, height, width);
        var shortSides = known.Select(header => Math.Min(header.Width, header.Height)).Order().ToArray();
        var side = Math.Min(LargestDefaultSide, shortSides[shortSides.Length / 2]);
        Notes.Add($"Images of {known.Min(header => header.UprightWidth)} to {known.Max(header => header.UprightWidth)} by {known.Min(header => header.UprightHeight)} to {known.Max(header => header.UprightHeight)} pixels were brought to {side} x {side}.");
        return new ImageShape(channels, side, side);
    }

    private IEnumerable<PackedExample> Read(bool headersOnly)
    {
        var exampleOfFile = new Dictionary<int, int>(fileOfExample.Length);
        for (var example = 0; example < fileOfExample.Length; example++)
        {
            if (fileOfExample[example] >= 0)
                exampleOfFile.Add(fileOfExample[example], example);
            else
                yield return PackedExample.Unreadable(example, "there is no such file");
        }
        foreach (var (file, content) in Source.Read(exampleOfFile.Keys))
            yield return Pack(exampleOfFile[file], Source.Files[file].Length, content, headersOnly);
    }

    private PackedExample Pack(int example, long fileLength, Stream content, bool headersOnly)
    {
        if (fileLength > limits.MaxImageBytes)
            return PackedExample.Unreadable(example, $"the file has {fileLength:N0} bytes; the limit is {limits.MaxImageBytes:N0}");
        var buffer = ArrayPool<byte>.Shared.Rent((int)fileLength + 1);
        try
        {
            var part = headersOnly ? Math.Min(HeaderPart, buffer.Length) : buffer.Length;
            var length = content.ReadAtLeast(buffer.AsSpan(0, part), part, throwOnEndOfStream: false);
            if (length == part && headersOnly && !SaysAllAtItsStart(buffer))
                length += content.ReadAtLeast(buffer.AsSpan(length), buffer.Length - length, throwOnEndOfStream: false);
            return new PackedExample(example, buffer, length, null);
        }
        catch (Exception e) when (SourceFiles.IsDamage(e))
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return PackedExample.Unreadable(example, e.Message);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private static bool SaysAllAtItsStart(ReadOnlySpan<byte> file) => file is [0xFF, 0xD8, ..] or [0x89, (byte)'P', ..];
}
