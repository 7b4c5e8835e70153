using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace NasPlatform.Web.Datasets;

/// <summary>Writes an image of a dataset as PNG (W3C Recommendation, third edition): 8 bits a channel, grey or colour, no filter.</summary>
internal static class PngWriter
{
    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    /// <param name="pixels">[C, H, W].</param>
    /// <param name="channels">1 (grey) or 3 (colour).</param>
    public static byte[] Write(ReadOnlySpan<byte> pixels, int channels, int height, int width)
    {
        var plane = height * width;
        var rows = new byte[height * (1 + (width * channels))];
        for (int row = 0, at = 0; row < height; row++)
        {
            rows[at++] = 0; // the row's filter: none
            for (var column = 0; column < width; column++)
            {
                for (var channel = 0; channel < channels; channel++)
                {
                    rows[at++] = pixels[(channel * plane) + (row * width) + column];
                }
            }
        }

        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(rows);
        }

        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 8; // bits a channel
        header[9] = (byte)(channels == 1 ? 0 : 2);

        using var png = new MemoryStream();
        png.Write(Signature);
        WriteChunk(png, "IHDR"u8, header);
        WriteChunk(png, "IDAT"u8, compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
        WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static void WriteChunk(MemoryStream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(type);
        png.Write(data);
        var crc = new Crc32();
        crc.Append(type);
        crc.Append(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, crc.GetCurrentHashAsUInt32());
        png.Write(number);
    }
}
