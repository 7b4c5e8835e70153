using System.Runtime.InteropServices;

namespace NasPlatform.Search.Datasets.Images;

/// <summary>
/// Turns untrusted image files into bytes for a network, through libnas_image.so (libvips), BMP by our own reader. The kind of
/// file is told by its content, and its header is held against the limits before a pixel is unpacked. Safe for use by several threads.
/// </summary>
public static unsafe class ImageDecoder
{
    private const int ErrorSize = 512;

    private static readonly Lazy<bool> Library = new(() =>
    {
        NativeImages.WithoutModules();
        return NativeLibrary.TryLoad(NativeImages.Library, typeof(ImageDecoder).Assembly, null, out _);
    });

    /// <summary>Reads what the file says of itself; no pixel is decoded. Of JPEG and PNG the first part of a file is enough.</summary>
    /// <exception cref="ImageException">It is no image that can be read, or it is over a limit.</exception>
    public static ImageHeader ReadHeader(ReadOnlySpan<byte> file, DatasetLimits limits)
    {
        CheckLength(file, limits);
        if (BmpReader.Recognises(file))
            return BmpReader.ReadHeader(file, limits);
        CheckLibrary();
        var error = stackalloc byte[ErrorSize];
        var native = Native(limits);
        NativeImages.Header header;
        int failed;
        fixed (byte* data = file)
            failed = NativeImages.ReadHeader(data, (nuint)file.Length, native, out header, error, ErrorSize);
        Check(failed, error);
        return new ImageHeader((ImageFormat)header.Format, header.Width, header.Height, header.Bands, header.Bits, header.Orientation);
    }

    /// <summary>
    /// Decodes the first frame or page: turned upright by its EXIF orientation, alpha laid on white, palette expanded, 16 bits
    /// scaled to 8, CMYK to sRGB, colour to grey by the weights of ITU-R BT.601 and grey to three equal channels as
    /// <paramref name="shape"/> asks, resampled (Lanczos) to its size.
    /// </summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="shape">Channels and size of the result.</param>
    /// <param name="fit">What happens when the proportions differ.</param>
    /// <param name="limits">What the image may ask of the machine.</param>
    /// <param name="destination">Takes the result, [C, H, W].</param>
    /// <exception cref="ImageException">It is no image that can be read, damaged or cut short, or over a limit.</exception>
    public static void Decode(ReadOnlySpan<byte> file, ImageShape shape, ImageFit fit, DatasetLimits limits, Span<byte> destination)
    {
        CheckLength(file, limits);
        if (BmpReader.Recognises(file))
        {
            var (pixels, width, height, bands) = BmpReader.Decode(file, limits);
            FitPixels(pixels, width, height, bands, row: (long)width * bands, pixel: bands, band: 1, shape, fit, destination);
            return;
        }
        CheckDestination(shape, destination);
        CheckLibrary();
        var error = stackalloc byte[ErrorSize];
        int failed;
        fixed (byte* data = file, planes = destination)
            failed = NativeImages.Decode(data, (nuint)file.Length, Native(limits), Native(shape, fit), planes, error, ErrorSize);
        Check(failed, error);
    }

    /// <summary>Brings an image of bytes, [C, H, W] of the shape <paramref name="from"/>, to another shape in the way of <see cref="Decode"/>.</summary>
    public static void Resize(ReadOnlySpan<byte> image, ImageShape from, ImageShape to, ImageFit fit, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(image.Length, from.ByteCount, nameof(image));
        FitPixels(image, from.Width, from.Height, from.Channels, row: from.Width, pixel: 1, band: (long)from.Width * from.Height, to, fit, destination);
    }

    /// <summary>
    /// Writes interleaved 8-bit samples, or 16-bit ones in the machine's byte order, as an image file. <paramref name="suffix"/> names
    /// the format and its settings as libvips does: ".png", ".png[palette]", ".jpg[Q=90]", ".webp[lossless]", ".gif", ".tif".
    /// </summary>
    internal static byte[] Encode(ReadOnlySpan<byte> pixels, int width, int height, int bands, string suffix, int bits = 8, bool cmyk = false, int orientation = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(pixels.Length, checked(width * height * bands * bits / 8), nameof(pixels));
        CheckLibrary();
        var error = stackalloc byte[ErrorSize];
        byte* file;
        nuint length;
        int failed;
        fixed (byte* data = pixels)
            failed = NativeImages.Encode(data, width, height, bands, bits, cmyk ? 1 : 0, orientation, suffix, out file, out length, error, ErrorSize);
        Check(failed, error);
        var bytes = new ReadOnlySpan<byte>(file, checked((int)length)).ToArray();
        NativeImages.Free(file);
        return bytes;
    }

    private static void FitPixels(ReadOnlySpan<byte> samples, int width, int height, int bands, long row, long pixel, long band,
        ImageShape shape, ImageFit fit, Span<byte> destination)
    {
        CheckDestination(shape, destination);
        CheckLibrary();
        var error = stackalloc byte[ErrorSize];
        int failed;
        fixed (byte* data = samples, planes = destination)
        {
            var pixels = new NativeImages.Pixels((nint)data, width, height, bands, row, pixel, band);
            failed = NativeImages.FitPixels(pixels, Native(shape, fit), planes, error, ErrorSize);
        }
        Check(failed, error);
    }

    private static void CheckLibrary()
    {
        if (!Library.Value)
            throw new UserErrorException($"lib{NativeImages.Library}.so, which decodes images, or libvips, which it needs, is missing. Build it: cmake -S src/native -B build/native && cmake --build build/native, then build the program again.");
    }

    private static void CheckLength(ReadOnlySpan<byte> file, DatasetLimits limits)
    {
        if (file.IsEmpty)
            throw new ImageException("the file is empty");
        if (file.Length > limits.MaxImageBytes)
            throw new ImageException($"the file has {file.Length:N0} bytes; the limit is {limits.MaxImageBytes:N0}");
    }

    private static void CheckDestination(ImageShape shape, Span<byte> destination) =>
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, shape.ByteCount, nameof(destination));

    private static NativeImages.Limits Native(DatasetLimits limits) => new(limits.MaxImagePixels, limits.MaxImageMemory, limits.MaxImageSide);

    private static NativeImages.Target Native(ImageShape shape, ImageFit fit) => new(shape.Width, shape.Height, shape.Channels, (int)fit);

    private static void Check(int failed, byte* error)
    {
        if (failed != 0)
            throw new ImageException(Marshal.PtrToStringUTF8((nint)error) ?? "unknown reason");
    }
}
