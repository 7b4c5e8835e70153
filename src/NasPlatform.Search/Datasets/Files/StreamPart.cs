namespace NasPlatform.Search.Datasets.Files;

/// <summary>The next <paramref name="length"/> bytes of a longer stream, which stays open.</summary>
internal sealed class StreamPart(Stream whole, long length, string name) : ForwardStream
{
    private long _left = length;

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, _left);
        if (wanted == 0)
            return 0;
        var read = whole.Read(buffer[..wanted]);
        if (read == 0)
            throw new UserErrorException($"The archive ends in the middle of '{name}': it was cut short. Copy or download it again.");
        _left -= read;
        return read;
    }

    public void Skip(byte[] scratch)
    {
        while (Read(scratch) > 0)
        {
        }
    }
}
