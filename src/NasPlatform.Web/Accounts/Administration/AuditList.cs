using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Lists;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts.Administration;

/// <summary>Who did what, when: for administrators.</summary>
internal sealed class AuditList(PlatformStore store)
{
    public const int PageSize = Paging.UsualSize;

    /// <summary>What actions begin with, so that they can be filtered by it.</summary>
    public static readonly (string Value, string Text)[] Kinds =
        [("experiment", "Experiments"), ("dataset", "Datasets"), ("benchmark", "Benchmarks"), ("share", "Links"), ("account", "Accounts"), ("token", "Tokens")];

    /// <param name="kind">One of <see cref="Kinds"/>; null for all.</param>
    /// <param name="text">Part of a sentence, an action, a subject, a name or an address; empty for all.</param>
    /// <param name="page">1-based.</param>
    public async Task<ListPage<AuditRow>> ReadAsync(Caller caller, string? kind, string text, bool isOldestFirst, int page, CancellationToken cancellation)
    {
        caller.Demand(Role.Administrator);
        await using var context = store.Open();
        var rows = from entry in context.AuditEntries
                   join user in context.Users on entry.UserId equals user.Id into people
                   from person in people.DefaultIfEmpty()
                   select new { Entry = entry, Name = person == null ? null : person.DisplayName };
        if (kind is not null)
        {
            rows = rows.Where(row => row.Entry.Action.StartsWith(kind + "."));
        }

        if (text.Length > 0)
        {
            var part = text.ToLowerInvariant();
#pragma warning disable CA1304, CA1311, CA1862 // Runs in the database, which knows no cultures.
            rows = rows.Where(row => row.Entry.Text.ToLower().Contains(part) || row.Entry.Action.Contains(part) || row.Entry.Subject == part
                || row.Entry.RemoteAddress == part || (row.Name != null && row.Name.ToLower().Contains(part)));
#pragma warning restore CA1304, CA1311, CA1862
        }

        return await rows.By(row => row.Entry.At, !isOldestFirst).ThenBy(row => row.Entry.Id)
            .Select(row => new AuditRow(row.Entry.Id, row.Entry.At, row.Name, row.Entry.Action, row.Entry.Subject, row.Entry.Text, row.Entry.RemoteAddress))
            .ToPageAsync(page, PageSize, cancellation);
    }
}

/// <summary>A line of the audit.</summary>
/// <param name="Who">The name of the account; null for the program, a stranger or the one person of <c>--local</c>.</param>
internal sealed record AuditRow(Guid Id, DateTimeOffset At, string? Who, string Action, string? Subject, string Text, string? RemoteAddress);
