using System.Buffers;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>The bytes of an example as the source has them, in a buffer from the shared pool.</summary>
internal readonly struct PackedExample(int index, byte[] buffer, int length, string? problem) : IDisposable
{
    public int Index => index;

    /// <summary>Why the bytes could not be read; null when they were.</summary>
    public string? Problem => problem;

    public ReadOnlySpan<byte> Bytes => buffer.AsSpan(0, length);

    public static PackedExample Unreadable(int index, string problem) => new(index, [], 0, problem);

    public void Dispose()
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
