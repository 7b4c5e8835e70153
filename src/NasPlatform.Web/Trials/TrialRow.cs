using NasPlatform.Search.Evaluation;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Trials;

/// <summary>A trial as lists show it.</summary>
public sealed record TrialRow
{
    /// <summary>1-based.</summary>
    public required int Number { get; init; }

    /// <summary>The genotype's text form.</summary>
    public required string Genotype { get; init; }

    /// <summary>The identity of the network.</summary>
    public required string Key { get; init; }

    public required StoredTrialState State { get; init; }

    public Outcome? Outcome { get; init; }

    /// <summary>Why it failed or was cancelled.</summary>
    public string? Reason { get; init; }

    /// <summary>On the validation split after the last epoch, 0 to 1.</summary>
    public double? Score { get; init; }

    /// <summary>The best score of the last five epochs, 0 to 1.</summary>
    public double? BestOfLastFive { get; init; }

    /// <summary>Validation cross entropy, in nats; null where <see cref="LossNonFinite"/> says what it was.</summary>
    public double? Loss { get; init; }

    public NonFinite? LossNonFinite { get; init; }

    /// <summary>0 until it was built.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Multiply-adds for one image.</summary>
    public required long MultiplyAdds { get; init; }

    /// <summary>Wall-clock time of training and validation.</summary>
    public double? DurationSeconds { get; init; }

    /// <summary>Training throughput.</summary>
    public double? ImagesPerSecond { get; init; }

    /// <summary>The trial whose result this is, when the same network had been tried before.</summary>
    public int? ReusedFromTrial { get; init; }

    public required int AttemptCount { get; init; }

    public required DateTimeOffset ProposedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When the strategy was told its result.</summary>
    public DateTimeOffset? ToldAt { get; init; }

    /// <summary>How long the experiment had searched when it ended, in seconds.</summary>
    public double? ElapsedSeconds { get; init; }

    /// <summary>For how many epochs it is trained, where the strategy chose them; null where the experiment's fidelity says.</summary>
    public int? Epochs { get; init; }

    /// <summary>Milliseconds for one example, measured after the training.</summary>
    public double? LatencyMs { get; init; }

    /// <summary>Bytes for one example: weights, and the outputs of layers that are kept at once where most are.</summary>
    public long? MemoryBytes { get; init; }
}
