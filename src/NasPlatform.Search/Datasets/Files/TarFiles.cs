using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace NasPlatform.Search.Datasets.Files;

/// <summary>
/// Files of a tar archive (ustar, pax, GNU), gzip or not. It is read from start to end each time and never held in memory. Our own
/// reader, because .NET's takes a pax header of up to 2 GB into memory. Links, devices and pipes are refused.
/// </summary>
internal sealed class TarFiles : SourceFiles
{
    public const int BlockSize = 512;

    private const long MaxNameHeader = 1 << 20;
    private const int ScratchSize = 1 << 16;

    private readonly string _path;
    private readonly DatasetLimits _limits;
    private readonly int[] _indexByPosition;

    public TarFiles(string path, DatasetLimits limits)
    {
        (_path, _limits) = (path, limits);
        var found = new List<(SourceFile File, int Position)>();
        var scratch = new byte[ScratchSize];
        long total = 0;
        var position = 0;
        foreach (var (name, content, length) in Walk())
        {
            CheckEntries(path, position + 1, limits);
            CheckEntry(path, name, length, total += length, limits);
            if (!IsIgnored(name))
                found.Add((new SourceFile(name, length), position));
            position++;
            content.Skip(scratch);
        }
        var sorted = Sorted(path, found);
        Files = [.. sorted.Select(pair => pair.File)];
        _indexByPosition = new int[position];
        Array.Fill(_indexByPosition, -1);
        for (var i = 0; i < sorted.Length; i++)
            _indexByPosition[sorted[i].Entry] = i;
    }

    public override string Kind => "tar archive";

    public static bool Recognises(ReadOnlySpan<byte> start) =>
        start.Length >= BlockSize && start.Slice(257, 5).SequenceEqual("ustar"u8) && HasChecksum(start[..BlockSize]);

    /// <inheritdoc/>
    public override IEnumerable<(int Index, Stream Content)> Read(IReadOnlyCollection<int> wanted)
    {
        var left = wanted.ToHashSet();
        var scratch = new byte[ScratchSize];
        var position = 0;
        foreach (var (name, content, _) in Walk())
        {
            var index = position < _indexByPosition.Length ? _indexByPosition[position] : -1;
            position++;
            if (index >= 0 && Files[index].Name != name)
                throw new UserErrorException($"{_path} was changed while it was read; try again.");
            if (left.Remove(index))
                yield return (index, content);
            if (left.Count == 0)
                yield break;
            content.Skip(scratch);
        }
    }

    // The regular files in order; what of a content was not read has to be skipped before the next.
    private IEnumerable<(string Name, StreamPart Content, long Length)> Walk()
    {
        using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        using var archive = Gunzip(file, _path, _limits);
        using var input = new GuardedStream(archive, _path);
        var block = new byte[BlockSize];
        var scratch = new byte[BlockSize];
        string? longName = null;
        long? longLength = null;
        while (ReadBlock(input, block) && block.AsSpan().ContainsAnyExcept((byte)0))
        {
            if (!HasChecksum(block))
                throw new UserErrorException($"{_path} is damaged: an entry's header has a wrong checksum. Copy or download it again.");
            var length = longLength ?? NumberIn(block.AsSpan(124, 12));
            var type = (char)block[156];
            if (length < 0)
                throw new UserErrorException($"{_path} is damaged: an entry has a length of {length}.");
            if (type is 'x' or 'g' or 'L' or 'K')
            {
                var text = ReadText(input, NumberIn(block.AsSpan(124, 12)));
                if (type == 'L')
                    longName = text.TrimEnd('\0');
                else if (type == 'x')
                    (longName, longLength) = ReadPax(text, longName);
                continue;
            }
            var given = longName ?? NameIn(block);
            (longName, longLength) = (null, null);
            if (type == '5')
                continue;
            var name = SafeName(_path, given);
            if (type is '0' or '\0' or '7')
            {
                var content = new StreamPart(input, length, name);
                yield return (name, content, length);
                new StreamPart(input, Padding(length), name).Skip(scratch);
            }
            else
            {
                var kind = type switch { '1' or '2' => "a link", '3' or '4' => "a device", '6' => "a pipe", _ => $"of the unknown kind '{type}'" };
                throw new UserErrorException($"'{Printable(name)}' in {_path} is {kind}, not a file; nothing was read. Pack the folder with the files themselves (tar --dereference).");
            }
        }
        // The checksum of a gzip file comes last.
        while (input.Read(block) > 0)
        {
        }
    }

    private bool ReadBlock(Stream input, byte[] block)
    {
        var read = input.ReadAtLeast(block, BlockSize, throwOnEndOfStream: false);
        if (read is not (0 or BlockSize))
            throw new UserErrorException($"{_path} ends in the middle of an entry: it was cut short. Copy or download it again.");
        return read == BlockSize;
    }

    private string ReadText(Stream input, long length)
    {
        if (length is < 0 or > MaxNameHeader)
            throw new UserErrorException($"{_path} has a header of {length:N0} bytes; no tool writes such.");
        var text = new byte[length];
        input.ReadExactly(text);
        new StreamPart(input, Padding(length), "a header").Skip(new byte[BlockSize]);
        return Encoding.UTF8.GetString(text);
    }

    // Records "length key=value\n"; of these only the name and the size matter.
    private static (string? Name, long? Length) ReadPax(string text, string? name)
    {
        long? length = null;
        foreach (var record in text.Split('\n'))
        {
            var body = record[(record.IndexOf(' ') + 1)..];
            if (body.StartsWith("path=", StringComparison.Ordinal))
                name = body["path=".Length..];
            else if (body.StartsWith("size=", StringComparison.Ordinal) && long.TryParse(body["size=".Length..], NumberStyles.None, null, out var size))
                length = size;
        }
        return (name, length);
    }

    private static string NameIn(ReadOnlySpan<byte> block)
    {
        var name = TextIn(block[..100]);
        var prefix = block.Slice(257, 6).SequenceEqual("ustar\0"u8) ? TextIn(block.Slice(345, 155)) : "";
        return prefix.Length == 0 ? name : $"{prefix}/{name}";
    }

    private static string TextIn(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    // Octal digits, or with the top bit set a binary number.
    private static long NumberIn(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
            return BinaryPrimitives.ReadInt64BigEndian(field[^8..]);
        long number = 0;
        foreach (var digit in field)
            if (digit is >= (byte)'0' and <= (byte)'7')
                number = number * 8 + digit - '0';
        return number;
    }

    private static bool HasChecksum(ReadOnlySpan<byte> block)
    {
        long sum = 8 * ' ';
        for (var i = 0; i < BlockSize; i++)
            if (i is < 148 or >= 156)
                sum += block[i];
        return sum == NumberIn(block.Slice(148, 8));
    }

    private static long Padding(long length) => (BlockSize - length % BlockSize) % BlockSize;

    // Damage in a compressed stream spoils all that follows, so it is the archive's and not one file's.
    private sealed class GuardedStream(Stream input, string path) : ForwardStream
    {
        public override int Read(Span<byte> buffer)
        {
            try
            {
                return input.Read(buffer);
            }
            catch (Exception e) when (IsDamage(e))
            {
                throw new UserErrorException($"{path} is damaged: {e.Message} Copy or download it again.", e);
            }
        }
    }
}
