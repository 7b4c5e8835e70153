namespace NasPlatform.Search.Training.Examples;

/// <summary>How training images are varied; evaluation never is.</summary>
/// <param name="CropPadding">Images are shifted by up to this many pixels each way; what comes in is black. 0 for none.</param>
/// <param name="Flip">Half of the images are mirrored left to right.</param>
/// <param name="Cutout">Side in pixels of a square that is filled with the mean (0 after normalisation); its centre is uniform over the image and it is clipped at the border. 0 for none.</param>
public sealed record Augmentation(int CropPadding = 0, bool Flip = false, int Cutout = 0)
{
    public static readonly Augmentation None = new();

    /// <summary>The usual for small images: shift by an eighth of the side, mirror.</summary>
    public static Augmentation Standard(int height, int width) => new(CropPadding: Math.Min(height, width) / 8, Flip: true);

    /// <summary>In words, for people.</summary>
    public string ToText()
    {
        var parts = new List<string>();
        if (CropPadding > 0)
        {
            parts.Add($"shifted by up to {CropPadding} pixels each way");
        }

        if (Flip)
        {
            parts.Add("half of the images mirrored left to right");
        }

        if (Cutout > 0)
        {
            parts.Add($"a square of {Cutout} pixels cut out");
        }

        return parts.Count == 0 ? "none" : string.Join(", ", parts);
    }
}
