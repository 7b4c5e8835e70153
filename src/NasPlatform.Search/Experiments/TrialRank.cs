namespace NasPlatform.Search.Experiments;

/// <summary>
/// How completed trials of a search compare: one that was trained for more epochs counts before any that was trained for fewer, as its score says more; of the same epochs the higher score, or reward where the experiment has an objective, of equals
/// the earlier trial.
/// </summary>
/// <param name="Epochs">As for <see cref="Trial.Epochs"/>.</param>
/// <param name="Score">On the validation split, 0 to 1; or the reward, not negative.</param>
/// <param name="Number">The trial's.</param>
public readonly record struct TrialRank(int? Epochs, double Score, int Number)
{
    public bool Beats(TrialRank other) => (Epochs ?? 0, Score, -Number).CompareTo((other.Epochs ?? 0, other.Score, -other.Number)) > 0;
}
