namespace NasPlatform.Web.Store;

/// <summary>What an attempt measured at the end of an epoch.</summary>
public sealed class MetricPoint
{
    public required Guid ExperimentId { get; init; }

    /// <summary>The trial's number; 0 for the final training.</summary>
    public required int TrialNumber { get; init; }

    /// <summary>The fencing token of the attempt, so that points of two attempts never mix.</summary>
    public required long Token { get; init; }

    /// <summary>1-based.</summary>
    public required int Epoch { get; init; }

    /// <summary>Mean training cross entropy of the epoch, in nats; null where <see cref="TrainLossNonFinite"/> says what it was.</summary>
    public double? TrainLoss { get; init; }

    public NonFinite? TrainLossNonFinite { get; init; }

    /// <summary>How the training loss fell within the epoch, a JSON array of means over parts of equal length, in nats; null where it was not kept.</summary>
    public string? TrainLosses { get; init; }

    /// <summary>On the validation split, 0 to 1; null where there was no validation.</summary>
    public double? Score { get; init; }

    /// <summary>Validation cross entropy, in nats.</summary>
    public double? Loss { get; init; }

    public NonFinite? LossNonFinite { get; init; }

    /// <summary>Wall-clock time since the training began.</summary>
    public required double Seconds { get; init; }
}
