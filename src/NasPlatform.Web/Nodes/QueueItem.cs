using NasPlatform.Web.Store;

namespace NasPlatform.Web.Nodes;

/// <summary>A job as the queue's page shows it.</summary>
/// <param name="Machine">Who works on it; null where nobody does.</param>
/// <param name="Reason">Why it waits again.</param>
/// <param name="Progress">Null before it said how far it has come.</param>
public sealed record QueueItem(
    Guid Id, JobKind Kind, Guid? ExperimentId, string? Experiment, int? Trial, string? Dataset, bool IsRunning, string? Machine, int AttemptCount, string? Reason, DateTimeOffset CreatedAt, JobProgress? Progress);
