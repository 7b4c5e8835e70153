using System.Text.Json.Serialization;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Experiments;

/// <summary>One proposal, its evaluation and its state.</summary>
public sealed record Trial
{
    /// <summary>1-based.</summary>
    public required int Number { get; init; }

    /// <summary>The genotype's text form.</summary>
    public required string Genotype { get; init; }

    /// <summary>Chosen options, 0-based, by the names of their places.</summary>
    public required IReadOnlyDictionary<string, int> Decisions { get; init; }

    /// <summary>The identity of the network.</summary>
    public required string Key { get; init; }

    /// <summary>For how many epochs it is trained, where the strategy chose them; null where the experiment's fidelity says.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Epochs { get; init; }

    public required TrialState State { get; init; }

    public required DateTimeOffset ProposedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How long the experiment had run when it ended, in seconds, pauses between two runs of it not counted.</summary>
    public double? ElapsedSeconds { get; init; }

    /// <summary>What came of it; null until it has ended.</summary>
    public Evaluation.Evaluation? Evaluation { get; init; }

    /// <summary>How it compares; null while it has not completed.</summary>
    /// <param name="reward">The experiment's.</param>
    public TrialRank? RankBy(IReward? reward) =>
        Evaluation is { Outcome: Outcome.Completed } evaluation ? new(Epochs, reward?.Of(evaluation) ?? evaluation.Score, Number) : null;

    /// <summary>What was tried, as the strategy is told of it.</summary>
    /// <param name="space">The experiment's.</param>
    /// <param name="fidelity">The experiment's.</param>
    public Proposal Proposal(SearchSpace space, Fidelity fidelity) => new(Number, space.FromValues(Decisions), Epochs is { } epochs ? fidelity with { Epochs = epochs } : fidelity);
}

/// <summary>Where a trial stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TrialState>))]
public enum TrialState
{
    Running,
    Completed,
    Failed,

    /// <summary>Ended before its time, by the budget; it is not told to the strategy.</summary>
    Cancelled,
}
