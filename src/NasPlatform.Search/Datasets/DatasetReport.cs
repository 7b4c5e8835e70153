using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using NasPlatform.Search.Datasets.Images;

namespace NasPlatform.Search.Datasets;

/// <summary>How many examples of a class each split has.</summary>
public sealed record ClassCounts(string Name, int Train, int Validation, int Test)
{
    /// <summary>All of them.</summary>
    [JsonIgnore]
    public int Total => Train + Validation + Test;
}

/// <summary>Two examples with the same pixels.</summary>
public sealed record DuplicateExample(string First, Split FirstSplit, string Second, Split SecondSplit);

/// <summary>Images that are there more than once, pixel for pixel, at the size that is kept.</summary>
/// <param name="AcrossSplits">Images for validation or test that a split before theirs (train, validation, test) has too: what is measured on them flatters.</param>
/// <param name="WithinSplits">Images that their own split has already.</param>
/// <param name="WithOtherLabels">Images that another class has too.</param>
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

    /// <summary>The classes in the order of their labels.</summary>
    public required IReadOnlyList<ClassCounts> Classes { get; init; }

    /// <summary>1 (grey) or 3 (colour).</summary>
    public required int Channels { get; init; }

    /// <summary>Rows of an image.</summary>
    public required int Height { get; init; }

    /// <summary>Columns of an image.</summary>
    public required int Width { get; init; }

    /// <summary>How images of other proportions were brought to the size; a new image is to be treated the same way.</summary>
    public required ImageFit Fit { get; init; }

    /// <summary>Mean of each channel over the pixels of the training split, 0 to 1.</summary>
    public required IReadOnlyList<double> Mean { get; init; }

    /// <summary>Standard deviation of each channel over the same.</summary>
    public required IReadOnlyList<double> Std { get; init; }

    /// <summary>Images of the largest class in the training split for each one of the smallest.</summary>
    public required double Imbalance { get; init; }

    /// <summary>The seed that decided which examples were set aside.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Images that are there more than once.</summary>
    public required DuplicateReport Duplicates { get; init; }

    /// <summary>Files that were left out because they could not be read.</summary>
    public required IReadOnlyList<UnreadableFile> Unreadable { get; init; }

    /// <summary>What else a person should know, a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Examples in a split.</summary>
    public int CountOf(Split split) => Classes.Sum(counts => split switch
    {
        Split.Train => counts.Train,
        Split.Validation => counts.Validation,
        Split.Test => counts.Test,
    });

    /// <summary>The JSON text that <see cref="Parse"/> reads.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="JsonException">The text is no report.</exception>
    public static DatasetReport Parse(string json) =>
        JsonSerializer.Deserialize<DatasetReport>(json, Json) ?? throw new JsonException("The report is empty.");
}
