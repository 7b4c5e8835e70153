namespace NasPlatform.Search.Datasets.Images;

/// <summary>The size of an image as a network sees it.</summary>
/// <param name="Channels">1 (grey) or 3 (red, green, blue).</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>Bytes of an image of 8-bit samples.</summary>
    public int ByteCount => checked(Channels * Height * Width);

    /// <inheritdoc/>
    public override string ToString() => $"{Width} x {Height}, {(Channels == 1 ? "grey" : "colour")}";
}
