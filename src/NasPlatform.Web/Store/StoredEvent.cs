namespace NasPlatform.Web.Store;

/// <summary>Something that happened in an experiment: what the log shows and what live views are told, in the order of <see cref="Sequence"/>.</summary>
public sealed class StoredEvent
{
    public required Guid ExperimentId { get; init; }

    /// <summary>1, 2, 3, ... within the experiment, in the order of the commits, without gaps.</summary>
    public required long Sequence { get; init; }

    public required DateTimeOffset At { get; init; }

    public required EventKind Kind { get; init; }

    /// <summary>The trial that it is about; 0 for the final training, null for the experiment.</summary>
    public int? TrialNumber { get; init; }

    /// <summary>A sentence for people.</summary>
    public required string Text { get; init; }
}

/// <summary>What kind of thing happened.</summary>
public enum EventKind
{
    /// <summary>The experiment's state changed.</summary>
    StateChanged,

    /// <summary>Somebody of the team did something with it: started, paused, renamed, extended or shared it. A public link does not show it.</summary>
    Changed,

    TrialProposed,
    TrialStarted,
    EpochEnded,
    TrialEnded,

    /// <summary>The strategy was told a trial's result.</summary>
    StrategyTold,

    /// <summary>A one-shot strategy's supernet was trained for an epoch.</summary>
    SupernetLearned,

    FinalStarted,
    ModelWritten,

    /// <summary>An attempt at a job failed or was taken over.</summary>
    AttemptFailed,
}
