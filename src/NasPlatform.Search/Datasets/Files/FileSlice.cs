using Microsoft.Win32.SafeHandles;

namespace NasPlatform.Search.Datasets.Files;

/// <summary>A part of an open file, read by position, so that several can be read at once.</summary>
internal sealed class FileSlice(SafeFileHandle file, long start, long length) : ForwardStream
{
    private long _done;

    public override int Read(Span<byte> buffer)
    {
        var read = RandomAccess.Read(file, buffer[..(int)Math.Min(buffer.Length, length - _done)], start + _done);
        _done += read;
        return read;
    }
}
