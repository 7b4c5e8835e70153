namespace NasPlatform.Search.Benchmarks;

/// <summary>What a table answers about one training of an architecture, or about the mean of several; null for what it does not have.</summary>
/// <param name="Train">Accuracy on the training split, 0 to 1.</param>
/// <param name="Valid">Accuracy on the validation split, 0 to 1.</param>
/// <param name="Test">Accuracy on the test split, 0 to 1.</param>
/// <param name="Seconds">Time of the training.</param>
public readonly record struct Measurement(double? Train, double? Valid, double? Test, double? Seconds)
{
    /// <summary>What a search sees: the validation accuracy, or the test accuracy of a table that has no other.</summary>
    public double? Searched => Valid ?? Test;
}
