using NasPlatform.Search.Datasets.Images;

namespace NasPlatform.Tests.Support;

/// <summary>Small images whose every pixel a test can foretell.</summary>
internal static class TinyImages
{
    /// <summary>Interleaved samples in which no two pixels of one image, and no two images of other seeds, are alike.</summary>
    public static byte[] Pixels(int width, int height, int bands, int seed = 0)
    {
        var pixels = new byte[width * height * bands];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(i * 37 + seed * 91 + i / 256 * 11);
        return pixels;
    }

    /// <summary>The same as planes, [C, H, W].</summary>
    public static byte[] Planes(byte[] interleaved, int bands)
    {
        var plane = interleaved.Length / bands;
        var planes = new byte[interleaved.Length];
        for (var i = 0; i < plane; i++)
            for (var band = 0; band < bands; band++)
                planes[band * plane + i] = interleaved[i * bands + band];
        return planes;
    }

    public static byte[] Png(int width, int height, int bands = 3, int seed = 0) =>
        ImageDecoder.Encode(Pixels(width, height, bands, seed), width, height, bands, ".png");

    /// <summary>One colour throughout; lossy formats keep it nearly.</summary>
    public static byte[] Solid(string suffix, int width, int height, params byte[] colour)
    {
        var pixels = new byte[width * height * colour.Length];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = colour[i % colour.Length];
        return ImageDecoder.Encode(pixels, width, height, colour.Length, suffix);
    }
}
