namespace NasPlatform.Web.Store;

/// <summary>
/// An entry in the queue. This table is the truth about work; Quartz only says when to look. Whoever works holds the lease, judged by the database's clock,
/// and writes nothing without its <see cref="Token"/> (docs/decisions/0008).
/// </summary>
public sealed class StoredJob
{
    public required Guid Id { get; init; }

    public required JobKind Kind { get; init; }

    /// <summary>Which nodes may take it: <c>search</c>, <c>cpu</c>, <c>cuda</c>, <c>ingest</c>.</summary>
    public required string Group { get; init; }

    public Guid? ExperimentId { get; init; }

    /// <summary>The trial's number, for a trial's job.</summary>
    public int? TrialNumber { get; init; }

    public Guid? DatasetId { get; init; }

    public required JobState State { get; set; }

    /// <summary>A sentence for people: why it failed or waits.</summary>
    public string? Reason { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The node that holds the lease; null where none does.</summary>
    public string? Owner { get; set; }

    /// <summary>Grows with each claim; a write that names an older one is refused.</summary>
    public long Token { get; set; }

    /// <summary>Milliseconds since 1970 on the database's clock; the lease is free from then on.</summary>
    public long LeaseUntil { get; set; }

    /// <summary>Not taken before, in milliseconds since 1970 on the database's clock: a pause after a failed attempt.</summary>
    public long NotBefore { get; set; }

    /// <summary>Attempts that were begun.</summary>
    public int AttemptCount { get; set; }

    /// <summary>Attempts that failed by the work's own fault, which are counted against the limit.</summary>
    public int FailureCount { get; set; }

    /// <summary>How far the attempt has come, as JSON of a <c>TrainingProgress</c> or <c>IngestProgress</c>; null before it said so.</summary>
    public string? Progress { get; set; }
}

/// <summary>What a job does.</summary>
public enum JobKind
{
    /// <summary>Trains the supernet of a one-shot strategy, before the search.</summary>
    Supernet,

    /// <summary>Runs an experiment's search: asks the strategy, has trials tried, tells it the results.</summary>
    Search,

    /// <summary>Trains and measures one architecture.</summary>
    Trial,

    /// <summary>Trains the winner in full, tests it, exports it.</summary>
    Final,

    /// <summary>Takes in a dataset.</summary>
    Ingest,
}

/// <summary>Where a job stands.</summary>
public enum JobState
{
    Waiting,
    Running,
    Completed,
    Failed,
    Cancelled,
}

/// <summary>One try at a job.</summary>
public sealed class Attempt
{
    public required Guid JobId { get; init; }

    /// <summary>The fencing token it was claimed with.</summary>
    public required long Token { get; init; }

    public required string Node { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; set; }

    public AttemptOutcome? Outcome { get; set; }

    /// <summary>A sentence for people: why it did not complete.</summary>
    public string? Reason { get; set; }
}

/// <summary>How an attempt ended.</summary>
public enum AttemptOutcome
{
    Completed,

    /// <summary>The work itself said no: a diverged training, a dataset that cannot be used.</summary>
    Failed,

    /// <summary>The runner died.</summary>
    Crashed,

    OutOfMemory,

    /// <summary>The runner said nothing for too long, or took longer than allowed.</summary>
    TimedOut,

    Cancelled,

    /// <summary>The node that ran it let the lease run out; another took over.</summary>
    Lost,
}
