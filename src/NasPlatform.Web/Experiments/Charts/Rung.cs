using System.Collections.Immutable;

namespace NasPlatform.Web.Experiments.Charts;

/// <summary>The trials of one length, where a strategy trains many architectures short and the best of them longer.</summary>
/// <param name="Epochs">Of each.</param>
/// <param name="Trials">That completed.</param>
/// <param name="Promoted">Architectures of them that were trained for longer, too.</param>
/// <param name="BestScore">On the validation split, 0 to 1.</param>
/// <param name="MedianScore">Likewise.</param>
public sealed record Rung(int Epochs, int Trials, int Promoted, double BestScore, double MedianScore)
{
    /// <summary>From the shortest to the longest; empty where the experiment's fidelity says how long trials are.</summary>
    public static ImmutableArray<Rung> Of(IReadOnlyCollection<TrialPoint> trials)
    {
        var longest = trials.GroupBy(trial => trial.Key).ToDictionary(group => group.Key, group => group.Max(trial => trial.Epochs));
        return
        [
            .. trials.Where(trial => trial.Epochs is not null).GroupBy(trial => trial.Epochs.GetValueOrDefault()).OrderBy(group => group.Key).Select(group =>
            {
                double[] scores = [.. group.Select(trial => trial.Score).Order()];
                return new Rung(group.Key, scores.Length, group.Select(trial => trial.Key).Distinct().Count(key => longest[key] > group.Key), scores[^1], (scores[(scores.Length - 1) / 2] + scores[scores.Length / 2]) / 2);
            }),
        ];
    }
}
