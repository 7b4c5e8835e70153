using System.IO.Hashing;

namespace NasPlatform.Search.Datasets.Files;

/// <summary>The content of a zip entry: exactly as long as the archive says, and with the checksum that it says.</summary>
internal sealed class VerifiedStream(Stream content, long length, uint crc) : ForwardStream
{
    private readonly Crc32 _crc = new();
    private long _count;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        var read = content.Read(buffer);
        _crc.Append(buffer[..read]);
        _count += read;
        if (_count > length || (read == 0 && _count < length))
            throw new InvalidDataException($"it has {(_count > length ? "more" : "fewer")} bytes than the archive says ({length:N0})");
        if (read == 0 && _crc.GetCurrentHashAsUInt32() != crc)
            throw new InvalidDataException("its checksum is wrong: the archive is damaged");
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            content.Dispose();
        base.Dispose(disposing);
    }
}
