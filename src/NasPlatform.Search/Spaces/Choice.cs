using System.Collections.Immutable;

namespace NasPlatform.Search.Spaces;

/// <summary>A kind of decision: one of n options. Decisions of one kind share an answerer's statistics, such as a controller's softmax head.</summary>
/// <param name="Kind">The kind's name, such as <c>filter_height</c> or <c>operation</c>; unique in its space.</param>
/// <param name="Options">What can be chosen, at least one, as written in text forms.</param>
public sealed record Choice(string Kind, ImmutableArray<string> Options)
{
    /// <summary>The kind of the decisions that <see cref="IChoices.Connect"/> makes.</summary>
    public static readonly Choice Connection = new("connection", ["no", "yes"]);

    /// <summary>
    /// Whether the options are the places before a node of a cell, in order, which a controller can point at (Pham et al. 2018, §2.1, §2.4). A space asks for all that a node points at, then for its operations;
    /// a node that has no more places than one before it is a new cell's first.
    /// </summary>
    public bool IsOfPlaces { get; init; }

    public bool Equals(Choice? other) => other is not null && Kind == other.Kind && Options.SequenceEqual(other.Options);

    public override int GetHashCode() => HashCode.Combine(Kind, Options.Length);
}
