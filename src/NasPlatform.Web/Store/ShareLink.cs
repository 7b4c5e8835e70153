namespace NasPlatform.Web.Store;

/// <summary>A public, read-only link to an experiment. The token itself is shown once and never stored.</summary>
public sealed class ShareLink
{
    public required Guid Id { get; init; }

    public required Guid ExperimentId { get; init; }

    /// <summary>SHA-256 of the token, lower-case hexadecimal.</summary>
    public required string TokenHash { get; init; }

    public Guid? CreatedById { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null: it does not expire.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>Whether the model's files can be downloaded by it.</summary>
    public bool AllowsDownloads { get; init; } = true;

    public int ViewCount { get; set; }

    public DateTimeOffset? LastViewedAt { get; set; }
}
