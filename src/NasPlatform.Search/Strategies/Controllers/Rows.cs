using System.Numerics;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>Vectors of one length, each filled up with zeros, one after the other in memory that grows as they are asked for and is kept.</summary>
/// <param name="length">Numbers in a vector.</param>
internal sealed class Rows<T>(int length)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private T[] _numbers = [];

    /// <summary>From one row to the next.</summary>
    public int Width { get; } = Vectors.Padded<T>(length);

    public Span<T> this[int row] => From(row, 1);

    /// <summary>Valid until rows behind the last are asked for.</summary>
    public Span<T> From(int first, int count)
    {
        var end = (first + count) * Width;
        if (_numbers.Length < end)
        {
            Array.Resize(ref _numbers, Math.Max(end, 2 * _numbers.Length));
        }

        return _numbers.AsSpan(first * Width, count * Width);
    }
}
