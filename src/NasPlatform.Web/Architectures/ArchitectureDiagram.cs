using System.Collections.Immutable;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Web.Architectures;

/// <summary>Everything that is shown of an architecture: the parts that its decisions make, the whole network, the decisions.</summary>
/// <param name="Genotype">The text form.</param>
/// <param name="Sketches">As the paper draws its parts; may be none.</param>
/// <param name="Network">The whole network; null where <paramref name="Problem"/> says why not.</param>
/// <param name="Cost">Of the whole network, as the space builds it.</param>
/// <param name="Decisions">In the order in which the space asks.</param>
/// <param name="Problem">A sentence for people: why there is no network to show.</param>
public sealed record ArchitectureDiagram(
    string Genotype, IReadOnlyList<Sketch> Sketches, NetworkBlocks? Network, NetworkCost? Cost, ImmutableArray<Decision> Decisions, string? Problem)
{
    /// <param name="space">The space that the decisions are of.</param>
    /// <param name="decisions">Chosen options, 0-based, by the names of their places.</param>
    /// <param name="task">The dataset's shape; null where it is not known any more.</param>
    public static ArchitectureDiagram Of(SearchSpace space, IReadOnlyDictionary<string, int> decisions, TaskShape? task)
    {
        var genotype = space.FromValues(decisions);
        var (graph, problem) = Build(space, genotype, task);
        return new(
            space.Format(genotype),
            space.Sketches(genotype),
            graph is null ? null : NetworkBlocks.Of(graph),
            graph?.Cost,
            genotype.Decisions,
            problem);
    }

    private static (LayerGraph? Graph, string? Problem) Build(SearchSpace space, Genotype genotype, TaskShape? task)
    {
        if (task is null)
        {
            return (null, "The dataset is gone, so the shapes of the network are not known.");
        }

        try
        {
            return (space.Build(genotype, task), null);
        }
        catch (InvalidArchitectureException error)
        {
            return (null, error.Message);
        }
    }
}
