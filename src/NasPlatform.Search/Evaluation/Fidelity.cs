namespace NasPlatform.Search.Evaluation;

/// <summary>How thoroughly one trial is evaluated.</summary>
/// <param name="Epochs">Passes over the training examples, at least 1.</param>
/// <param name="Fraction">The share of the training split that is used, above 0 up to 1; the same examples for every trial of an experiment.</param>
public sealed record Fidelity(int Epochs = 1, double Fraction = 1);
