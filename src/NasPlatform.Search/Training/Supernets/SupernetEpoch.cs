namespace NasPlatform.Search.Training.Supernets;

/// <summary>Where a supernet's training stood at the end of an epoch, and what it would give.</summary>
/// <param name="Epoch">1-based.</param>
/// <param name="Epochs">How many there will be, as was planned then.</param>
/// <param name="TrainLoss">Mean loss of the shared weights' steps: cross entropy in nats, or squared error in deviations.</param>
/// <param name="Score">Of the supernet with its shared weights on the validation split, as for <see cref="Evaluation.Evaluation.Score"/>; what it scores is no network that can be had.</param>
/// <param name="Loss">Likewise the mean loss.</param>
/// <param name="Seconds">Wall-clock time since the training began, pauses not counted.</param>
/// <param name="Genotype">What would be derived now, as the space's text.</param>
/// <param name="Diagnostics">What else is known, as named numbers for people to watch.</param>
/// <param name="Beliefs">What is thought of each choice.</param>
public sealed record SupernetEpoch(
    int Epoch, int Epochs, double TrainLoss, double Score, double Loss, double Seconds, string Genotype, IReadOnlyDictionary<string, double> Diagnostics, IReadOnlyList<Belief> Beliefs);
