using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace NasPlatform.Tests.Support;

/// <summary>A zip archive whose every field a test may get wrong.</summary>
internal sealed class TinyZip
{
    private readonly List<Entry> _entries = [];

    public sealed record Entry(string Name, byte[] Content)
    {
        public bool Deflate { get; init; }
        public int Flags { get; init; } = 0x800;
        public int? Method { get; init; }
        public uint? Crc { get; init; }
        public uint? Length { get; init; }
        public uint ExternalAttributes { get; init; }
        public byte[]? RawName { get; init; }
        public byte[] Extra { get; init; } = [];
        public int? OffsetOf { get; init; }
    }

    public TinyZip Add(string name, byte[] content) => Add(new Entry(name, content));

    public TinyZip Add(Entry entry)
    {
        _entries.Add(entry);
        return this;
    }

    public byte[] ToBytes()
    {
        var output = new MemoryStream();
        var directory = new MemoryStream();
        var offsets = new List<long>();
        foreach (var entry in _entries)
        {
            var name = entry.RawName ?? Encoding.UTF8.GetBytes(entry.Name);
            var packed = entry.Deflate ? Deflated(entry.Content) : entry.Content;
            offsets.Add(output.Length);
            var at = entry.OffsetOf is { } other ? offsets[other] : output.Length;
            var common = Fields(
                (2, 20), (2, entry.Flags), (2, entry.Method ?? (entry.Deflate ? 8 : 0)), (4, 0),
                (4, entry.Crc ?? Crc32.HashToUInt32(entry.Content)), (4, packed.Length), (4, entry.Length ?? (uint)entry.Content.Length), (2, name.Length), (2, entry.Extra.Length));
            if (entry.OffsetOf is null)
                output.Write([.. "PK\x03\x04"u8, .. common, .. name, .. entry.Extra, .. packed]);
            directory.Write([.. "PK\x01\x02"u8, .. Fields((2, 0x314)), .. common, .. Fields((2, 0), (2, 0), (2, 0), (4, entry.ExternalAttributes), (4, at)), .. name, .. entry.Extra]);
        }
        var start = output.Length;
        output.Write(directory.ToArray());
        output.Write([.. "PK\x05\x06"u8, .. Fields((2, 0), (2, 0), (2, _entries.Count), (2, _entries.Count), (4, directory.Length), (4, start), (2, 0))]);
        return output.ToArray();
    }

    private static byte[] Deflated(byte[] content)
    {
        var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            deflate.Write(content);
        return packed.ToArray();
    }

    private static byte[] Fields(params (int Size, long Value)[] fields)
    {
        var bytes = new List<byte>();
        var buffer = new byte[8];
        foreach (var (size, value) in fields)
        {
            BinaryPrimitives.WriteInt64LittleEndian(buffer, value);
            bytes.AddRange(buffer[..size]);
        }
        return [.. bytes];
    }
}
