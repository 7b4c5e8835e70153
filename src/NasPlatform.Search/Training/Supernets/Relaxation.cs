using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Training.Supernets;

/// <summary>Which spaces have a network that mixes all choices.</summary>
internal static class Relaxation
{
    /// <param name="space">As its settings make it.</param>
    /// <param name="strategy">Its name, for the message.</param>
    /// <param name="takesPaths">Whether it runs single paths of the mixtures, which cannot be had within a recurrent cell.</param>
    /// <exception cref="UserErrorException">The space, at its settings, has none.</exception>
    public static void Demand(SearchSpace space, string strategy, bool takesPaths = false)
    {
        if (!Has(space))
        {
            var others = SearchSpaceCatalog.Names.Where(name => Has(SearchSpaceCatalog.Create(name)));
            throw new UserErrorException(
                takesPaths
                    ? $"Strategy '{strategy}' runs single paths of a network that weighs all choices, and space '{space.Name}' has none such at these settings; take one that does: {string.Join(", ", others)}."
                    : $"Strategy '{strategy}' weighs all choices in one network, and space '{space.Name}' has none such at these settings; take one that does: {string.Join(", ", others)}.");
        }

        bool Has(SearchSpace candidate) => candidate.Tasks.Count > 0 && candidate.Relaxed(candidate.Typical) is { } relaxed && !(takesPaths && relaxed.MixesInCells);
    }

    /// <summary>The mixtures' network for a task.</summary>
    /// <exception cref="UserErrorException">The space has none, or not for such a task.</exception>
    public static LayerGraph Of(SearchSpace space, TaskShape task) =>
        space.Relaxed(task) ?? throw new UserErrorException($"Space '{space.Name}' has no network that mixes all choices at these settings.");
}
