using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace NasPlatform.Search.Export;

/// <summary>
/// Whether an exported ONNX file, run by ONNX Runtime over the whole test split, gives what the trained network gave. Kept beside the model as
/// <see cref="FileName"/>.
/// </summary>
public sealed record ParityCertificate
{
    public const string FileName = "parity.json";

    /// <summary>The largest difference of a probability, or of a predicted number in deviations, that still counts as agreement: float32 summed in another order stays well below.</summary>
    public const double Tolerance = 1e-4;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public required Parity Parity { get; init; }

    /// <summary>A sentence for people: what was found, or why nothing could be.</summary>
    public required string Summary { get; init; }

    /// <summary>The program that ran the file, with its version; null where none did.</summary>
    public string? Runtime { get; init; }

    /// <summary>Test examples that were run; tokens of a text.</summary>
    public int Examples { get; init; }

    /// <summary>The score on the test split that was measured in training, 0 to 1.</summary>
    public double MeasuredScore { get; init; }

    /// <summary>That of the exported file; null where it was not run, and for a language model, whose text is run here in windows that remember nothing of each other.</summary>
    public double? ExportedScore { get; init; }

    /// <summary>Examples for which both name the same class, or the same token; or predict the same numbers, within the tolerance.</summary>
    public int SamePredictions { get; init; }

    /// <summary>The largest difference of any probability, or of any predicted number in deviations, on any example; null where the file was not run.</summary>
    public double? LargestDifference { get; init; }

    public required DateTimeOffset CheckedAt { get; init; }

    /// <exception cref="JsonException">The text is no certificate.</exception>
    public static ParityCertificate FromJson(string text) =>
        JsonSerializer.Deserialize<ParityCertificate>(text, Json) ?? throw new JsonException("The certificate is empty.");

    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";
}

/// <summary>What a parity check found.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Parity>))]
public enum Parity
{
    Agrees,
    Differs,

    /// <summary>The file could not be run here.</summary>
    NotChecked,
}
