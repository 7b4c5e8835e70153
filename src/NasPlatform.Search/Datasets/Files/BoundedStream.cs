namespace NasPlatform.Search.Datasets.Files;

/// <summary>Unpacked bytes, counted and held against the limits as they come: the stream that defuses a bomb.</summary>
internal sealed class BoundedStream(Stream plain, PrefixedStream packed, string name, DatasetLimits limits) : ForwardStream
{
    private long _count;

    public override int Read(Span<byte> buffer)
    {
        var read = plain.Read(buffer);
        _count += read;
        if (_count > limits.MaxArchiveBytes)
            throw new UserErrorException($"{name} unpacks to more than {limits.MaxArchiveBytes:N0} bytes, which is the limit (Datasets:Limits:MaxArchiveBytes in appsettings.json).");
        if (_count > Math.Max(1L << 20, packed.Count * limits.MaxCompressionRatio))
            throw new UserErrorException($"{name} unpacks to more than {limits.MaxCompressionRatio} times its size, as a bomb does (Datasets:Limits:MaxCompressionRatio in appsettings.json).");
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            plain.Dispose();
        base.Dispose(disposing);
    }
}
