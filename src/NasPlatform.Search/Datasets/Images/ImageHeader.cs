namespace NasPlatform.Search.Datasets.Images;

/// <summary>What an image file says of itself.</summary>
/// <param name="Format">The kind of file, by its content.</param>
/// <param name="Width">Columns as stored, before the orientation is applied.</param>
/// <param name="Height">Rows as stored.</param>
/// <param name="Bands">Samples of a pixel, alpha included: 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha (or CMYK). A palette is expanded.</param>
/// <param name="BitDepth">Bits of a sample as they are decoded: 8 or 16.</param>
/// <param name="Orientation">EXIF orientation, 1 (upright) to 8.</param>
public sealed record ImageHeader(ImageFormat Format, int Width, int Height, int Bands, int BitDepth, int Orientation)
{
    /// <summary>Whether the image has no colour.</summary>
    public bool IsGrey => Bands < 3;

    /// <summary>Columns when shown upright.</summary>
    public int UprightWidth => Orientation >= 5 ? Height : Width;

    /// <summary>Rows when shown upright.</summary>
    public int UprightHeight => Orientation >= 5 ? Width : Height;
}
