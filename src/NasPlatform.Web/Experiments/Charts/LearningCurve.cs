using System.Collections.Immutable;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Training;
using NasPlatform.Web.Trials;

namespace NasPlatform.Web.Experiments.Charts;

/// <summary>How one training went or goes.</summary>
/// <param name="TrialNumber">0 for the final training.</param>
/// <param name="Role">Why it is shown.</param>
/// <param name="Points">In the order of the epochs.</param>
public sealed record LearningCurve(int TrialNumber, CurveRole Role, ImmutableArray<CurvePoint> Points)
{
    public string Name => TrialNumber == 0 ? "final training" : $"trial {TrialNumber}";

    /// <summary>Where the epoch that is in progress stands; null where none is.</summary>
    public TrainingProgress? Running { get; init; }

    /// <summary>The training loss in nats by the epochs done, which are no whole numbers within one.</summary>
    public IEnumerable<(double Epoch, double? Loss)> TrainLosses()
    {
        foreach (var point in Points)
        {
            if (point.TrainLosses.IsEmpty)
            {
                yield return (point.Epoch, point.TrainLoss);
            }

            for (var part = 0; part < point.TrainLosses.Length; part++)
            {
                yield return (point.Epoch - 1 + ((part + 1.0) / point.TrainLosses.Length), point.TrainLosses[part]);
            }
        }

        if (Running is { TrainLosses: { } parts } && (Points.IsEmpty || Points[^1].Epoch < Running.Epoch))
        {
            for (var part = 0; part < parts.Count; part++)
            {
                yield return (Running.Epoch - 1 + ((part + 1.0) / EpochResult.PartsOf(Running.Steps)), parts[part]);
            }
        }
    }
}

/// <summary>Why a curve is shown.</summary>
public enum CurveRole
{
    Running,
    Best,
    Recent,
    Final,
}
