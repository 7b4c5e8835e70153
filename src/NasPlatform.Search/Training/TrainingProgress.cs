namespace NasPlatform.Search.Training;

/// <summary>Where a training stands, told at each epoch's end and at least each second.</summary>
/// <param name="Epoch">The epoch in progress, or just finished, 1-based.</param>
/// <param name="Epochs">How many there will be.</param>
/// <param name="Step">Steps done in this epoch.</param>
/// <param name="Steps">Steps in an epoch.</param>
/// <param name="TrainLoss">Mean loss of this epoch so far: cross entropy in nats, or squared error in deviations.</param>
/// <param name="ImagesPerSecond">Over the training so far.</param>
/// <param name="Finished">The epoch's result, when it has just finished.</param>
/// <param name="TrainLosses">The mean loss of each part of this epoch that is done, of the <see cref="Evaluation.EpochResult.PartsOf"/> that it has.</param>
/// <param name="Batch">Examples that a step is trained on; tokens of a text.</param>
public sealed record TrainingProgress(
    int Epoch, int Epochs, int Step, int Steps, double TrainLoss, double ImagesPerSecond, Evaluation.EpochResult? Finished, IReadOnlyList<double>? TrainLosses = null, int Batch = 0)
{
    /// <summary>The share that is done, 0 to 1.</summary>
    public double Fraction => (Epoch - 1 + ((double)Step / Steps)) / Epochs;
}
