using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using NasPlatform.Search.Datasets.Images;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Datasets;

/// <summary>How many examples of a class each split has.</summary>
public sealed record ClassCounts(string Name, int Train, int Validation, int Test)
{
    /// <summary>All of them.</summary>
    [JsonIgnore]
    public int Total => Train + Validation + Test;

    /// <summary>Of one split.</summary>
    public int Of(Split split) => split switch
    {
        Split.Train => Train,
        Split.Validation => Validation,
        Split.Test => Test,
    };
}

/// <summary>How many examples each split has.</summary>
public sealed record SplitCounts(int Train, int Validation, int Test)
{
    /// <summary>Of one split.</summary>
    public int Of(Split split) => split switch
    {
        Split.Train => Train,
        Split.Validation => Validation,
        Split.Test => Test,
    };
}

/// <summary>A column of a table, or a variable of a series.</summary>
/// <param name="Name">Its title.</param>
/// <param name="Categories">What a category column holds, in the order of its features, one a category, that are 1 where the row has it and else 0; null for a column of numbers.</param>
public sealed record DataColumn(string Name, IReadOnlyList<string>? Categories = null)
{
    /// <summary>The category of a value that is missing, where training rows had any.</summary>
    public const string Missing = "(missing)";

    /// <summary>The category of values that are too rare for one of their own, where there are such.</summary>
    public const string Other = "(other)";

    /// <summary>How many numbers of an example come from it.</summary>
    [JsonIgnore]
    public int Features => Categories?.Count ?? 1;
}

/// <summary>Two examples with the same pixels or numbers.</summary>
public sealed record DuplicateExample(string First, Split FirstSplit, string Second, Split SecondSplit);

/// <summary>Images, series or rows that are there more than once, pixel for pixel or number for number, as they are kept.</summary>
/// <param name="AcrossSplits">Examples for validation or test that a split before theirs (train, validation, test) has too: what is measured on them flatters.</param>
/// <param name="WithinSplits">Examples that their own split has already.</param>
/// <param name="WithOtherLabels">Examples that another class has too.</param>
/// <param name="Examples">Some of those across splits, then of the others.</param>
public sealed record DuplicateReport(int AcrossSplits, int WithinSplits, int WithOtherLabels, IReadOnlyList<DuplicateExample> Examples);

/// <summary>A file that was left out, and why.</summary>
public sealed record UnreadableFile(string Name, string Reason);

/// <summary>What a person wants to know of a dataset. Kept beside it as report.json.</summary>
public sealed record DatasetReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The dataset's name.</summary>
    public required string Name { get; init; }

    /// <summary>What it was made from: "zip archive of class folders".</summary>
    public required string Source { get; init; }

    /// <summary>When it was brought in.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What can be learnt from it.</summary>
    public TaskKind Task { get; init; }

    /// <summary>The classes, or the vocabulary's tokens, in the order of their labels; empty where numbers are predicted.</summary>
    public required IReadOnlyList<ClassCounts> Classes { get; init; }

    /// <summary>Examples of each split where no classes count them: steps of a series that is forecast, rows of a table whose number is predicted. Else null.</summary>
    public SplitCounts? Counts { get; init; }

    /// <summary>1 (grey) or 3 (colour); the variables of a series, the features of a table's row; 1 for a text.</summary>
    public required int Channels { get; init; }

    /// <summary>Rows of an image; else 1.</summary>
    public required int Height { get; init; }

    /// <summary>Columns of an image; steps of a series (of those that a forecast looks back at), tokens of a text that are learnt from at once; 1 for a table.</summary>
    public required int Width { get; init; }

    /// <summary>The columns of a table's features, the variables of a series, in the order of the numbers; empty for images and texts.</summary>
    public IReadOnlyList<DataColumn> Columns { get; init; } = [];

    /// <summary>What is predicted: places of variables in <see cref="Columns"/> for a forecast; else empty.</summary>
    public IReadOnlyList<int> Targets { get; init; } = [];

    /// <summary>Titles of the predicted numbers' columns: of a forecast's targets, of a regression's number; the title of the label's column of a table. Empty for the others.</summary>
    public IReadOnlyList<string> TargetNames { get; init; } = [];

    /// <summary>Steps ahead that a forecast predicts; 0 for others.</summary>
    public int Horizon { get; init; }

    /// <summary>Mean and deviation of each predicted number over the training split, in the data's unit: errors are measured in deviations. Empty where classes or tokens are predicted.</summary>
    public IReadOnlyList<double> TargetMean { get; init; } = [];

    /// <summary>The deviations of <see cref="TargetMean"/>.</summary>
    public IReadOnlyList<double> TargetStd { get; init; } = [];

    /// <summary>Whether a text's tokens are characters, and not words; false for others.</summary>
    public bool IsCharacters { get; init; }

    /// <summary>How images of other proportions were brought to the size; a new image is to be treated the same way.</summary>
    public required ImageFit Fit { get; init; }

    /// <summary>Mean of each channel over the training split: of an image's pixels, 0 to 1; of a variable or a feature in the data's unit. Empty for a text.</summary>
    public required IReadOnlyList<double> Mean { get; init; }

    /// <summary>Standard deviation of each channel over the same.</summary>
    public required IReadOnlyList<double> Std { get; init; }

    /// <summary>Examples of the largest class in the training split for each one of the smallest; 1 where there are no classes.</summary>
    public required double Imbalance { get; init; }

    /// <summary>The seed that decided which examples were set aside.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Examples that are there more than once; none in a text, or a series that is forecast.</summary>
    public required DuplicateReport Duplicates { get; init; }

    /// <summary>Files that were left out because they could not be read.</summary>
    public required IReadOnlyList<UnreadableFile> Unreadable { get; init; }

    /// <summary>What else a person should know, a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>What a network for it takes in and gives out.</summary>
    [JsonIgnore]
    public TaskShape TaskShape => new(Channels, Height, Width, Task switch
    {
        TaskKind.Forecasting => Horizon * Targets.Count,
        TaskKind.TabularRegression => TargetNames.Count,
        _ => Classes.Count,
    }, Task);

    /// <summary>Examples in a split: images, series, rows of a table; tokens of a text, steps of a series that is forecast.</summary>
    public int CountOf(Split split) => Counts?.Of(split) ?? Classes.Sum(counts => counts.Of(split));

    /// <summary>The JSON text that <see cref="Parse"/> reads.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="JsonException">The text is no report.</exception>
    public static DatasetReport Parse(string json) =>
        JsonSerializer.Deserialize<DatasetReport>(json, Json) ?? throw new JsonException("The report is empty.");
}
