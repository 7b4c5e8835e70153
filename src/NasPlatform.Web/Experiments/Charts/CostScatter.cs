using System.Collections.Immutable;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;

namespace NasPlatform.Web.Experiments.Charts;

/// <summary>Score against what a network costs.</summary>
/// <param name="Cost">What is dear.</param>
/// <param name="Points">Trials that no other makes needless are always among them; of the others no more than can be told apart.</param>
/// <param name="Front">The Pareto front, from cheap to dear: nothing is both as cheap and more accurate, or as accurate and cheaper. Of the trials that were trained longest.</param>
/// <param name="TrialCount">Trials whose cost is known, shown or not.</param>
public sealed record CostScatter(Cost Cost, ImmutableArray<TrialPoint> Points, ImmutableArray<TrialPoint> Front, int TrialCount)
{
    /// <summary>More points than this only make a cloud darker.</summary>
    public const int MostPoints = 1_000;

    /// <param name="trials">In any order.</param>
    /// <param name="cost">What is dear.</param>
    public static CostScatter Of(IReadOnlyList<TrialPoint> trials, Cost cost)
    {
        var known = trials.Where(trial => trial.CostOf(cost) is not null).ToList();
        var longest = known.Count == 0 ? null : known.Max(trial => trial.Epochs);
        var front = ParetoFront.Of(known.Where(trial => trial.Epochs == longest), trial => trial.CostOf(cost) ?? 0, trial => trial.Score, trial => trial.Number);
        return new(cost, [.. Thinned.Evenly(known, MostPoints).Union(front)], [.. front], known.Count);
    }

    /// <summary>One for every cost that is known of a trial, parameters first; at least that.</summary>
    public static ImmutableArray<CostScatter> All(IReadOnlyList<TrialPoint> trials) =>
        [.. Enum.GetValues<Cost>().Select(cost => Of(trials, cost)).Where(scatter => scatter.Cost == Cost.Parameters || scatter.TrialCount > 0)];
}
