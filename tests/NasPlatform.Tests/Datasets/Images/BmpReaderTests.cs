using System.Buffers.Binary;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Datasets.Images;

namespace NasPlatform.Tests.Datasets.Images;

public sealed class BmpReaderTests
{
    private static readonly DatasetLimits Limits = new();

    // 3 x 2: red, green, blue / white, grey, black. Rows are stored from the bottom.
    private static readonly byte[] Expected = [255, 0, 0, 255, 100, 0, 0, 255, 0, 255, 100, 0, 0, 0, 255, 255, 100, 0];

    [Fact]
    public void Twenty_four_bits_are_read()
    {
        byte[] rows = [255, 255, 255, 100, 100, 100, 0, 0, 0, 0, 0, 0, /**/ 0, 0, 255, 0, 255, 0, 255, 0, 0, 0, 0, 0];

        Assert.Equal(Expected, Decode(Bmp(3, 2, 24, rows), 3));
        Assert.Equal(new ImageHeader(ImageFormat.Bmp, 3, 2, 3, 8, 1), ImageDecoder.ReadHeader(Bmp(3, 2, 24, rows), Limits));
    }

    [Fact]
    public void Rows_may_come_from_the_top()
    {
        byte[] rows = [0, 0, 255, 0, 255, 0, 255, 0, 0, 0, 0, 0, /**/ 255, 255, 255, 100, 100, 100, 0, 0, 0, 0, 0, 0];

        Assert.Equal(Expected, Decode(Bmp(3, -2, 24, rows), 3));
    }

    [Theory]
    [InlineData(8, new byte[] { 3, 4, 5, 0, 0, 1, 2, 0 })]
    [InlineData(4, new byte[] { 0x34, 0x50, 0, 0, 0x01, 0x20, 0, 0 })]
    public void Palettes_are_expanded(int bits, byte[] rows) =>
        Assert.Equal(Expected, Decode(Bmp(3, 2, bits, rows, palette: Palette), 3));

    [Fact]
    public void One_bit_with_a_grey_palette_is_grey()
    {
        var file = Bmp(3, 2, 1, [0b0100_0000, 0, 0, 0, 0b1010_0000, 0, 0, 0], palette: [0, 0, 0, 0, 255, 255, 255, 0]);

        Assert.True(ImageDecoder.ReadHeader(file, Limits).IsGrey);
        Assert.Equal([255, 0, 255, 0, 255, 0], Decode(file, 1));
    }

    [Fact]
    public void Run_lengths_of_eight_bits_are_unpacked()
    {
        // 3, 4, 5 one by one, filled up to two bytes; end of the row; one to the right, twice 1; end of the row; end.
        byte[] runs = [0, 3, 3, 4, 5, 0, 0, 0, 0, 2, 1, 0, 2, 1, 0, 0, 0, 1];

        Assert.Equal([255, 0, 0, 255, 100, 0, 0, 255, 255, 255, 100, 0, 0, 0, 0, 255, 100, 0], Decode(Bmp(3, 2, 8, runs, compression: 1, palette: Palette), 3));
    }

    [Fact]
    public void Run_lengths_of_four_bits_are_unpacked()
    {
        byte[] runs = [3, 0x34, 0, 0, 0, 3, 0x01, 0x20, 0, 1];

        Assert.Equal([255, 0, 0, 255, 100, 255, 0, 255, 0, 255, 100, 255, 0, 0, 255, 255, 100, 255], Decode(Bmp(3, 2, 4, runs, compression: 2, palette: Palette), 3));
    }

    [Theory]
    [InlineData(0, new uint[0], 0x7C00, 0x03E0)]
    [InlineData(3, new uint[] { 0xF800, 0x07E0, 0x001F }, 0xF800, 0x07E0)]
    public void Sixteen_bits_are_read_with_and_without_masks(int compression, uint[] masks, int red, int green)
    {
        byte[] rows = [(byte)red, (byte)(red >> 8), (byte)green, (byte)(green >> 8)];

        Assert.Equal([255, 0, 0, 255, 0, 0], Decode(Bmp(2, 1, 16, rows, compression, palette: [.. masks.SelectMany(BitConverter.GetBytes)]), 3, 2, 1));
    }

    [Fact]
    public void Thirty_two_bits_without_masks_have_no_alpha() =>
        Assert.Equal([10, 20, 30], Decode(Bmp(1, 1, 32, [30, 20, 10, 0]), 3, 1, 1));

    [Fact]
    public void Alpha_is_laid_on_white_unless_it_is_0_everywhere()
    {
        byte[] masks = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255];

        Assert.Equal([204, 255, 204, 255, 255, 255], Decode(Bmp(2, 1, 32, [255, 0, 0, 51, 9, 9, 9, 0], 3, masks, headerSize: 56), 3, 2, 1));
        Assert.Equal([10, 20, 30], Decode(Bmp(1, 1, 32, [30, 20, 10, 0], 3, masks, headerSize: 56), 3, 1, 1));
    }

    [Fact]
    public void The_short_header_of_OS2_is_read()
    {
        byte[] file = [.. "BM"u8, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0, 12, 0, 0, 0, 2, 0, 1, 0, 1, 0, 8, 0, 1, 2, 3, 4, 5, 6, 1, 0, 0, 0];

        Assert.Equal([6, 3, 5, 2, 4, 1], Decode(file, 3, 2, 1));
    }

    [Theory]
    [InlineData(40_000, 2, "40000 x 2 pixels; the limit is 16384 a side")]
    [InlineData(16_000, -16_000, "16000 x 16000 are 256000000 pixels; the limit is 50000000")]
    [InlineData(0, 2, "0 x 2 pixels is no size")]
    [InlineData(-3, 2, "-3 x 2 pixels is no size")]
    [InlineData(3, int.MinValue, "3 x 2147483648 pixels; the limit is 16384 a side")]
    [InlineData(3, 3, "the file is cut short")]
    public void Sizes_that_lie_are_refused(int width, int height, string reason) =>
        Assert.Equal(reason, Refusal(Bmp(width, height, 24, new byte[24])));

    [Fact]
    public void Other_lies_are_refused()
    {
        Assert.Equal("the file is cut short", Refusal([.. "BM"u8]));
        Assert.Equal("BMP of 24 bits in compression 4 is not known", Refusal(Bmp(3, 2, 24, new byte[24], compression: 4)));
        Assert.Equal("BMP of 7 bits in compression 0 is not known", Refusal(Bmp(3, 2, 7, new byte[24])));
        Assert.Equal("a pixel names colour 9 of a palette of 6", Refusal(Bmp(3, 2, 8, [9, 0, 0, 0, 0, 0, 0, 0], palette: Palette)));
        Assert.Equal("the file is cut short", Refusal(Bmp(3, 2, 8, [0, 200, 1], compression: 1, palette: Palette)));
        var header = Bmp(3, 2, 24, new byte[24]);
        header[14] = 77;
        Assert.Equal("a BMP header of 77 bytes is not known", Refusal(header));
    }

    [Fact]
    public void Damage_never_does_worse_than_an_error()
    {
        var random = new Search.RandomSource(9);
        byte[][] files =
        [
            Bmp(3, 2, 8, [0, 3, 3, 4, 5, 0, 0, 0, 3, 0, 0, 1], compression: 1, palette: Palette),
            Bmp(3, 2, 4, [3, 0x34, 0, 0, 0, 3, 0x01, 0x20, 0, 1], compression: 2, palette: Palette),
            Bmp(3, 2, 24, new byte[24]), Bmp(2, 2, 16, new byte[8], 3, new byte[12]), Bmp(2, 2, 32, new byte[16], 3, new byte[16], headerSize: 56),
        ];
        for (var round = 0; round < 5000; round++)
        {
            var damaged = files[round % files.Length].ToArray();
            for (var i = 0; i < 1 + round % 4; i++)
                damaged[2 + random.Next(damaged.Length - 2)] = (byte)random.Next(256);
            try
            {
                Decode(damaged, 3);
            }
            catch (ImageException)
            {
                // Any other exception fails the test.
            }
        }
    }

    private static byte[] Palette => [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0, 100, 100, 100, 0, 0, 0, 0, 0];

    private static byte[] Bmp(int width, int height, int bits, byte[] pixels, int compression = 0, byte[]? palette = null, int headerSize = 40)
    {
        // A longer header holds the masks inside.
        var between = palette ?? [];
        var file = new byte[14 + 40 + between.Length + pixels.Length];
        "BM"u8.CopyTo(file);
        Put(10, 14 + 40 + between.Length);
        Put(14, headerSize);
        Put(18, width);
        Put(22, height);
        file[26] = 1;
        file[28] = (byte)bits;
        Put(30, compression);
        Put(46, bits <= 8 ? between.Length / 4 : 0);
        between.CopyTo(file, 54);
        pixels.CopyTo(file, 54 + between.Length);
        return file;

        void Put(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
    }

    private static byte[] Decode(byte[] file, int channels, int width = 3, int height = 2)
    {
        var image = new byte[channels * width * height];
        ImageDecoder.Decode(file, new ImageShape(channels, height, width), ImageFit.Stretch, Limits, image);
        return image;
    }

    private static string Refusal(byte[] file) => Assert.Throws<ImageException>(() => Decode(file, 3)).Message;
}
