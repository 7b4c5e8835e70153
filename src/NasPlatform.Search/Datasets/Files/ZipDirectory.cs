using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace NasPlatform.Search.Datasets.Files;

/// <summary>An entry of a zip archive's central directory.</summary>
/// <param name="Name">As written, decoded.</param>
/// <param name="RawName">The bytes of the name, which the local header repeats.</param>
/// <param name="Flags">General purpose bits.</param>
/// <param name="Method">0 stored, 8 deflated.</param>
/// <param name="Crc">CRC-32 of the content.</param>
/// <param name="PackedLength">Bytes in the archive.</param>
/// <param name="Length">Bytes of the content.</param>
/// <param name="Mode">Unix file mode, 0 where the archive has none.</param>
/// <param name="Offset">Where the local header starts.</param>
internal sealed record ZipEntry(string Name, byte[] RawName, int Flags, int Method, uint Crc, long PackedLength, long Length, int Mode, long Offset)
{
    public bool IsFolder => Name.EndsWith('/') || Name.EndsWith('\\');

    public bool IsEncrypted => (Flags & 0x2041) != 0;
}

/// <summary>
/// Reads the central directory of a zip archive (with the zip64 extensions) by itself, because .NET's reader hides what safety
/// needs: where the entries lie, so that overlapping ones are seen.
/// </summary>
internal sealed class ZipDirectory
{
    private const int EndSize = 22;
    private const int EntrySize = 46;
    private const int MeanEntryLimit = 2048;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private static readonly Encoding OldNames = CodePagesEncodingProvider.Instance.GetEncoding(437) ?? Encoding.Latin1;

    private ZipDirectory(List<ZipEntry> entries, long start) => (Entries, Start) = (entries, start);

    public IReadOnlyList<ZipEntry> Entries { get; }

    /// <summary>Where the directory starts and the entries end.</summary>
    public long Start { get; }

    /// <exception cref="InvalidDataException">The archive is damaged; the message is a clause that says how.</exception>
    public static ZipDirectory Read(SafeFileHandle file, Action<long> checkCount)
    {
        var length = RandomAccess.GetLength(file);
        var tail = ReadAt(file, Math.Max(0, length - EndSize - ushort.MaxValue), (int)Math.Min(length, EndSize + ushort.MaxValue));
        var at = FindEnd(tail);
        var end = tail.AsSpan(at);
        long count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
        long start = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        var isSplit = BinaryPrimitives.ReadUInt16LittleEndian(end[4..]) is not (0 or ushort.MaxValue);
        if (count == ushort.MaxValue || size == uint.MaxValue || start == uint.MaxValue)
            (count, size, start) = ReadZip64End(file, length - tail.Length + at) ?? (count, size, start);
        if (isSplit)
            throw new InvalidDataException("it is one part of several; join them first");
        checkCount(count);
        if (count < 0 || size < count * EntrySize || size > Math.Min(count * MeanEntryLimit + (1 << 20), Array.MaxLength) || start < 0 || start + size > length)
            throw new InvalidDataException("its table of contents is damaged");
        return new ZipDirectory(ReadEntries(ReadAt(file, start, (int)size), count), start);
    }

    private static int FindEnd(ReadOnlySpan<byte> tail)
    {
        for (var at = tail.Length - EndSize; at >= 0; at--)
            if (tail[at..].StartsWith("PK\x05\x06"u8) && BinaryPrimitives.ReadUInt16LittleEndian(tail[(at + 20)..]) == tail.Length - at - EndSize)
                return at;
        throw new InvalidDataException("it has no table of contents at its end: it was cut short");
    }

    private static (long Count, long Size, long Start)? ReadZip64End(SafeFileHandle file, long endAt)
    {
        if (endAt < 20)
            return null;
        var locator = ReadAt(file, endAt - 20, 20);
        if (!locator.AsSpan().StartsWith("PK\x06\x07"u8))
            return null;
        var at = BinaryPrimitives.ReadInt64LittleEndian(locator.AsSpan(8));
        if (at < 0 || at > endAt - 56)
            throw new InvalidDataException("its table of contents is damaged");
        var end = ReadAt(file, at, 56).AsSpan();
        if (!end.StartsWith("PK\x06\x06"u8))
            throw new InvalidDataException("its table of contents is damaged");
        return (BinaryPrimitives.ReadInt64LittleEndian(end[32..]), BinaryPrimitives.ReadInt64LittleEndian(end[40..]), BinaryPrimitives.ReadInt64LittleEndian(end[48..]));
    }

    private static List<ZipEntry> ReadEntries(ReadOnlySpan<byte> directory, long count)
    {
        var entries = new List<ZipEntry>((int)count);
        for (var i = 0; i < count; i++)
        {
            if (directory.Length < EntrySize || !directory.StartsWith("PK\x01\x02"u8))
                throw new InvalidDataException("its table of contents is damaged");
            int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(directory[28..]);
            int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(directory[30..]);
            var whole = EntrySize + nameLength + extraLength + BinaryPrimitives.ReadUInt16LittleEndian(directory[32..]);
            if (directory.Length < whole)
                throw new InvalidDataException("its table of contents is damaged");
            entries.Add(ReadEntry(directory[..EntrySize], directory.Slice(EntrySize, nameLength), directory.Slice(EntrySize + nameLength, extraLength)));
            directory = directory[whole..];
        }
        return entries;
    }

    private static ZipEntry ReadEntry(ReadOnlySpan<byte> fixedPart, ReadOnlySpan<byte> rawName, ReadOnlySpan<byte> extra)
    {
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(fixedPart[8..]);
        long packed = BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[20..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[24..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[42..]);
        var large = Extra(extra, 0x0001);
        if (length == uint.MaxValue)
            length = Next(ref large);
        if (packed == uint.MaxValue)
            packed = Next(ref large);
        if (offset == uint.MaxValue)
            offset = Next(ref large);
        return new ZipEntry(
            NameOf(rawName, flags, extra), rawName.ToArray(), flags,
            BinaryPrimitives.ReadUInt16LittleEndian(fixedPart[10..]),
            BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[16..]),
            packed, length,
            (int)(BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[38..]) >> 16),
            offset);

        static long Next(ref ReadOnlySpan<byte> numbers)
        {
            if (numbers.Length < 8 || BinaryPrimitives.ReadInt64LittleEndian(numbers) is var value && value < 0)
                throw new InvalidDataException("its table of contents is damaged");
            numbers = numbers[8..];
            return value;
        }
    }

    private static string NameOf(ReadOnlySpan<byte> raw, int flags, ReadOnlySpan<byte> extra)
    {
        // Info-ZIP's UTF-8 name, good while its checksum is that of the name it stands for.
        var unicode = Extra(extra, 0x7075);
        if (unicode.Length > 5 && unicode[0] == 1 && BinaryPrimitives.ReadUInt32LittleEndian(unicode[1..]) == Crc32.HashToUInt32(raw))
            return Encoding.UTF8.GetString(unicode[5..]);
        try
        {
            return StrictUtf8.GetString(raw);
        }
        catch (ArgumentException) when ((flags & 0x800) == 0)
        {
            return OldNames.GetString(raw);
        }
        catch (ArgumentException)
        {
            throw new InvalidDataException("a name in it is not the UTF-8 that it is said to be");
        }
    }

    private static ReadOnlySpan<byte> Extra(ReadOnlySpan<byte> extra, int id)
    {
        while (extra.Length >= 4)
        {
            int size = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (size > extra.Length - 4)
                return [];
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == id)
                return extra.Slice(4, size);
            extra = extra[(4 + size)..];
        }
        return [];
    }

    private static byte[] ReadAt(SafeFileHandle file, long offset, int count)
    {
        var buffer = new byte[count];
        for (var done = 0; done < count;)
        {
            var read = RandomAccess.Read(file, buffer.AsSpan(done), offset + done);
            if (read == 0)
                throw new InvalidDataException("it was cut short");
            done += read;
        }
        return buffer;
    }
}
