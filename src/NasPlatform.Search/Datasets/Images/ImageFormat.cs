namespace NasPlatform.Search.Datasets.Images;

/// <summary>The kinds of image file that can be read; the values of the first five are those of libnas_image's header.</summary>
public enum ImageFormat
{
    /// <summary>JPEG.</summary>
    Jpeg,

    /// <summary>PNG.</summary>
    Png,

    /// <summary>WebP; of an animation the first frame.</summary>
    WebP,

    /// <summary>GIF; of an animation the first frame.</summary>
    Gif,

    /// <summary>TIFF; the first page.</summary>
    Tiff,

    /// <summary>Windows bitmap.</summary>
    Bmp,
}
