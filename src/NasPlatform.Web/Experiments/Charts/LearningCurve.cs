using System.Collections.Immutable;

namespace NasPlatform.Web.Experiments.Charts;

/// <summary>How one training went, epoch by epoch.</summary>
/// <param name="TrialNumber">0 for the final training.</param>
/// <param name="Role">Why it is shown.</param>
/// <param name="Points">In the order of the epochs.</param>
public sealed record LearningCurve(int TrialNumber, CurveRole Role, ImmutableArray<CurvePoint> Points)
{
    public string Name => TrialNumber == 0 ? "final training" : $"trial {TrialNumber}";

    /// <summary>Curves with no more points than can be told apart.</summary>
    public LearningCurve Thin() => this with { Points = [.. Thinned.Evenly(Points, 300)] };
}

/// <summary>Why a curve is shown.</summary>
public enum CurveRole
{
    Running,
    Best,
    Recent,
    Final,
}

/// <summary>The end of an epoch.</summary>
/// <param name="Epoch">1-based.</param>
/// <param name="TrainLoss">Mean training cross entropy, in nats; null where it was not finite.</param>
/// <param name="Accuracy">Validation accuracy, 0 to 1; null without validation.</param>
/// <param name="Loss">Validation cross entropy, in nats; null without validation or where it was not finite.</param>
public readonly record struct CurvePoint(int Epoch, double? TrainLoss, double? Accuracy, double? Loss);
