namespace NasPlatform.Search.Networks;

/// <summary>
/// The shape of one example's activation, without the batch: an image <c>[Channels, Height, Width]</c> or, after pooling,
/// a vector <c>[Channels]</c>.
/// </summary>
public readonly record struct Shape
{
    private Shape(int channels, int height, int width, bool isVector)
    {
        Channels = channels;
        Height = height;
        Width = width;
        IsVector = isVector;
    }

    /// <summary>Channels of an image, features of a vector.</summary>
    public int Channels { get; }

    /// <summary>Rows; 1 for a vector.</summary>
    public int Height { get; }

    /// <summary>Columns; 1 for a vector.</summary>
    public int Width { get; }

    public bool IsVector { get; }

    /// <summary>Numbers in one example's activation.</summary>
    public long Count => (long)Channels * Height * Width;

    public static Shape Image(int channels, int height, int width) => new(channels, height, width, isVector: false);

    public static Shape Vector(int features) => new(features, 1, 1, isVector: true);

    /// <summary>The dimensions after the batch's.</summary>
    public int[] Dimensions => IsVector ? [Channels] : [Channels, Height, Width];

    public override string ToString() => IsVector ? $"{Channels}" : $"{Channels}×{Height}×{Width}";
}
