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
        if (task is null)
        {
            return Of(space, genotype, null, "The dataset is gone, so the shapes of the network are not known.");
        }

        try
        {
            return Of(space, genotype, space.Build(genotype, task), null);
        }
        catch (InvalidArchitectureException error)
        {
            return Of(space, genotype, null, error.Message);
        }
    }

    /// <summary>The diagram of what a text denotes.</summary>
    /// <exception cref="UserErrorException">The text is no genotype.</exception>
    public static ArchitectureDiagram Of(SearchSpace space, Inspection inspected) => inspected.Genotype is { } genotype
        ? Of(space, genotype, inspected.Graph, inspected.Reason)
        : throw new UserErrorException(inspected.Reason!); // not null: there is a genotype or a reason

    /// <summary>One of its drawings.</summary>
    /// <param name="part">The title of a sketch, or <c>network</c>; null for the first sketch, or the network where there is none.</param>
    /// <exception cref="UserErrorException">There is no such part, or no network to draw.</exception>
    public Drawing Drawing(string? part)
    {
        if (part is "network" || (part is null && Sketches.Count == 0))
        {
            return NetworkDrawing.Of(Network ?? throw new UserErrorException(Problem!)); // not null: there is a network or a problem
        }

        var sketch = part is null ? Sketches[0] : Sketches.FirstOrDefault(sketch => sketch.Title.Equals(part, StringComparison.OrdinalIgnoreCase));
        return sketch is not null
            ? SketchDrawing.Of(sketch, Flow.Right)
            : throw new UserErrorException($"There is no part '{part}' to draw; there are {string.Join(", ", Sketches.Select(known => known.Title).Append("network"))}.");
    }

    private static ArchitectureDiagram Of(SearchSpace space, Genotype genotype, LayerGraph? graph, string? problem) => new(
        space.Format(genotype), space.Sketches(genotype), graph is null ? null : NetworkBlocks.Of(graph), graph?.Cost, genotype.Decisions, problem);
}
