namespace NasPlatform.Web.Jobs;

/// <summary>
/// The threads of a device that this node's runners may use at once. Who asks first is served first, so that work that needs all of them is not overtaken for ever
/// by work that needs one.
/// </summary>
internal sealed class SlotQueue(int slots)
{
    private readonly LinkedList<(int Count, TaskCompletionSource<Lease> Granted)> _waiting = [];
    private readonly Lock _changing = new();
    private int _free = slots;

    public int Slots { get; } = slots;

    /// <summary>Waits for so many slots; more than there are count as all. Dispose what is returned to give them back.</summary>
    public async Task<IDisposable> TakeAsync(int count, CancellationToken cancellation)
    {
        var place = (Count: Math.Clamp(count, 1, Slots), Granted: new TaskCompletionSource<Lease>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_changing)
        {
            _waiting.AddLast(place);
            Grant();
        }

        using var cancelled = cancellation.Register(() =>
        {
            lock (_changing)
            {
                if (_waiting.Remove(place))
                {
                    place.Granted.TrySetCanceled(cancellation);
                    Grant();
                }
            }
        });
        return await place.Granted.Task;
    }

    private void Grant()
    {
        while (_waiting.First is { } first && first.Value.Count <= _free)
        {
            _free -= first.Value.Count;
            _waiting.RemoveFirst();
            first.Value.Granted.SetResult(new Lease(this, first.Value.Count));
        }
    }

    private sealed class Lease(SlotQueue queue, int count) : IDisposable
    {
        private int _isGivenBack;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isGivenBack, 1) == 0)
            {
                lock (queue._changing)
                {
                    queue._free += count;
                    queue.Grant();
                }
            }
        }
    }
}
