namespace NasPlatform.Search.Datasets.Images;

/// <summary>How an image of other proportions is brought to the wanted size.</summary>
public enum ImageFit
{
    /// <summary>Cover the whole, keep the proportions, cut what stands out evenly on both sides.</summary>
    Crop,

    /// <summary>Show all, keep the proportions, fill with black evenly on both sides.</summary>
    Pad,

    /// <summary>Show all, change the proportions.</summary>
    Stretch,
}
