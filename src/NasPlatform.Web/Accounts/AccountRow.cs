using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts;

/// <summary>An account as administrators see it.</summary>
/// <param name="HasPassword">Whether the person has chosen one yet.</param>
/// <param name="LockedUntil">When a lock-out for wrong passwords ends; null where there is none.</param>
internal sealed record AccountRow(
    Guid Id, string Name, string Email, Role Role, bool IsDisabled, bool HasPassword, DateTimeOffset? LockedUntil, DateTimeOffset CreatedAt, DateTimeOffset? LastSeenAt);
