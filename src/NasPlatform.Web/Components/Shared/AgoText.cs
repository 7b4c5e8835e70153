using System.Globalization;

namespace NasPlatform.Web.Components.Shared;

/// <summary>Times relative to now. shell.js says the same in the browser.</summary>
internal static class AgoText
{
    /// <summary><c>just now</c>, <c>32 s ago</c>, <c>5 min ago</c>, <c>3 h ago</c>, <c>2 days ago</c>, <c>12 Mar 2026</c>; <c>in 3 days</c> for what is to come.</summary>
    public static string Of(DateTimeOffset at, DateTimeOffset now)
    {
        var distance = now - at;
        return distance.Duration() switch
        {
            { TotalSeconds: < 5 } => "just now",
            { TotalDays: >= 30 } => at.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture),
            var length when distance > TimeSpan.Zero => $"{Length(length)} ago",
            var length => $"in {Length(length)}",
        };
    }

    private static string Length(TimeSpan length) => length switch
    {
        { TotalSeconds: < 60 } => $"{(int)length.TotalSeconds} s",
        { TotalMinutes: < 60 } => $"{(int)length.TotalMinutes} min",
        { TotalHours: < 24 } => $"{(int)length.TotalHours} h",
        { TotalDays: < 2 } => "1 day",
        _ => $"{(int)length.TotalDays} days",
    };
}
