using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Components.Shared;
using NasPlatform.Web.Lists;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Experiments;

/// <summary>What happened in an experiment, as its log shows it. The right to see it is the caller's to check before.</summary>
internal static class EventList
{
    private const int PageSize = 100;

    /// <summary>Kinds of events that the log can be narrowed to, by the filter <c>kind</c>.</summary>
    public static readonly IReadOnlyDictionary<string, EventKind[]> Kinds = new Dictionary<string, EventKind[]>
    {
        ["states"] = [EventKind.StateChanged, EventKind.Changed, EventKind.FinalStarted, EventKind.ModelWritten],
        ["trials"] = [EventKind.TrialProposed, EventKind.TrialStarted, EventKind.TrialEnded],
        ["epochs"] = [EventKind.EpochEnded],
        ["strategy"] = [EventKind.StrategyTold, EventKind.SupernetLearned],
        ["problems"] = [EventKind.AttemptFailed],
    };

    /// <param name="isPublic">Whether strangers read it: what the team did with the experiment is not theirs to know.</param>
    public static Task<ListPage<EventRow>> PageAsync(StoreContext context, Guid experimentId, TableQuery table, bool isPublic, CancellationToken cancellation)
    {
        var events = context.Events.Where(happened => happened.ExperimentId == experimentId && (!isPublic || happened.Kind != EventKind.Changed));
        if (table.Filter("kind") is { } kind && Kinds.TryGetValue(kind, out var kinds))
        {
            events = events.Where(happened => kinds.Contains(happened.Kind));
        }

        if (table.Search.ToLowerInvariant() is { Length: > 0 } text)
        {
            events = events.Where(happened => happened.Text.ToLower().Contains(text));
        }

        return events.By(happened => happened.Sequence, table.IsDescending)
            .Select(happened => new EventRow(happened.Sequence, happened.At, happened.Kind, happened.TrialNumber, happened.Text))
            .ToPageAsync(table.Page, PageSize, cancellation);
    }
}

/// <summary>Something that happened.</summary>
/// <param name="Trial">The trial's number; 0 for the final training, null for the experiment.</param>
public sealed record EventRow(long Sequence, DateTimeOffset At, EventKind Kind, int? Trial, string Text);
