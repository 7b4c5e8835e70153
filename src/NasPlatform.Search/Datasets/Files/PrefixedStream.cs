namespace NasPlatform.Search.Datasets.Files;

/// <summary>Bytes that were read ahead, and then the rest. Counts what it gives.</summary>
internal sealed class PrefixedStream(ReadOnlyMemory<byte> start, Stream rest) : ForwardStream
{
    private ReadOnlyMemory<byte> _start = start;

    public long Count { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        int read;
        if (_start.IsEmpty)
        {
            read = rest.Read(buffer);
        }
        else
        {
            read = Math.Min(_start.Length, buffer.Length);
            _start.Span[..read].CopyTo(buffer);
            _start = _start[read..];
        }
        Count += read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            rest.Dispose();
        base.Dispose(disposing);
    }
}
