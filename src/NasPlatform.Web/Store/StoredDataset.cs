using NasPlatform.Search.Networks;

namespace NasPlatform.Web.Store;

/// <summary>A dataset, or one that is being taken in. The data are in the data folder, in the dataset's folder of <c>DatasetCatalog</c>.</summary>
public sealed class StoredDataset
{
    public required Guid Id { get; init; }

    /// <summary>Its name in the catalogue; unique.</summary>
    public required string Name { get; set; }

    public Guid? OwnerId { get; init; }

    public Visibility Visibility { get; set; } = Visibility.Team;

    public required DatasetState State { get; set; }

    /// <summary>A sentence for people: why it cannot be used.</summary>
    public string? Reason { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ReadyAt { get; set; }

    /// <summary>The file that was uploaded; null for one that came with the system or from the terminal.</summary>
    public Guid? UploadId { get; init; }

    /// <summary>How it is to be taken in, as JSON of <c>IngestOptions</c>.</summary>
    public string? IngestOptions { get; init; }

    /// <summary>What is learnt; null until it is ready, as are the following: copies out of the report, to show, filter and sort by.</summary>
    public TaskKind? Task { get; set; }

    /// <summary>Images, series, rows, steps of a series, tokens of a text; 0 until it is ready.</summary>
    public int ExampleCount { get; set; }

    /// <summary>Classes, or tokens of the vocabulary; 0 where numbers are predicted.</summary>
    public int ClassCount { get; set; }

    /// <summary>What is told apart or predicted, for people: "10 classes", "24 steps of 7 variables".</summary>
    public string? Predicts { get; set; }
}

/// <summary>Where a dataset stands.</summary>
public enum DatasetState
{
    /// <summary>It is being taken in.</summary>
    Ingesting,
    Ready,
    Failed,
}

/// <summary>A file that is being uploaded, or was.</summary>
public sealed class Upload
{
    public required Guid Id { get; init; }

    public Guid? OwnerId { get; init; }

    /// <summary>The file's name on the sender's machine: shown, never used as a path.</summary>
    public required string FileName { get; init; }

    /// <summary>Bytes in all.</summary>
    public required long Length { get; init; }

    /// <summary>Bytes that arrived and are on the disk.</summary>
    public long Received { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset LastReceivedAt { get; set; }
}
