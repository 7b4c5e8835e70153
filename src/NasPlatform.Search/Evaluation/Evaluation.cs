using System.Text.Json.Serialization;

namespace NasPlatform.Search.Evaluation;

/// <summary>What came of trying an architecture.</summary>
public sealed record Evaluation
{
    public required Outcome Outcome { get; init; }

    /// <summary>A sentence for people: why it did not complete. Null when it did.</summary>
    public string? Reason { get; init; }

    /// <summary>Share of the validation split that is classified rightly after the last epoch, 0 to 1; 0 when it did not complete.</summary>
    public double Accuracy { get; init; }

    /// <summary>The best validation accuracy of the last five epochs: what NAS-RL pays its controller by (Zoph &amp; Le 2017, §4.1).</summary>
    public double BestOfLastFive { get; init; }

    /// <summary>Mean cross entropy on the validation split after the last epoch, in nats. Null when it did not complete.</summary>
    public double? Loss { get; init; }

    public long ParameterCount { get; init; }

    /// <summary>Multiply-adds for one example.</summary>
    public long MultiplyAdds { get; init; }

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

    /// <summary>The architecture does not fit the images.</summary>
    Invalid,

    /// <summary>The training failed, for want of memory for instance.</summary>
    Failed,
}

/// <summary>Where a training stood at the end of an epoch.</summary>
/// <param name="Epoch">1-based.</param>
/// <param name="TrainLoss">Mean cross entropy over the epoch's training batches, augmented, in nats.</param>
/// <param name="Accuracy">Validation accuracy, 0 to 1; null where there was no validation.</param>
/// <param name="Loss">Validation cross entropy in nats; null where there was no validation.</param>
/// <param name="Seconds">Wall-clock time since the training began.</param>
/// <param name="TrainLosses">
/// How the training loss fell within the epoch: its mean, in nats, over each of <see cref="PartsOf"/> parts of equal length, so that a training of one epoch has a curve too.
/// Null where it was not kept.
/// </param>
public sealed record EpochResult(int Epoch, double TrainLoss, double? Accuracy, double? Loss, double Seconds, IReadOnlyList<double>? TrainLosses = null)
{
    /// <summary>In how many parts the training loss of an epoch of so many steps is told.</summary>
    public static int PartsOf(int steps) => Math.Min(steps, 20);
}
