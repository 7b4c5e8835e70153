using System.Buffers.Binary;
using System.Numerics;

namespace NasPlatform.Search.Datasets.Images;

/// <summary>
/// Reads Windows bitmaps, which libvips leaves to ImageMagick, a reader of too many formats to be let near untrusted files:
/// 1, 4 and 8 bits with palette, run-length coded or not, 16, 24 and 32 bits with or without masks, OS/2's short header,
/// either direction of rows.
/// </summary>
internal static class BmpReader
{
    private const int FileHeaderSize = 14;

    private enum Compression
    {
        None = 0,
        RunLength8 = 1,
        RunLength4 = 2,
        Masks = 3,
        MasksWithAlpha = 6,
    }

    public static bool Recognises(ReadOnlySpan<byte> file) => file.StartsWith("BM"u8);

    /// <exception cref="ImageException">The header is not one that can be read, or it is over a limit.</exception>
    public static ImageHeader ReadHeader(ReadOnlySpan<byte> file, DatasetLimits limits)
    {
        var layout = Layout.Read(file, limits);
        return new ImageHeader(ImageFormat.Bmp, layout.Width, layout.Height, layout.Bands, 8, 1);
    }

    /// <summary>Interleaved samples from the top: 1 grey, 3 colour, 4 colour and alpha.</summary>
    /// <exception cref="ImageException">The file is damaged or cut short, or over a limit.</exception>
    public static (byte[] Pixels, int Width, int Height, int Bands) Decode(ReadOnlySpan<byte> file, DatasetLimits limits)
    {
        var layout = Layout.Read(file, limits);
        var pixels = new byte[(long)layout.Width * layout.Height * layout.Bands];
        if (layout.BitsPerPixel <= 8)
            DecodePalette(file, layout, pixels);
        else
            DecodeDirect(file, layout, pixels);
        return (pixels, layout.Width, layout.Height, layout.Bands);
    }

    private static void DecodePalette(ReadOnlySpan<byte> file, Layout layout, Span<byte> pixels)
    {
        var runLength = layout.Compression is Compression.RunLength4 or Compression.RunLength8;
        var indices = runLength ? UnpackRuns(file[layout.DataStart..], layout) : [];
        for (var y = 0; y < layout.Height; y++)
        {
            var row = runLength ? indices.AsSpan(layout.StoredRow(y) * layout.Width, layout.Width) : layout.Row(file, y);
            for (var x = 0; x < layout.Width; x++)
            {
                var index = runLength ? row[x] : layout.BitsPerPixel switch
                {
                    8 => row[x],
                    4 => (row[x / 2] >> (x % 2 == 0 ? 4 : 0)) & 15,
                    _ => (row[x / 8] >> (7 - x % 8)) & 1,
                };
                if (index >= layout.Palette.Length)
                    throw new ImageException($"a pixel names colour {index} of a palette of {layout.Palette.Length}");
                var (red, green, blue) = layout.Palette[index];
                var at = (y * layout.Width + x) * layout.Bands;
                pixels[at] = red;
                if (layout.Bands == 1)
                    continue;
                pixels[at + 1] = green;
                pixels[at + 2] = blue;
            }
        }
    }

    // Pixels that the runs skip have colour 0.
    private static byte[] UnpackRuns(ReadOnlySpan<byte> data, Layout layout)
    {
        var indices = new byte[layout.Width * layout.Height];
        var four = layout.Compression == Compression.RunLength4;
        int x = 0, y = 0, at = 0;
        while (y < layout.Height)
        {
            if (at + 2 > data.Length)
                throw CutShort();
            int count = data[at], value = data[at + 1];
            at += 2;
            if (count > 0)
            {
                for (var i = 0; i < count; i++)
                    Put(four ? (value >> (i % 2 == 0 ? 4 : 0)) & 15 : value);
                continue;
            }
            switch (value)
            {
                case 0:
                    (x, y) = (0, y + 1);
                    continue;
                case 1:
                    return indices;
                case 2:
                    if (at + 2 > data.Length)
                        throw CutShort();
                    (x, y) = (x + data[at], y + data[at + 1]);
                    at += 2;
                    continue;
            }
            var size = four ? (value + 1) / 2 : value;
            if (at + size > data.Length)
                throw CutShort();
            for (var i = 0; i < value; i++)
                Put(four ? (data[at + i / 2] >> (i % 2 == 0 ? 4 : 0)) & 15 : data[at + i]);
            at += size + size % 2;
        }
        return indices;

        void Put(int index)
        {
            if (x < layout.Width && y < layout.Height)
                indices[y * layout.Width + x] = (byte)index;
            x++;
        }
    }

    private static void DecodeDirect(ReadOnlySpan<byte> file, Layout layout, Span<byte> pixels)
    {
        var bytes = layout.BitsPerPixel / 8;
        var anyCover = layout.Bands < 4;
        for (var y = 0; y < layout.Height; y++)
        {
            var row = layout.Row(file, y);
            for (var x = 0; x < layout.Width; x++)
            {
                var from = row.Slice(x * bytes, bytes);
                var value = bytes switch
                {
                    2 => BinaryPrimitives.ReadUInt16LittleEndian(from),
                    3 => (uint)(from[0] | from[1] << 8 | from[2] << 16),
                    _ => BinaryPrimitives.ReadUInt32LittleEndian(from),
                };
                var to = pixels.Slice((y * layout.Width + x) * layout.Bands, layout.Bands);
                for (var band = 0; band < to.Length; band++)
                    to[band] = layout.Masks[band].Scale(value);
                anyCover |= layout.Bands == 4 && to[3] != 0;
            }
        }
        if (anyCover)
            return;
        // Many writers leave the alpha of an opaque image at 0.
        for (var at = 3; at < pixels.Length; at += 4)
            pixels[at] = 255;
    }

    private static ImageException CutShort() => new("the file is cut short");

    private readonly struct Mask(uint bits)
    {
        private readonly int _shift = bits == 0 ? 0 : BitOperations.TrailingZeroCount(bits);

        public byte Scale(uint value)
        {
            if (bits == 0)
                return 0;
            ulong largest = bits >> _shift;
            return (byte)(((value & bits) >> _shift) * 255UL / largest);
        }
    }

    /// <summary>The headers, checked: every row lies inside the file, and the size is within the limits.</summary>
    private sealed class Layout
    {
        private bool _fromTop;
        private int _stride;

        public int Width { get; private set; }
        public int Height { get; private set; }
        public int BitsPerPixel { get; private set; }
        public int Bands { get; private set; }
        public int DataStart { get; private set; }
        public Compression Compression { get; private set; }
        public (byte Red, byte Green, byte Blue)[] Palette { get; private set; } = [];
        public Mask[] Masks { get; private set; } = [];

        public static Layout Read(ReadOnlySpan<byte> file, DatasetLimits limits)
        {
            if (file.Length < FileHeaderSize + 12)
                throw CutShort();
            var layout = new Layout();
            var headerSize = BinaryPrimitives.ReadInt32LittleEndian(file[14..]);
            if (headerSize is not (12 or 40 or 52 or 56 or 64 or 108 or 124))
                throw new ImageException($"a BMP header of {headerSize} bytes is not known");
            if (file.Length < FileHeaderSize + headerSize)
                throw CutShort();
            var header = file.Slice(FileHeaderSize, headerSize);
            layout.ReadSize(header, limits);
            layout.DataStart = BinaryPrimitives.ReadInt32LittleEndian(file[10..]);
            if (layout.DataStart < FileHeaderSize + headerSize || layout.DataStart > file.Length)
                throw new ImageException($"its pixels are said to start at byte {layout.DataStart} of {file.Length}");
            var paletteStart = FileHeaderSize + headerSize;
            if (layout.BitsPerPixel <= 8)
                layout.ReadPalette(file[paletteStart..layout.DataStart], header);
            else
                layout.ReadMasks(file[FileHeaderSize..layout.DataStart], headerSize);
            if (layout.Compression is Compression.None or Compression.Masks or Compression.MasksWithAlpha
                && layout.DataStart + (long)layout._stride * layout.Height > file.Length)
                throw CutShort();
            return layout;
        }

        public int StoredRow(int y) => _fromTop ? y : Height - 1 - y;

        public ReadOnlySpan<byte> Row(ReadOnlySpan<byte> file, int y) => file.Slice(DataStart + StoredRow(y) * _stride, _stride);

        private void ReadSize(ReadOnlySpan<byte> header, DatasetLimits limits)
        {
            var isShort = header.Length == 12;
            long width = isShort ? BinaryPrimitives.ReadUInt16LittleEndian(header[4..]) : BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
            long height = isShort ? BinaryPrimitives.ReadUInt16LittleEndian(header[6..]) : BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
            BitsPerPixel = BinaryPrimitives.ReadUInt16LittleEndian(header[(isShort ? 10 : 14)..]);
            Compression = isShort ? Compression.None : (Compression)BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
            _fromTop = height < 0;
            height = Math.Abs(height);
            if (width < 1 || height < 1)
                throw new ImageException($"{width} x {height} pixels is no size");
            if (width > limits.MaxImageSide || height > limits.MaxImageSide)
                throw new ImageException($"{width} x {height} pixels; the limit is {limits.MaxImageSide} a side");
            // The file's own bytes are in memory already; unpacked, a pixel takes 4 bytes at most.
            if (width * height > limits.MaxImagePixels || width * height * 4 > Math.Min(limits.MaxImageMemory, Array.MaxLength))
                throw new ImageException($"{width} x {height} are {width * height} pixels; the limit is {Math.Min(limits.MaxImagePixels, limits.MaxImageMemory / 4)}");
            var known = Compression switch
            {
                Compression.None => BitsPerPixel is 1 or 4 or 8 or 16 or 24 or 32,
                Compression.RunLength8 => BitsPerPixel == 8,
                Compression.RunLength4 => BitsPerPixel == 4,
                Compression.Masks or Compression.MasksWithAlpha => BitsPerPixel is 16 or 32 && !isShort,
                _ => false,
            };
            if (!known)
                throw new ImageException($"BMP of {BitsPerPixel} bits in compression {(int)Compression} is not known");
            (Width, Height) = ((int)width, (int)height);
            _stride = (int)((width * BitsPerPixel + 31) / 32 * 4);
        }

        private void ReadPalette(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> header)
        {
            var entrySize = header.Length == 12 ? 3 : 4;
            var used = header.Length == 12 ? 0 : BinaryPrimitives.ReadInt32LittleEndian(header[32..]);
            var count = Math.Min(used is > 0 and <= 256 ? used : 1 << BitsPerPixel, bytes.Length / entrySize);
            Palette = new (byte, byte, byte)[count];
            for (var i = 0; i < count; i++)
                Palette[i] = (bytes[i * entrySize + 2], bytes[i * entrySize + 1], bytes[i * entrySize]);
            Bands = Palette.All(colour => colour.Red == colour.Green && colour.Green == colour.Blue) ? 1 : 3;
        }

        private void ReadMasks(ReadOnlySpan<byte> headers, int headerSize)
        {
            uint[] masks = BitsPerPixel == 16 ? [0x7C00, 0x03E0, 0x001F, 0] : [0xFF0000, 0xFF00, 0xFF, 0];
            if (Compression != Compression.None)
            {
                // They follow the 40 bytes of the first header, be it inside a longer one or after it.
                var withAlpha = Compression == Compression.MasksWithAlpha || headerSize >= 56;
                for (var i = 0; i < (withAlpha ? 4 : 3); i++)
                {
                    if (headers.Length < 40 + 4 * (i + 1))
                        throw CutShort();
                    masks[i] = BinaryPrimitives.ReadUInt32LittleEndian(headers[(40 + 4 * i)..]);
                }
            }
            Bands = masks[3] == 0 ? 3 : 4;
            Masks = [.. masks.Select(mask => new Mask(mask))];
        }
    }
}
