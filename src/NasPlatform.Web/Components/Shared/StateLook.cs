using NasPlatform.Search.Export;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Components.Shared;

/// <summary>How a state looks.</summary>
/// <param name="Word">For people.</param>
/// <param name="Icon">A name of <see cref="Icon"/>.</param>
/// <param name="Tone"><c>idle</c>, <c>live</c>, <c>good</c>, <c>bad</c> or <c>wait</c>.</param>
internal sealed record StateLook(string Word, string Icon, string Tone)
{
    private static readonly StateLook Waiting = new("Waiting", "clock", "idle");
    private static readonly StateLook Running = new("Running", "turning", "live");
    private static readonly StateLook Completed = new("Completed", "check", "good");
    private static readonly StateLook FailedLook = new("Failed", "cross", "bad");
    private static readonly StateLook Cancelled = new("Cancelled", "stop", "idle");

    public static StateLook Of(Enum state) => state switch
    {
        ExperimentState experiment => experiment switch
        {
            ExperimentState.Waiting => Waiting,
            ExperimentState.Searching => Running with { Word = "Searching" },
            ExperimentState.Finishing => Running with { Word = "Finishing" },
            ExperimentState.Paused => new("Paused", "pause", "wait"),
            ExperimentState.Completed => Completed,
            ExperimentState.Failed => FailedLook,
            ExperimentState.Cancelled => Cancelled,
        },
        StoredTrialState trial => trial switch
        {
            StoredTrialState.Waiting => Waiting,
            StoredTrialState.Running => Running,
            StoredTrialState.Completed => Completed,
            StoredTrialState.Failed => FailedLook,
            StoredTrialState.Cancelled => Cancelled,
        },
        JobState job => job switch
        {
            JobState.Waiting => Waiting,
            JobState.Running => Running,
            JobState.Completed => Completed,
            JobState.Failed => FailedLook,
            JobState.Cancelled => Cancelled,
        },
        DatasetState dataset => dataset switch
        {
            DatasetState.Ingesting => Running with { Word = "Being taken in" },
            DatasetState.Ready => Completed with { Word = "Ready" },
            DatasetState.Failed => FailedLook,
        },
        AttemptOutcome outcome => outcome switch
        {
            AttemptOutcome.Completed => Completed,
            AttemptOutcome.Failed => FailedLook,
            AttemptOutcome.Crashed => FailedLook with { Word = "Crashed" },
            AttemptOutcome.OutOfMemory => FailedLook with { Word = "Out of memory" },
            AttemptOutcome.TimedOut => FailedLook with { Word = "Timed out" },
            AttemptOutcome.Cancelled => Cancelled,
            AttemptOutcome.Lost => new("Lost", "warning", "wait"),
        },
        Parity parity => parity switch
        {
            Parity.Agrees => Completed with { Word = "Agrees" },
            Parity.Differs => FailedLook with { Word = "Differs" },
            Parity.NotChecked => new("Not checked", "warning", "wait"),
        },
        _ => throw new ArgumentException($"{state.GetType().Name} has no look.", nameof(state)),
    };
}
