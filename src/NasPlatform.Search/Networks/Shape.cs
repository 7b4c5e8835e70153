namespace NasPlatform.Search.Networks;

/// <summary>
/// The shape of one example's activation, without the batch: an image <c>[Channels, Height, Width]</c>, a vector <c>[Channels]</c>, or a sequence
/// of vectors <c>[Width, Channels]</c>, one a step. A series of several variables is an image of one row, its steps the columns.
/// </summary>
public readonly record struct Shape
{
    private Shape(ShapeKind kind, int channels, int height, int width)
    {
        Kind = kind;
        Channels = channels;
        Height = height;
        Width = width;
    }

    public ShapeKind Kind { get; }

    /// <summary>Channels of an image, features of a vector and of each step of a sequence.</summary>
    public int Channels { get; }

    /// <summary>Rows; 1 for a vector and a sequence.</summary>
    public int Height { get; }

    /// <summary>Columns, or a sequence's steps; 1 for a vector.</summary>
    public int Width { get; }

    public bool IsVector => Kind == ShapeKind.Vector;

    /// <summary>Numbers in one example's activation.</summary>
    public long Count => (long)Channels * Height * Width;

    public static Shape Image(int channels, int height, int width) => new(ShapeKind.Image, channels, height, width);

    public static Shape Vector(int features) => new(ShapeKind.Vector, features, 1, 1);

    public static Shape Sequence(int steps, int features) => new(ShapeKind.Sequence, features, 1, steps);

    /// <summary>Which dimension of a batch's tensor the channels are in.</summary>
    public int ChannelDimension => Kind == ShapeKind.Sequence ? 2 : 1;

    /// <summary>The dimensions after the batch's.</summary>
    public int[] Dimensions => Kind switch
    {
        ShapeKind.Image => [Channels, Height, Width],
        ShapeKind.Vector => [Channels],
        ShapeKind.Sequence => [Width, Channels],
    };

    /// <summary>The same with another number of channels or features.</summary>
    public Shape WithChannels(int channels) => new(Kind, channels, Height, Width);

    public override string ToString() => string.Join('×', Dimensions);
}

/// <summary>How an activation's numbers are laid out.</summary>
public enum ShapeKind
{
    Image,
    Vector,
    Sequence,
}
