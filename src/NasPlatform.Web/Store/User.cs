using Microsoft.AspNetCore.Identity;

namespace NasPlatform.Web.Store;

/// <summary>A person with an account.</summary>
public sealed class User : IdentityUser<Guid>
{
    /// <summary>What others see.</summary>
    [ProtectedPersonalData]
    public required string DisplayName { get; set; }

    public required Role Role { get; set; }

    /// <summary>A disabled account signs nobody in; what it owns stays.</summary>
    public bool IsDisabled { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastSeenAt { get; set; }
}

/// <summary>What a person may do; each role may do what the ones before it may.</summary>
public enum Role
{
    /// <summary>Looks at what the team sees.</summary>
    Viewer,

    /// <summary>Adds datasets, starts experiments, shares them.</summary>
    Member,

    /// <summary>Sees and changes everything, accounts included.</summary>
    Administrator,
}

/// <summary>A personal access token for REST. The token itself is shown once and never stored.</summary>
public sealed class AccessToken
{
    public required Guid Id { get; init; }

    public required Guid UserId { get; init; }

    /// <summary>What its owner calls it.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the token, lower-case hexadecimal.</summary>
    public required string TokenHash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }
}

/// <summary>Who did what, when: sign-ins, changes of accounts, and whatever changes an object.</summary>
public sealed class AuditEntry
{
    public required Guid Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Null: a stranger, or the program itself.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The action, in the form <c>experiment.pause</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The object's id or name.</summary>
    public string? Subject { get; init; }

    /// <summary>A sentence for people.</summary>
    public required string Text { get; init; }

    public string? RemoteAddress { get; init; }
}
