using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>Wakes a loop when something happened in an experiment. A hint: whoever waits looks from time to time anyway.</summary>
internal sealed class ExperimentSignal : IDisposable
{
    private readonly PlatformStore _store;
    private readonly Guid? _experimentId;
    private readonly QueueSignal _woken = new();

    /// <param name="store">Tells of changes.</param>
    /// <param name="experimentId">Null: it is never woken.</param>
    public ExperimentSignal(PlatformStore store, Guid? experimentId)
    {
        (_store, _experimentId) = (store, experimentId);
        store.Changed += OnChanged;
    }

    public void Wake() => _woken.Wake();

    /// <summary>Waits for a change or the time, whichever is first.</summary>
    public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellation) => _woken.WaitAsync(atMost, cancellation);

    public void Dispose()
    {
        _store.Changed -= OnChanged;
        _woken.Dispose();
    }

    private void OnChanged(Guid experimentId)
    {
        if (experimentId == _experimentId)
        {
            Wake();
        }
    }
}
