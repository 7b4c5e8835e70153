using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts;

/// <summary>Who did what: one line for each change, in the transaction of the change.</summary>
internal static class AuditLines
{
    public static void Audit(this StoreContext context, Caller caller, string action, object? subject, string text, DateTimeOffset now) =>
        context.AuditEntries.Add(new()
        {
            Id = Guid.CreateVersion7(now),
            At = now,
            UserId = caller.UserId,
            Action = action,
            Subject = subject?.ToString(),
            Text = text,
            RemoteAddress = caller.RemoteAddress,
        });
}
