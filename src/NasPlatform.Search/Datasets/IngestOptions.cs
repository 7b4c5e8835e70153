using NasPlatform.Search.Datasets.Images;

namespace NasPlatform.Search.Datasets;

/// <summary>How a dataset is brought in. Everything has a default that suits the data.</summary>
public sealed record IngestOptions
{
    /// <summary>The dataset's name: letters and digits of any script, '.', '_' and '-'. Default: the file's or folder's name.</summary>
    public string? Name { get; init; }

    /// <summary>Whether a dataset of this name that is there already is replaced. Default: no, it is an error.</summary>
    public bool Replace { get; init; }

    /// <summary>
    /// Rows of an image. Default: as <see cref="Width"/> when only that is given; else the images' own size when all have the
    /// same and it is at most 64 a side; else a square of the median of their shorter sides, at most 64.
    /// </summary>
    public int? Height { get; init; }

    /// <summary>Columns of an image; default as for <see cref="Height"/>.</summary>
    public int? Width { get; init; }

    /// <summary>What happens to images of other proportions; default: they are cropped.</summary>
    public ImageFit Fit { get; init; } = ImageFit.Crop;

    /// <summary>1 (grey) or 3 (colour). Default: 1 when no image has colour, else 3.</summary>
    public int? Channels { get; init; }

    /// <summary>Share of each class that is set aside for validation where the source has none set aside; 0 to 1, default 0.1.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Share of each class that is set aside for the test where the source has none set aside; 0 to 1, default 0.1.</summary>
    public double TestFraction { get; init; } = 0.1;

    /// <summary>Decides which examples are set aside. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Names of the classes by label, for sources that only number them (IDX). Default: the numbers.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>What the source may ask of this machine.</summary>
    public DatasetLimits Limits { get; init; } = new();

    /// <exception cref="UserErrorException">A value is out of its range.</exception>
    public void Validate()
    {
        if (Channels is not (null or 1 or 3))
            throw new UserErrorException($"{Channels} channels are not possible: 1 (grey) or 3 (colour).");
        foreach (var side in new[] { Height, Width })
            if (side is < 1 or > 4096)
                throw new UserErrorException($"An image size of {side} is not possible: 1 to 4,096.");
        if (!(ValidationFraction >= 0 && TestFraction >= 0 && ValidationFraction + TestFraction < 1))
            throw new UserErrorException($"A validation share of {ValidationFraction} and a test share of {TestFraction} are not possible: each is at least 0, and something must be left to train on.");
    }
}
