namespace NasPlatform.Search.Networks;

/// <summary>A height and a width in pixels: of a kernel, a stride, a padding, a dilation.</summary>
public readonly record struct Extent(int Height, int Width)
{
    public static readonly Extent One = new(1, 1);
    public static readonly Extent Zero = new(0, 0);

    public long[] ToArray() => [Height, Width];

    public override string ToString() => $"{Height}x{Width}";

    /// <summary>A square extent.</summary>
    public static implicit operator Extent(int side) => new(side, side);
}
