using System.Text.Json;
using System.Text.Json.Serialization;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Datasets;

/// <summary>A dataset as lists show it.</summary>
/// <param name="Owner">The owner's displayed name; null where nobody in particular owns it.</param>
/// <param name="Reason">Why it cannot be used.</param>
/// <param name="Task">What is learnt; null until it is ready.</param>
/// <param name="ExampleCount">Images, series, rows, steps of a series, tokens of a text; 0 until it is ready.</param>
/// <param name="ClassCount">Classes, or tokens of the vocabulary; 0 until it is ready, and where numbers are predicted.</param>
/// <param name="Predicts">What is told apart or predicted, for people; null until it is ready.</param>
/// <param name="ProgressJson">How far taking it in has come, as it is stored.</param>
internal sealed record DatasetRow(
    Guid Id,
    string Name,
    string? Owner,
    Visibility Visibility,
    DatasetState State,
    string? Reason,
    TaskKind? Task,
    int ExampleCount,
    int ClassCount,
    string? Predicts,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ReadyAt,
    [property: JsonIgnore] string? ProgressJson)
{
    /// <summary>How far taking it in has come; null where it waits or is over.</summary>
    public IngestProgress? Progress => ProgressJson is null ? null : JsonSerializer.Deserialize<IngestProgress>(ProgressJson, JsonSerializerOptions.Web);
}
