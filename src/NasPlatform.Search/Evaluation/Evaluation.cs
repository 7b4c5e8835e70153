using System.Text.Json.Serialization;

namespace NasPlatform.Search.Evaluation;

/// <summary>What came of trying an architecture.</summary>
public sealed record Evaluation
{
    public required Outcome Outcome { get; init; }

    /// <summary>A sentence for people: why it did not complete. Null when it did.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// How good it is on the validation split after the last epoch, 0 to 1, the larger the better, by the task's <see cref="Metric"/>: the accuracy of a classifier, 1 / perplexity, 1 / (1 + squared
    /// error). 0 when it did not complete.
    /// </summary>
    public double Score { get; init; }

    /// <summary>The best score of the last five epochs: what NAS-RL pays its controller by (Zoph &amp; Le 2017, §4.1).</summary>
    public double BestOfLastFive { get; init; }

    /// <summary>Mean loss on the validation split after the last epoch: cross entropy in nats, or squared error in deviations. Null when it did not complete.</summary>
    public double? Loss { get; init; }

    public long ParameterCount { get; init; }

    /// <summary>Multiply-adds for one example.</summary>
    public long MultiplyAdds { get; init; }

    /// <summary>Milliseconds for one example, measured after the training on its device with the threads of a trial; null where it was not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LatencyMs { get; init; }

    /// <summary>Bytes for one example: weights, and the outputs of layers that are kept at once where most are; null where it is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? MemoryBytes { get; init; }

    /// <summary>Wall-clock time of training and validation.</summary>
    public double DurationSeconds { get; init; }

    /// <summary>Training throughput, augmentation and optimiser step included.</summary>
    public double ImagesPerSecond { get; init; }

    /// <summary>One entry an epoch.</summary>
    public IReadOnlyList<EpochResult> Curve { get; init; } = [];

    /// <summary>The trial whose result this is, when the same network had been tried at the same fidelity before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ReusedFromTrial { get; init; }
}

/// <summary>How a trial ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
public enum Outcome
{
    Completed,

    /// <summary>The loss stopped being a finite number.</summary>
    Diverged,

    /// <summary>The architecture does not fit the examples.</summary>
    Invalid,

    /// <summary>The training failed, for want of memory for instance.</summary>
    Failed,
}

/// <summary>Where a training stood at the end of an epoch.</summary>
/// <param name="Epoch">1-based.</param>
/// <param name="TrainLoss">Mean loss over the epoch's training batches, augmented: cross entropy in nats, or squared error in deviations.</param>
/// <param name="Score">On the validation split, as for <see cref="Evaluation.Score"/>; null where there was no validation.</param>
/// <param name="Loss">On the validation split; null where there was no validation.</param>
/// <param name="Seconds">Wall-clock time since the training began.</param>
/// <param name="TrainLosses">
/// How the training loss fell within the epoch: its mean, in nats, over each of <see cref="PartsOf"/> parts of equal length, so that a training of one epoch has a curve too.
/// Null where it was not kept.
/// </param>
public sealed record EpochResult(int Epoch, double TrainLoss, double? Score, double? Loss, double Seconds, IReadOnlyList<double>? TrainLosses = null)
{
    /// <summary>In how many parts the training loss of an epoch of so many steps is told.</summary>
    public static int PartsOf(int steps) => Math.Min(steps, 20);
}
