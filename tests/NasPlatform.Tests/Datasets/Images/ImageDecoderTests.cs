using System.IO.Hashing;
using System.Text;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Datasets.Images;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Datasets.Images;

public sealed class ImageDecoderTests
{
    private static readonly DatasetLimits Limits = new();

    [Theory]
    [InlineData(".png", ImageFormat.Png)]
    [InlineData(".png[interlace]", ImageFormat.Png)]
    [InlineData(".tif", ImageFormat.Tiff)]
    [InlineData(".tif[tile,compression=deflate]", ImageFormat.Tiff)]
    [InlineData(".webp[lossless]", ImageFormat.WebP)]
    public void Lossless_files_give_their_pixels(string suffix, ImageFormat format)
    {
        var pixels = TinyImages.Pixels(13, 7, 3);
        var file = ImageDecoder.Encode(pixels, 13, 7, 3, suffix);

        Assert.Equal(new ImageHeader(format, 13, 7, 3, 8, 1), ImageDecoder.ReadHeader(file, Limits) with { Bands = 3 });
        Assert.Equal(TinyImages.Planes(pixels, 3), Decode(file, new ImageShape(3, 7, 13)));
    }

    [Theory]
    [InlineData(".jpg[Q=95]", ImageFormat.Jpeg)]
    [InlineData(".jpg[Q=95,interlace]", ImageFormat.Jpeg)]
    [InlineData(".webp[Q=95]", ImageFormat.WebP)]
    [InlineData(".gif", ImageFormat.Gif)]
    public void Lossy_files_give_nearly_their_colour(string suffix, ImageFormat format)
    {
        var file = TinyImages.Solid(suffix, 16, 12, 200, 90, 30);

        var decoded = Decode(file, new ImageShape(3, 12, 16));

        Assert.Equal(format, ImageDecoder.ReadHeader(file, Limits).Format);
        for (var i = 0; i < 192; i++)
        {
            Assert.InRange(decoded[i], 196, 204);
            Assert.InRange(decoded[192 + i], 86, 94);
            Assert.InRange(decoded[384 + i], 26, 34);
        }
    }

    [Theory]
    [InlineData(".png")]
    [InlineData(".jpg[Q=100]")]
    public void Grey_is_told_and_given_three_equal_channels_when_asked(string suffix)
    {
        var file = TinyImages.Solid(suffix, 8, 8, 77);

        Assert.True(ImageDecoder.ReadHeader(file, Limits).IsGrey);
        Assert.All(Decode(file, new ImageShape(1, 8, 8)), value => Assert.Equal(77, value));
        Assert.All(Decode(file, new ImageShape(3, 8, 8)), value => Assert.Equal(77, value));
    }

    [Theory]
    [InlineData(255, 0, 0, 76)]
    [InlineData(0, 255, 0, 150)]
    [InlineData(0, 0, 255, 29)]
    [InlineData(10, 20, 30, 18)]
    public void Colour_turns_grey_by_the_weights_of_BT_601(byte red, byte green, byte blue, byte grey) =>
        Assert.All(Decode(TinyImages.Solid(".png", 4, 4, red, green, blue), new ImageShape(1, 4, 4)), value => Assert.Equal(grey, value));

    [Theory]
    [InlineData(".png")]
    [InlineData(".webp[lossless]")]
    [InlineData(".tif")]
    public void Alpha_is_laid_on_white(string suffix)
    {
        byte[] pixels = [200, 100, 0, 255, 200, 100, 0, 0, 200, 100, 0, 51];
        var file = ImageDecoder.Encode(pixels, 3, 1, 4, suffix);

        Assert.Equal([200, 255, 244, 100, 255, 224, 0, 255, 204], Decode(file, new ImageShape(3, 1, 3)));
    }

    [Fact]
    public void Grey_with_alpha_is_laid_on_white_and_stays_grey()
    {
        var file = ImageDecoder.Encode([0, 255, 0, 0, 0, 51], 3, 1, 2, ".png");

        Assert.True(ImageDecoder.ReadHeader(file, Limits).IsGrey);
        Assert.Equal([0, 255, 204], Decode(file, new ImageShape(1, 1, 3)));
    }

    [Fact]
    public void A_palette_is_expanded()
    {
        byte[] pixels = [255, 0, 0, 0, 0, 255, 255, 0, 0, 0, 255, 0];
        var file = ImageDecoder.Encode(pixels, 2, 2, 3, ".png[palette,bitdepth=2]");

        Assert.Equal([255, 0, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0], Decode(file, new ImageShape(3, 2, 2)));
    }

    [Theory]
    [InlineData(".png", 1)]
    [InlineData(".png", 3)]
    [InlineData(".tif", 3)]
    public void Sixteen_bits_are_scaled_to_eight(string suffix, int bands)
    {
        ushort[] samples = [.. Enumerable.Range(0, 4 * bands).Select(i => (ushort)(i % 4 * 21845))];
        var bytes = samples.SelectMany(BitConverter.GetBytes).ToArray();
        var file = ImageDecoder.Encode(bytes, 4, 1, bands, suffix, bits: 16);

        var decoded = Decode(file, new ImageShape(bands, 1, 4));

        Assert.Equal(16, ImageDecoder.ReadHeader(file, Limits).BitDepth);
        var expected = samples.Select(sample => (byte)Math.Round(sample / 257.0)).ToArray();
        Assert.Equal(TinyImages.Planes(expected, bands), decoded);
    }

    [Fact]
    public void Sixteen_bits_with_alpha_are_laid_on_white()
    {
        ushort[] samples = [65535, 0, 0, 13107];
        var file = ImageDecoder.Encode([.. samples.SelectMany(BitConverter.GetBytes)], 1, 1, 4, ".png", bits: 16);

        Assert.Equal([255, 204, 204], Decode(file, new ImageShape(3, 1, 1)));
    }

    [Fact]
    public void Cmyk_becomes_rgb()
    {
        byte[] pixels = [.. Enumerable.Range(0, 64).SelectMany(_ => new byte[] { 0, 255, 255, 0 })];
        var file = ImageDecoder.Encode(pixels, 8, 8, 4, ".jpg[Q=100]", cmyk: true);

        var decoded = Decode(file, new ImageShape(3, 8, 8));

        // No cyan, all magenta and yellow: a red, however the inks are modelled.
        Assert.InRange(decoded[0], 180, 255);
        Assert.InRange(decoded[64], 0, 90);
        Assert.InRange(decoded[128], 0, 90);
    }

    // The corners of the stored image, from the top left clockwise: A B / D C. EXIF says where row 0 and column 0 are shown.
    [Theory]
    [InlineData(1, "AB/DC")]
    [InlineData(2, "BA/CD")]
    [InlineData(3, "CD/BA")]
    [InlineData(4, "DC/AB")]
    [InlineData(5, "AD/BC")]
    [InlineData(6, "DA/CB")]
    [InlineData(7, "CB/DA")]
    [InlineData(8, "BC/AD")]
    public void Exif_orientation_is_applied(int orientation, string corners)
    {
        const int width = 48, height = 32;
        var pixels = new byte[width * height];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                pixels[y * width + x] = (byte)(y < height / 2 ? (x < width / 2 ? 20 : 80) : (x < width / 2 ? 200 : 140));
        var level = new Dictionary<char, int> { ['A'] = 20, ['B'] = 80, ['C'] = 140, ['D'] = 200 };

        foreach (var suffix in new[] { ".jpg[Q=100]", ".png", ".webp[lossless]", ".tif" })
        {
            var file = ImageDecoder.Encode(pixels, width, height, 1, suffix, orientation: orientation);
            if (suffix == ".png")
                file = WithExif(file, orientation);
            var header = ImageDecoder.ReadHeader(file, Limits);
            var shape = new ImageShape(1, header.UprightHeight, header.UprightWidth);
            var decoded = Decode(file, shape);

            Assert.True(orientation == header.Orientation, suffix);
            Assert.Equal(orientation >= 5 ? (height, width) : (width, height), (shape.Width, shape.Height));
            var last = decoded.Length - 1;
            var shown = new[] { decoded[0], decoded[shape.Width - 1], decoded[last - shape.Width + 1], decoded[last] };
            Assert.Equal(corners.Replace("/", "").Select(corner => level[corner]), shown.Select(value => (int)Math.Round((value - 20) / 60.0) * 60 + 20));
        }
    }

    [Fact]
    public void Crop_keeps_the_middle_and_pad_fills_with_black_and_stretch_shows_all()
    {
        // Three columns of 4 x 4: 50, 100, 150.
        var pixels = Enumerable.Range(0, 48).Select(i => (byte)(i % 12 / 4 * 50 + 50)).ToArray();
        var file = ImageDecoder.Encode(pixels, 12, 4, 1, ".png");

        var crop = Decode(file, new ImageShape(1, 4, 4), ImageFit.Crop);
        var pad = Decode(file, new ImageShape(1, 12, 12), ImageFit.Pad);
        var stretch = Decode(file, new ImageShape(1, 4, 3), ImageFit.Stretch);

        Assert.All(crop, value => Assert.Equal(100, value));
        Assert.All(pad[..48], value => Assert.Equal(0, value));
        Assert.Equal(pixels, pad[48..96]);
        Assert.All(pad[96..], value => Assert.Equal(0, value));
        // The filter reaches into the neighbours, so the outer columns differ a little from 50 and 150.
        Assert.All(Enumerable.Range(0, 12), i => Assert.InRange(stretch[i], i % 3 * 50 + 40, i % 3 * 50 + 60));
    }

    [Fact]
    public void Fitting_an_upright_and_a_turned_copy_gives_the_same()
    {
        const int width = 40, height = 24;
        var pixels = TinyImages.Pixels(width, height, 3, seed: 3);
        var turned = new byte[pixels.Length];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                for (var band = 0; band < 3; band++)
                    // Stored so that orientation 6 (a quarter to the right) shows it as it was.
                    turned[((width - 1 - x) * height + y) * 3 + band] = pixels[(y * width + x) * 3 + band];
        var upright = ImageDecoder.Encode(pixels, width, height, 3, ".png");
        var rotated = ImageDecoder.Encode(turned, height, width, 3, ".tif", orientation: 6);

        foreach (var fit in Enum.GetValues<ImageFit>())
            Assert.All(Decode(upright, new ImageShape(3, 15, 11), fit).Zip(Decode(rotated, new ImageShape(3, 15, 11), fit)),
                pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1));
    }

    [Theory]
    [InlineData(".png", 1)]
    [InlineData(".png", 3)]
    [InlineData(".jpg[Q=100]", 3)]
    [InlineData(".jpg[Q=100]", 1)]
    public void Reducing_averages_and_does_not_alias(string suffix, int bands)
    {
        // Single-pixel stripes of 0 and 255 at any reduction are an even grey.
        var pixels = Enumerable.Range(0, 256 * 256 * bands).Select(i => (byte)(i / bands % 2 * 255)).ToArray();
        var file = ImageDecoder.Encode(pixels, 256, 256, bands, suffix);

        foreach (var side in new[] { 8, 15, 40, 100 })
        {
            var decoded = Decode(file, new ImageShape(bands, side, side));
            // At the border the filter has only one side.
            for (var i = 0; i < decoded.Length; i++)
                if (i % side is > 0 and var x && x < side - 1)
                    Assert.InRange(decoded[i], 120, 135);
        }
    }

    [Fact]
    public void A_gradient_keeps_its_place_when_resized()
    {
        var pixels = Enumerable.Range(0, 200 * 10).Select(i => (byte)(i % 200)).ToArray();
        var file = ImageDecoder.Encode(pixels, 200, 10, 1, ".png");

        foreach (var width in new[] { 20, 33, 100, 400 })
        {
            var decoded = Decode(file, new ImageShape(1, 10, width), ImageFit.Stretch);
            for (var x = width / 10; x < width - width / 10; x++)
                Assert.InRange(decoded[5 * width + x], (x + 0.5) * 200 / width - 0.5 - 1.01, (x + 0.5) * 200 / width - 0.5 + 1.01);
        }
    }

    [Theory]
    [InlineData(1, 3000)]
    [InlineData(3000, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    public void Extreme_proportions_are_no_trouble(int width, int height)
    {
        var file = TinyImages.Solid(".png", width, height, 90, 120, 150);

        foreach (var fit in Enum.GetValues<ImageFit>())
            Assert.Contains((byte)120, Decode(file, new ImageShape(3, 32, 20), fit));
    }

    [Fact]
    public void Unpacked_planes_are_resized_like_a_file()
    {
        var pixels = TinyImages.Pixels(20, 16, 3);
        var expected = Decode(ImageDecoder.Encode(pixels, 20, 16, 3, ".png"), new ImageShape(3, 12, 9), ImageFit.Pad);
        var resized = new byte[3 * 12 * 9];

        ImageDecoder.Resize(TinyImages.Planes(pixels, 3), new ImageShape(3, 16, 20), new ImageShape(3, 12, 9), ImageFit.Pad, resized);

        Assert.Equal(expected, resized);
    }

    [Theory]
    [InlineData(".jpg")]
    [InlineData(".jpg[interlace]")]
    [InlineData(".png")]
    [InlineData(".png[interlace]")]
    [InlineData(".webp[lossless]")]
    [InlineData(".webp")]
    [InlineData(".tif[compression=deflate]")]
    [InlineData(".tif")]
    [InlineData(".gif")]
    public void A_file_that_was_cut_short_is_an_error_and_not_half_an_image(string suffix)
    {
        var file = ImageDecoder.Encode(TinyImages.Pixels(64, 64, 3), 64, 64, 3, suffix);

        foreach (var share in new[] { 0.05, 0.3, 0.6, 0.9 })
            AssertRefused(file[..(int)(file.Length * share)]);
    }

    [Fact]
    public void Damaged_files_never_bring_the_process_down()
    {
        var random = new Search.RandomSource(5);
        foreach (var suffix in new[] { ".jpg", ".jpg[interlace]", ".png", ".webp", ".webp[lossless]", ".tif[compression=lzw]", ".gif" })
        {
            var file = ImageDecoder.Encode(TinyImages.Pixels(40, 30, 3), 40, 30, 3, suffix);
            for (var round = 0; round < 100; round++)
            {
                var damaged = file.ToArray();
                for (var i = 0; i < 1 + round / 10; i++)
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                try
                {
                    Decode(damaged, new ImageShape(3, 16, 16));
                }
                catch (ImageException e)
                {
                    Assert.NotEmpty(e.Message);
                    Assert.DoesNotContain('\n', e.Message);
                }
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("not an image at all, just text that goes on for a while")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'/>")]
    [InlineData("%PDF-1.4")]
    [InlineData("P6 1 1 255\nabc")]
    [InlineData("1,2,3\n4,5,6\n")]
    [InlineData("#?RADIANCE\n")]
    public void Formats_that_are_not_on_the_list_are_refused(string content) => AssertRefused(Encoding.Latin1.GetBytes(content));

    [Fact]
    public void Limits_are_checked_before_pixels_are_decoded()
    {
        var png = TinyImages.Png(100, 50);
        var jpeg = TinyImages.Solid(".jpg", 100, 50, 1, 2, 3);

        foreach (var file in new[] { png, jpeg })
        {
            Assert.Equal("100 x 50 pixels; the limit is 99 a side", Refusal(file, Limits with { MaxImageSide = 99 }));
            Assert.Equal("100 x 50 are 5000 pixels; the limit is 4999", Refusal(file, Limits with { MaxImagePixels = 4999 }));
            Assert.Equal("100 x 50 pixels may need 30000 bytes of memory; the limit is 29999", Refusal(file, Limits with { MaxImageMemory = 29_999 }));
            Assert.StartsWith("the file has ", Refusal(file, Limits with { MaxImageBytes = file.Length - 1 }));
        }
        Assert.Equal("the file is empty", Refusal([], Limits));
    }

    [Fact]
    public void An_absurd_size_is_refused_by_the_header_alone()
    {
        var png = TinyImages.Png(10, 10);
        png[18] = 0xFF; // Width 65,290.
        // A PNG header has a checksum; either objection is a refusal before a pixel is touched.
        AssertRefused(png);

        var jpeg = TinyImages.Solid(".jpg", 10, 10, 1, 2, 3);
        var frame = jpeg.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
        (jpeg[frame + 5], jpeg[frame + 7]) = (0xFF, 0xFF);
        Assert.EndsWith("the limit is 16384 a side", Refusal(jpeg, Limits));
    }

    [Fact]
    public async Task Many_threads_decode_at_once_and_each_gets_its_own_reason()
    {
        var good = TinyImages.Png(30, 20);
        var expected = Decode(good, new ImageShape(3, 10, 10));
        var png = TinyImages.Png(64, 64)[..40];
        var webp = ImageDecoder.Encode(TinyImages.Pixels(64, 64, 3), 64, 64, 3, ".webp")[..60];
        var (pngReason, webpReason) = (Refusal(png, Limits), Refusal(webp, Limits));
        Assert.NotEqual(pngReason, webpReason);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                Assert.Equal(expected, Decode(good, new ImageShape(3, 10, 10)));
                Assert.Equal(worker % 2 == 0 ? pngReason : webpReason, Refusal(worker % 2 == 0 ? png : webp, Limits));
            }
        }, TestContext.Current.CancellationToken)));
    }

    // libvips writes none into PNG: a chunk eXIf after the header chunk.
    private static byte[] WithExif(byte[] png, int orientation)
    {
        byte[] chunk = [.. "eXIfMM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
        var crc = Crc32.HashToUInt32(chunk);
        byte[] framed = [0, 0, 0, (byte)(chunk.Length - 4), .. chunk, (byte)(crc >> 24), (byte)(crc >> 16), (byte)(crc >> 8), (byte)crc];
        return [.. png[..33], .. framed, .. png[33..]];
    }

    private static byte[] Decode(byte[] file, ImageShape shape, ImageFit fit = ImageFit.Crop)
    {
        var image = new byte[shape.ByteCount];
        ImageDecoder.Decode(file, shape, fit, Limits, image);
        return image;
    }

    private static string Refusal(byte[] file, DatasetLimits limits) =>
        Assert.Throws<ImageException>(() => ImageDecoder.Decode(file, new ImageShape(3, 8, 8), ImageFit.Crop, limits, new byte[192])).Message;

    private static void AssertRefused(byte[] file)
    {
        var reason = Refusal(file, Limits);
        Assert.NotEmpty(reason);
        Assert.DoesNotContain('\n', reason);
    }
}
