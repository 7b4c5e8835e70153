namespace NasPlatform.Web.Jobs;

/// <summary>Wakes this node's reconciler when a job was put into the queue. A hint: without it the job is found within seconds.</summary>
internal sealed class QueueSignal : IDisposable
{
    private readonly SemaphoreSlim _woken = new(0, 1);

    public void Wake()
    {
        try
        {
            _woken.Release();
        }
        catch (Exception error) when (error is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake already, or gone.
        }
    }

    /// <summary>Waits for a call or the time, whichever is first.</summary>
    public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellation) => _woken.WaitAsync(atMost, cancellation);

    public void Dispose() => _woken.Dispose();
}
