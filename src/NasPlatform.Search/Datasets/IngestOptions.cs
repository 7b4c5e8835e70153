using NasPlatform.Search.Datasets.Images;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Datasets;

/// <summary>How a dataset is brought in. Everything has a default that suits the data; what does not concern a kind of data is passed over.</summary>
public sealed record IngestOptions
{
    /// <summary>The most tokens of a vocabulary, and the most steps, that may be asked for.</summary>
    public const int Most = 1_000_000;

    /// <summary>The dataset's name: letters and digits of any script, '.', '_' and '-'. Default: the file's or folder's name.</summary>
    public string? Name { get; init; }

    /// <summary>The file's own name where it lies under another, as an upload does; its ending may say what it is.</summary>
    public string? FileName { get; init; }

    /// <summary>Whether a dataset of this name that is there already is replaced. Default: no, it is an error.</summary>
    public bool Replace { get; init; }

    /// <summary>What is to be learnt. Default: what the data look like.</summary>
    public TaskKind? Task { get; init; }

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

    /// <summary>Whether the tokens of a text are its characters. Default: no, they are words between white space, with &lt;eos&gt; at each line's end.</summary>
    public bool Characters { get; init; }

    /// <summary>The most tokens that a text's vocabulary has, &lt;eos&gt; and &lt;unk&gt; included; 3 to 1,000,000, default 10,000. The others are &lt;unk&gt;.</summary>
    public int Vocabulary { get; init; } = 10_000;

    /// <summary>
    /// Tokens of a text that are learnt from at once; default 35 for words, 64 for characters. Steps of a series that a forecast looks back at; default 96, or a third of those for
    /// training where that is less. 1 to 1,000,000.
    /// </summary>
    public int? Steps { get; init; }

    /// <summary>Steps ahead that a forecast predicts; 1 to 1,000,000. Default 24, or half of the steps for validation or test where that is less.</summary>
    public int? Horizon { get; init; }

    /// <summary>Titles of the columns that a forecast predicts. Default: all that have numbers.</summary>
    public IReadOnlyList<string>? Targets { get; init; }

    /// <summary>How many steps of a series that is forecast go to each split, in order of time; what is left over is left out. Default: by the shares.</summary>
    public SplitCounts? Rows { get; init; }

    /// <summary>Title of the column of a table that is predicted. Default: the last.</summary>
    public string? Label { get; init; }

    /// <summary>The most categories of a table's column that are told apart, the most frequent; 1 to 10,000, default 50. The others are one more.</summary>
    public int Categories { get; init; } = 50;

    /// <summary>Share that is set aside for validation where the source has none set aside: of each class, of a table's rows, of a text's or a series' end. 0 to 1, default 0.1.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Share that is set aside for the test where the source has none set aside; as for validation, and after it in a text or a series. 0 to 1, default 0.1.</summary>
    public double TestFraction { get; init; } = 0.1;

    /// <summary>Decides which examples are set aside, where order does not. Default 1.</summary>
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
        if (Vocabulary is < 3 or > Most)
            throw new UserErrorException($"A vocabulary of {Vocabulary:N0} tokens is not possible: 3 to {Most:N0}.");
        if (Steps is < 1 or > Most)
            throw new UserErrorException($"{Steps:N0} steps are not possible: 1 to {Most:N0}.");
        if (Horizon is < 1 or > Most)
            throw new UserErrorException($"A horizon of {Horizon:N0} steps is not possible: 1 to {Most:N0}.");
        if (Categories is < 1 or > 10_000)
            throw new UserErrorException($"{Categories:N0} categories of a column are not possible: 1 to 10,000.");
        if (Rows is { Train: < 1 } or { Validation: < 0 } or { Test: < 0 })
            throw new UserErrorException($"Splits of {Rows.Train:N0}, {Rows.Validation:N0} and {Rows.Test:N0} rows are not possible: at least 1 to train on, and none below 0.");
        if (!(ValidationFraction >= 0 && TestFraction >= 0 && ValidationFraction + TestFraction < 1))
            throw new UserErrorException($"A validation share of {ValidationFraction} and a test share of {TestFraction} are not possible: each is at least 0, and something must be left to train on.");
    }
}
