using NasPlatform.Search.Networks;

namespace NasPlatform.Web.Store;

/// <summary>A trained and exported model.</summary>
public sealed class StoredModel
{
    public required Guid Id { get; init; }

    public required Guid ExperimentId { get; init; }

    public required string Name { get; set; }

    /// <summary>What it has learnt; with it, what a score means. Null in rows from before there were others than image classification.</summary>
    public TaskKind? Task { get; init; }

    public required int TrialNumber { get; init; }

    public required string Genotype { get; init; }

    /// <summary>On the test split, 0 to 1; see <see cref="NasPlatform.Search.Evaluation.Evaluation.Score"/>.</summary>
    public required double TestScore { get; init; }

    /// <summary>Mean loss on the test split: cross entropy in nats, or squared error in deviations; null where it was not finite.</summary>
    public double? TestLoss { get; init; }

    public required long ParameterCount { get; init; }

    /// <summary>Multiply-adds for one image.</summary>
    public required long MultiplyAdds { get; init; }

    /// <summary>The <c>ModelDescription</c> of architecture.json, for pages that show more of it.</summary>
    public required string Description { get; init; }

    /// <summary>The <c>ParityCertificate</c>, as JSON.</summary>
    public required string Parity { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A file that belongs to a model, kept in the artifact folder under its content's hash.</summary>
public sealed class Artifact
{
    public required Guid Id { get; init; }

    public required Guid ModelId { get; init; }

    /// <summary>The name under which it is downloaded: <c>model.onnx</c>.</summary>
    public required string FileName { get; init; }

    /// <summary>The export format's name: <c>onnx</c>, <c>safetensors</c>, <c>pytorch</c>, <c>json</c>, <c>card</c>, <c>parity</c>.</summary>
    public required string Format { get; init; }

    /// <summary>Bytes.</summary>
    public required long Length { get; init; }

    /// <summary>Lower-case hexadecimal; the file's place in the artifact folder.</summary>
    public required string Sha256 { get; init; }
}
