using System.Text.Json.Serialization;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Experiments;

/// <summary>An experiment as lists show it.</summary>
internal sealed record ExperimentRow
{
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    /// <summary>The owner's displayed name; null where nobody in particular owns it.</summary>
    public string? Owner { get; init; }

    public Guid? OwnerId { get; init; }

    public required Visibility Visibility { get; init; }

    public required Origin Origin { get; init; }

    public required string Dataset { get; init; }

    /// <summary>What is learnt; null while that is not known.</summary>
    public TaskKind? Task { get; init; }

    public required string Space { get; init; }

    public required string Strategy { get; init; }

    public required ExperimentState State { get; init; }

    /// <summary>What is wanted of it; a running one with <see cref="Wish.Pause"/> is about to pause.</summary>
    public required Wish Wish { get; init; }

    /// <summary>Why it is in this state; null where the state says all.</summary>
    public string? Reason { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How long the search has run, pauses not counted, in seconds.</summary>
    public required double SearchSeconds { get; init; }

    /// <summary>Trials that were proposed.</summary>
    public required int TrialCount { get; init; }

    /// <summary>Trials that ended, well or badly.</summary>
    public required int EndedCount { get; init; }

    /// <summary>The best trial's number; null while none has completed.</summary>
    public int? BestTrial { get; init; }

    /// <summary>Its score on the validation split, 0 to 1.</summary>
    public double? BestScore { get; init; }

    /// <summary>Score of the trained winner on the test split, 0 to 1.</summary>
    public double? TestScore { get; init; }

    /// <summary>What the scores mean.</summary>
    [JsonIgnore]
    public Metric Metric => Task.GetValueOrDefault().Metric;
}
