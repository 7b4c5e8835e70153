using System.Collections.Immutable;

namespace NasPlatform.Search.Spaces;

/// <summary>An architecture as data: the decisions that made it, in the order in which its space asked.</summary>
public sealed class Genotype(ImmutableArray<Decision> decisions) : IEquatable<Genotype>
{
    public ImmutableArray<Decision> Decisions { get; } = decisions;

    /// <summary>The chosen index at a place.</summary>
    public int this[string name] => Decisions.First(decision => decision.Name == name).Value;

    /// <summary>Chosen indices by the names of their places: what a replay answers from, and what is stored.</summary>
    public Dictionary<string, int> ToDictionary() => Decisions.ToDictionary(decision => decision.Name, decision => decision.Value);

    public bool Equals(Genotype? other) => other is not null && Decisions.AsSpan().SequenceEqual(other.Decisions.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as Genotype);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var decision in Decisions)
        {
            hash.Add(decision.Value);
        }

        return hash.ToHashCode();
    }

    public override string ToString() => string.Join(' ', Decisions);
}
