using System.Text.Json.Serialization;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;

namespace NasPlatform.Web.Models;

/// <summary>A model as lists show it.</summary>
public sealed record ModelRow
{
    public required Guid Id { get; init; }

    public required Guid ExperimentId { get; init; }

    /// <summary>The experiment's name now.</summary>
    public required string Experiment { get; init; }

    public required string Name { get; init; }

    /// <summary>The trial that won.</summary>
    public required int TrialNumber { get; init; }

    public required string Genotype { get; init; }

    public required string Dataset { get; init; }

    public required string Space { get; init; }

    public required string Strategy { get; init; }

    /// <summary>What it has learnt.</summary>
    public TaskKind? Task { get; init; }

    /// <summary>On the test split, 0 to 1.</summary>
    public required double TestScore { get; init; }

    /// <summary>Mean loss on the test split: cross entropy in nats, or squared error in deviations.</summary>
    public double? TestLoss { get; init; }

    public required long ParameterCount { get; init; }

    /// <summary>Multiply-adds for one example.</summary>
    public required long MultiplyAdds { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What its score means.</summary>
    [JsonIgnore]
    public Metric Metric => Task.GetValueOrDefault().Metric;
}
