using NasPlatform.Search.Datasets;
using NasPlatform.Search.Datasets.Images;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Datasets;

namespace NasPlatform.Tests.Datasets;

public sealed class PngWriterTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 28, 28)]
    [InlineData(3, 7, 13)]
    [InlineData(3, 512, 3)]
    public void A_decoder_reads_what_was_written(int channels, int height, int width)
    {
        var pixels = TinyImages.Planes(TinyImages.Pixels(width, height, channels), channels);

        var file = PngWriter.Write(pixels, channels, height, width);

        var decoded = new byte[pixels.Length];
        ImageDecoder.Decode(file, new ImageShape(channels, height, width), ImageFit.Stretch, new DatasetLimits(), decoded);
        Assert.Equal(new ImageHeader(ImageFormat.Png, width, height, channels, 8, 1), ImageDecoder.ReadHeader(file, new DatasetLimits()));
        Assert.Equal(pixels, decoded);
    }
}
