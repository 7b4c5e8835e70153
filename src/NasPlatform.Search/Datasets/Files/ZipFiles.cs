using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace NasPlatform.Search.Datasets.Files;

/// <summary>
/// Files of a zip archive. The whole table of contents is checked before the first byte is unpacked: names that lead out, links,
/// encrypted and overlapping entries and bombs are refused; lengths and checksums are checked as each file is read.
/// </summary>
internal sealed class ZipFiles : SourceFiles
{
    private const int LocalHeaderSize = 30;

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly (ZipEntry Entry, long Limit)[] _entries;

    public ZipFiles(string path, DatasetLimits limits)
    {
        _path = path;
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.RandomAccess);
        try
        {
            var directory = ZipDirectory.Read(_file, count => CheckEntries(path, count, limits));
            long total = 0;
            foreach (var entry in directory.Entries.Where(entry => !entry.IsFolder))
                CheckSafe(entry, total += entry.Length, limits);
            var sorted = Sorted(path, Bounded(directory)
                .Where(pair => !pair.Entry.IsFolder)
                .Select(pair => (new SourceFile(SafeName(path, pair.Entry.Name), pair.Entry.Length), pair))
                .Where(pair => !IsIgnored(pair.Item1.Name)));
            Files = [.. sorted.Select(pair => pair.File)];
            _entries = [.. sorted.Select(pair => pair.Entry)];
        }
        catch (InvalidDataException e)
        {
            _file.Dispose();
            throw new UserErrorException($"{path} is damaged: {e.Message}. Copy or download it again.", e);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public override string Kind => "zip archive";

    /// <inheritdoc/>
    public override IEnumerable<(int Index, Stream Content)> Read(IReadOnlyCollection<int> wanted)
    {
        foreach (var index in wanted)
        {
            var (entry, limit) = _entries[index];
            using var packed = new FileSlice(_file, StartOf(entry, limit), entry.PackedLength);
            using var content = new VerifiedStream(entry.Method == 0 ? packed : new DeflateStream(packed, CompressionMode.Decompress), entry.Length, entry.Crc);
            yield return (index, content);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _file.Dispose();
        base.Dispose();
    }

    private void CheckSafe(ZipEntry entry, long total, DatasetLimits limits)
    {
        var name = SafeName(_path, entry.Name);
        if (entry.IsEncrypted)
            throw new UserErrorException($"'{name}' in {_path} is encrypted; unpack the archive with its password and add the folder.");
        if ((entry.Mode & 0xF000) is not (0 or 0x4000 or 0x8000))
            throw new UserErrorException($"'{name}' in {_path} is a link or a device, not a file; nothing was read. Pack the folder with the files themselves.");
        if (entry.Method is not (0 or 8))
            throw new UserErrorException($"'{name}' in {_path} is packed by method {entry.Method}; pack the folder with 'deflate' or 'store'.");
        if (entry.Method == 0 && entry.PackedLength != entry.Length)
            throw new InvalidDataException($"'{name}' is stored in {entry.PackedLength} bytes but said to have {entry.Length}");
        CheckEntry(_path, name, entry.Length, total, limits);
        if (entry.Length > 1 << 20 && entry.Length / limits.MaxCompressionRatio > entry.PackedLength)
            throw new UserErrorException($"'{name}' in {_path} unpacks to more than {limits.MaxCompressionRatio} times its size, as a bomb does (Datasets:Limits:MaxCompressionRatio in appsettings.json).");
    }

    // With each entry comes where the next thing starts: the entry must end before. Nothing may be there twice.
    private IEnumerable<(ZipEntry Entry, long Limit)> Bounded(ZipDirectory directory)
    {
        var ordered = directory.Entries.OrderBy(entry => entry.Offset).ToArray();
        for (var i = 0; i < ordered.Length; i++)
        {
            var entry = ordered[i];
            var limit = i + 1 < ordered.Length ? ordered[i + 1].Offset : directory.Start;
            if (entry.Offset > limit || entry.PackedLength > limit || entry.Offset + LocalHeaderSize + entry.RawName.Length + entry.PackedLength > limit)
                throw Overlap(entry);
            yield return (entry, limit);
        }
    }

    private long StartOf(ZipEntry entry, long limit)
    {
        Span<byte> header = stackalloc byte[LocalHeaderSize];
        var read = RandomAccess.Read(_file, header, entry.Offset);
        if (read != LocalHeaderSize || !header.StartsWith("PK\x03\x04"u8))
            throw new UserErrorException($"{_path} is damaged: '{entry.Name}' is not where it should be. Copy or download it again.");
        var start = entry.Offset + LocalHeaderSize + BinaryPrimitives.ReadUInt16LittleEndian(header[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        return start + entry.PackedLength <= limit ? start : throw Overlap(entry);
    }

    private UserErrorException Overlap(ZipEntry entry) =>
        new($"'{Printable(entry.Name)}' in {_path} overlaps another entry, as in a bomb; nothing was read. Pack the folder anew.");
}
