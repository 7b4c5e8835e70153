using System.Text.Json.Serialization;
using NasPlatform.Search;

namespace NasPlatform.Web.Benchmarks;

/// <summary>How alike close architectures are is asked of random walks.</summary>
/// <param name="Dataset">One of the table's; null for its first.</param>
/// <param name="Steps">Architectures that are visited.</param>
/// <param name="Edits">The largest distance.</param>
/// <param name="Seed">Of the walk.</param>
internal sealed record LocalitySpec(string? Dataset = null, int Steps = LocalitySpec.UsualSteps, int Edits = LocalitySpec.UsualEdits, ulong Seed = 1)
{
    public const int UsualSteps = 100_000;
    public const int UsualEdits = 12;
    public const int MostSteps = 1_000_000;
    public const int MostEdits = 100;

    /// <summary>All that the outcome depends on but the table.</summary>
    [JsonIgnore]
    public string Question => $"locality {Dataset} {Steps} {Edits} {Seed}";

    /// <exception cref="UserErrorException">Something is out of range.</exception>
    public void Validate()
    {
        if (Edits is < 1 or > MostEdits)
        {
            throw new UserErrorException($"'edits' is {Edits}; give 1 to {MostEdits}.");
        }

        if (Steps <= Edits || Steps > MostSteps)
        {
            throw new UserErrorException($"'steps' is {Steps:N0}; give more than the {Edits} edits, at most {MostSteps:N0}.");
        }
    }
}
