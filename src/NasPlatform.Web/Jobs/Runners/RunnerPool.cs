namespace NasPlatform.Web.Jobs.Runners;

/// <summary>
/// The node's warm runners. Work on a device waits for its slots; a runner that last worked for the same experiment, and so has its dataset in memory, is
/// preferred. Idle runners end after a while.
/// </summary>
internal sealed class RunnerPool : IAsyncDisposable
{
    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(5);

    private readonly string _dataFolder;
    private readonly RunnerLimits _limits;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, SlotQueue> _slots;
    private readonly Lock _changing = new();
    private readonly List<Idle> _idle = [];
    private readonly CancellationTokenSource _disposing = new();
    private readonly Task _tidying;
    private bool _isDisposing;

    /// <param name="dataFolder">The data folder.</param>
    /// <param name="limits">What each may use.</param>
    /// <param name="slots">Slots by the job's group.</param>
    /// <param name="time">For the idle time.</param>
    public RunnerPool(string dataFolder, RunnerLimits limits, IReadOnlyDictionary<string, int> slots, TimeProvider time)
    {
        _dataFolder = dataFolder;
        _limits = limits;
        _time = time;
        _slots = slots.ToDictionary(pair => pair.Key, pair => new SlotQueue(pair.Value));
        _tidying = TidyAsync(_disposing.Token);
    }

    /// <summary>Waits for slots and lends a runner. Dispose the rent: the runner is kept warm, or ended where it is not usable any more.</summary>
    /// <param name="group">The job's group; one that has no slots here is not waited for.</param>
    /// <param name="threads">How many slots.</param>
    /// <param name="warmFor">What the runner keeps in memory: the experiment's id.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="RunnerFailureException">No runner can be started.</exception>
    public async Task<RunnerRent> RentAsync(string group, int threads, Guid? warmFor, CancellationToken cancellation)
    {
        var slots = _slots.TryGetValue(group, out var queue) ? await queue.TakeAsync(threads, cancellation) : null;
        try
        {
            return new(this, TakeIdle(warmFor) ?? RunnerProcess.Start(_dataFolder, _limits, _time), warmFor, slots);
        }
        catch
        {
            slots?.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        List<Idle> all;
        lock (_changing)
        {
            _isDisposing = true;
            all = [.. _idle];
            _idle.Clear();
        }

        await _disposing.CancelAsync();
        await _tidying;
        foreach (var idle in all)
        {
            await idle.Runner.DisposeAsync();
        }

        _disposing.Dispose();
    }

    internal async ValueTask GiveBackAsync(RunnerProcess runner, Guid? warmFor, IDisposable? slots)
    {
        var isKept = false;
        lock (_changing)
        {
            if (runner.IsUsable && !_isDisposing)
            {
                _idle.Add(new(runner, warmFor, _time.GetTimestamp()));
                isKept = true;
            }
        }

        if (!isKept)
        {
            await runner.DisposeAsync();
        }

        // Only now: the next one is not to find the memory of a runner that is still ending.
        slots?.Dispose();
    }

    private RunnerProcess? TakeIdle(Guid? warmFor)
    {
        lock (_changing)
        {
            // One that died while it waited is left for the tidying.
            var alive = _idle.FindAll(idle => idle.Runner.IsUsable);
            var found = alive.Find(idle => idle.WarmFor == warmFor) ?? alive.LastOrDefault();
            if (found is null)
            {
                return null;
            }

            _idle.Remove(found);
            return found.Runner;
        }
    }

    private async Task TidyAsync(CancellationToken disposing)
    {
        using var timer = new PeriodicTimer(IdleTime / 5, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(disposing))
            {
                List<Idle> old;
                lock (_changing)
                {
                    old = _idle.FindAll(idle => !idle.Runner.IsUsable || _time.GetElapsedTime(idle.Since) > IdleTime);
                    _idle.RemoveAll(old.Contains);
                }

                foreach (var idle in old)
                {
                    await idle.Runner.DisposeAsync();
                }
            }
        }
        catch (OperationCanceledException) when (disposing.IsCancellationRequested)
        {
            // The node ends.
        }
    }

    private sealed record Idle(RunnerProcess Runner, Guid? WarmFor, long Since);
}

/// <summary>A runner on loan.</summary>
internal sealed class RunnerRent(RunnerPool pool, RunnerProcess runner, Guid? warmFor, IDisposable? slots) : IAsyncDisposable
{
    public RunnerProcess Runner { get; } = runner;

    public ValueTask DisposeAsync() => pool.GiveBackAsync(Runner, warmFor, slots);
}
