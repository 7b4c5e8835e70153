using System.Collections.Immutable;
using NasPlatform.Search.Training.Supernets;
using NasPlatform.Web.Architectures;

namespace NasPlatform.Web.Experiments;

/// <summary>What is shown of a one-shot strategy's supernet.</summary>
/// <param name="Epochs">What it knew at the end of each; one at least.</param>
/// <param name="Derived">What it found; null while it is trained.</param>
/// <param name="Diagram">The architecture that it would give now, or gave.</param>
public sealed record SupernetView(ImmutableArray<SupernetEpoch> Epochs, IReadOnlyList<string>? Derived, ArchitectureDiagram Diagram)
{
    public SupernetEpoch Last => Epochs[^1];
}
