using NasPlatform.Search.Strategies;

namespace NasPlatform.Web.Experiments.Method;

/// <summary>What an experiment's strategy makes of the trials that it was told.</summary>
/// <param name="Told">How many these are.</param>
/// <param name="IsComplete">Whether these are all that the experiment's own strategy was told; if not, ask again.</param>
/// <param name="Explanation">What the strategy shows; null for one that has nothing to show.</param>
/// <param name="Lineage">The told trials of a strategy that makes proposals from others, in the order of their numbers; empty for other strategies.</param>
public sealed record MethodView(int Told, bool IsComplete, Explanation? Explanation, IReadOnlyList<Descendant> Lineage)
{
    /// <summary>A trial and those that it came from, the first of them last.</summary>
    public IReadOnlyList<Descendant> AncestryOf(int number)
    {
        var ancestry = new List<Descendant>();
        for (int? next = number; next is { } one && Lineage.ElementAtOrDefault(one - 1) is { } trial; next = trial.Parent)
        {
            ancestry.Add(trial);
        }

        return ancestry;
    }
}

/// <summary>A trial of a strategy that makes proposals from others.</summary>
/// <param name="Number">Of the trial.</param>
/// <param name="IsKnown">Whether it is known what it was made from: not where this version of the strategy would have proposed another architecture.</param>
/// <param name="Parent">The number of the trial that it was made from; null where it was drawn at random, or where that is not known.</param>
/// <param name="Score">Null where it did not complete.</param>
/// <param name="Changes">What differs from its parent: decisions with the options before and after.</param>
public sealed record Descendant(int Number, bool IsKnown, int? Parent, double? Score, IReadOnlyList<DecisionChange> Changes);

/// <summary>A decision that differs between a trial and its parent.</summary>
/// <param name="Name">The decision.</param>
/// <param name="Before">The parent's option; null where it was not asked.</param>
/// <param name="After">The trial's option; null where it was not asked.</param>
public sealed record DecisionChange(string Name, string? Before, string? After);
