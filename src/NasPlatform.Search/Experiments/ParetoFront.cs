using NasPlatform.Search.Evaluation;

namespace NasPlatform.Search.Experiments;

/// <summary>The networks that no other makes needless: nothing is both as cheap and better, or as good and cheaper.</summary>
public static class ParetoFront
{
    /// <summary>From cheap to dear; of equals the earlier.</summary>
    /// <param name="items">In any order.</param>
    /// <param name="cost">The less the better.</param>
    /// <param name="score">The more the better.</param>
    /// <param name="number">1-based.</param>
    public static IReadOnlyList<T> Of<T>(IEnumerable<T> items, Func<T, double> cost, Func<T, double> score, Func<T, int> number)
    {
        var front = new List<T>();
        foreach (var item in items.OrderBy(cost).ThenByDescending(score).ThenBy(number))
        {
            if (front.Count == 0 || score(item) > score(front[^1]))
            {
                front.Add(item);
            }
        }

        return front;
    }

    /// <summary>Of the completed trials whose cost is known, and of those that were trained longest where lengths differ.</summary>
    public static IReadOnlyList<Trial> Of(IEnumerable<Trial> trials, Cost cost)
    {
        var known = trials.Where(trial => trial.Evaluation is { Outcome: Outcome.Completed } evaluation && cost.Of(evaluation) is not null).ToList();
        var longest = known.Max(trial => trial.Epochs);
        return Of(known.Where(trial => trial.Epochs == longest), trial => cost.Of(trial.Evaluation!)!.Value, trial => trial.Evaluation!.Score, trial => trial.Number); // not null: asked for above
    }
}
