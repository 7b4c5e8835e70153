using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Training.Supernets;

/// <summary>Which spaces have a network that mixes all choices.</summary>
internal static class Relaxation
{
    /// <exception cref="UserErrorException">The space, at its settings, has none.</exception>
    public static void Demand(SearchSpace space, string strategy)
    {
        if (!Has(space))
        {
            var others = SearchSpaceCatalog.Names.Where(name => Has(SearchSpaceCatalog.Create(name)));
            throw new UserErrorException(
                $"Strategy '{strategy}' weighs all choices in one network, and space '{space.Name}' has none such at these settings; take one that does: {string.Join(", ", others)}.");
        }
    }

    /// <summary>The mixtures' network for a task.</summary>
    /// <exception cref="UserErrorException">The space has none, or not for such a task.</exception>
    public static LayerGraph Of(SearchSpace space, TaskShape task) =>
        space.Relaxed(task) ?? throw new UserErrorException($"Space '{space.Name}' has no network that mixes all choices at these settings.");

    private static bool Has(SearchSpace space) => space.Tasks.Count > 0 && space.Relaxed(space.Typical) is not null;
}
