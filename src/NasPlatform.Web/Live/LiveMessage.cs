using NasPlatform.Search.Training;
using NasPlatform.Web.Progress;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Live;

/// <summary>What the hub tells of an experiment.</summary>
/// <param name="Events">New events, oldest first, with consecutive numbers; may be none.</param>
/// <param name="Running">All training that is under way, in place of what was told before.</param>
internal sealed record LiveMessage(IReadOnlyList<LiveEvent> Events, IReadOnlyList<LiveTraining> Running)
{
    /// <param name="isPublic">Whether strangers are told: who of the team did what is not theirs to know.</param>
    public static LiveMessage Of(LiveUpdate update, bool isPublic) => new(
        [.. update.Events.Select(happened => isPublic && happened.Kind == EventKind.Changed ? LiveEvent.Of(happened) with { Text = "The team changed it." } : LiveEvent.Of(happened))],
        [.. update.Running.Select(work => LiveTraining.Of(work.TrialNumber, work.Progress))]);
}

/// <summary>A training that is under way.</summary>
/// <param name="Trial">0 for the final training, -1 for the supernet of a one-shot strategy.</param>
/// <param name="Epoch">The epoch in progress, 1-based.</param>
/// <param name="Epochs">How many there will be.</param>
/// <param name="Fraction">The share that is done, 0 to 1.</param>
/// <param name="TrainLoss">Mean cross entropy of this epoch so far, in nats; null where it is not finite.</param>
/// <param name="TrainLosses">The same over each part of the epoch that is done.</param>
internal sealed record LiveTraining(int Trial, int Epoch, int Epochs, double Fraction, double? TrainLoss, IReadOnlyList<double> TrainLosses, double ImagesPerSecond)
{
    public static LiveTraining Of(int trial, TrainingProgress progress) =>
        new(trial, progress.Epoch, progress.Epochs, progress.Fraction, Number64.Split(progress.TrainLoss).Value, progress.TrainLosses ?? [], progress.ImagesPerSecond);
}
