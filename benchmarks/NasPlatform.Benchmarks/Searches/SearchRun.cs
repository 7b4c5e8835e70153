namespace NasPlatform.Benchmarks.Searches;

/// <summary>A search that is done.</summary>
/// <param name="Seconds">From its program's start to its end.</param>
/// <param name="Examples">That each trial was trained on.</param>
/// <param name="Trials">By their numbers.</param>
internal sealed record SearchRun(double Seconds, int Examples, IReadOnlyList<TrialRun> Trials);

/// <summary>A trial of it.</summary>
/// <param name="Number">1-based.</param>
/// <param name="Seconds">Training and validation.</param>
/// <param name="Accuracy">On the validation split, 0 to 1.</param>
internal sealed record TrialRun(int Number, double Seconds, double Accuracy);
