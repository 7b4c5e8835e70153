using NasPlatform.Web.Store;

namespace NasPlatform.Web.Live;

/// <summary>Something that happened in an experiment, as the hub and REST tell it.</summary>
/// <param name="Sequence">1, 2, 3, ... within the experiment, without gaps.</param>
/// <param name="Trial">The trial that it is about; 0 for the final training, null for the experiment.</param>
/// <param name="Text">A sentence for people.</param>
internal sealed record LiveEvent(long Sequence, DateTimeOffset At, EventKind Kind, int? Trial, string Text)
{
    public static LiveEvent Of(StoredEvent happened) => new(happened.Sequence, happened.At, happened.Kind, happened.TrialNumber, happened.Text);
}
