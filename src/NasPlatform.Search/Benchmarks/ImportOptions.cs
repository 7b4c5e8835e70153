namespace NasPlatform.Search.Benchmarks;

/// <summary>How a table is imported.</summary>
public sealed record ImportOptions
{
    /// <summary>Its name; null for the format's usual one, or the file's.</summary>
    public string? Name { get; init; }

    /// <summary>The search space of a table in the platform's own format; other formats know theirs.</summary>
    public string? Space { get; init; }

    public IReadOnlyDictionary<string, string> SpaceSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>What the files are called, in their order, where they lie under other names, as uploads do; null for the names that they lie under.</summary>
    public IReadOnlyList<string>? FileNames { get; init; }

    /// <summary>Whether a table of that name is replaced.</summary>
    public bool Replace { get; init; }
}
