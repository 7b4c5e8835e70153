using System.Text.Json;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Training;
using NasPlatform.Web.Commands;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Nodes;

/// <summary>How far a job has come.</summary>
/// <param name="Share">0 to 1; null where nobody knows.</param>
/// <param name="Words">For people.</param>
public sealed record JobProgress(double? Share, string Words)
{
    /// <param name="kind">Which decides what the JSON is of.</param>
    /// <param name="json">A <see cref="TrainingProgress"/> or <see cref="IngestProgress"/>.</param>
    public static JobProgress? Of(JobKind kind, string? json) => (kind, json) switch
    {
        (_, null) or (JobKind.Search, _) => null,
        (JobKind.Ingest, _) => OfIngest(JsonSerializer.Deserialize<IngestProgress>(json, JsonSerializerOptions.Web)!), // not null: written so, as below
        _ => OfTraining(JsonSerializer.Deserialize<TrainingProgress>(json, JsonSerializerOptions.Web)!),
    };

    private static JobProgress OfIngest(IngestProgress progress) => progress.Total > 0
        ? new((double)progress.Done / progress.Total, $"{progress.Stage}, {Figures.Exact(progress.Done)} of {Figures.Exact(progress.Total)}")
        : new(null, progress.Stage);

    private static JobProgress OfTraining(TrainingProgress progress) =>
        new(progress.Fraction, $"Epoch {progress.Epoch} of {progress.Epochs}, {Figures.Exact((long)progress.ImagesPerSecond)} images/s");
}
