using NasPlatform.Web.Store;

namespace NasPlatform.Web.Trials;

/// <summary>What a training measured at the end of an epoch.</summary>
/// <param name="Trial">The trial's number; 0 for the final training.</param>
/// <param name="Epoch">1-based.</param>
/// <param name="TrainLoss">Mean training cross entropy of the epoch, in nats; null where it was not finite.</param>
/// <param name="Accuracy">Validation accuracy, 0 to 1; null where there was no validation.</param>
/// <param name="Loss">Validation cross entropy, in nats.</param>
/// <param name="Seconds">Wall-clock time since the training began.</param>
internal sealed record CurvePoint(int Trial, int Epoch, double? TrainLoss, double? Accuracy, double? Loss, double Seconds)
{
    /// <summary>The points of some trials, of the last attempt at each, in order.</summary>
    /// <param name="first">The first trial's number; 0 for the final training.</param>
    /// <param name="last">The last trial's, included.</param>
    public static IQueryable<CurvePoint> Of(StoreContext context, Guid experimentId, int first, int last) =>
        from point in context.MetricPoints
        where point.ExperimentId == experimentId && point.TrialNumber >= first && point.TrialNumber <= last
            && !context.MetricPoints.Any(later => later.ExperimentId == experimentId && later.TrialNumber == point.TrialNumber && later.Token > point.Token)
        orderby point.TrialNumber, point.Epoch
        select new CurvePoint(point.TrialNumber, point.Epoch, point.TrainLoss, point.Accuracy, point.Loss, point.Seconds);
}
