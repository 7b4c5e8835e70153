using NasPlatform.Search.Experiments;

namespace NasPlatform.Web.Commands.Searching;

/// <summary>Shows a search on a terminal, redrawn some times a second until it is disposed.</summary>
internal sealed class LiveDisplay : IProgress<ExperimentEvent>, IAsyncDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(125);

    private readonly Terminal _terminal;
    private readonly LiveArea _area;
    private readonly CancellationTokenRegistration _stopping;
    private readonly CancellationTokenSource _done = new();
    private readonly Lock _changing = new();
    private readonly long _started;
    private readonly Task _drawing;
    private SearchView _view;

    /// <param name="terminal">Where.</param>
    /// <param name="view">The experiment before it runs.</param>
    /// <param name="cancellation">When it is asked to stop, the display says so.</param>
    public LiveDisplay(Terminal terminal, SearchView view, CancellationToken cancellation)
    {
        _terminal = terminal;
        _view = view;
        _started = terminal.Time.GetTimestamp();
        _area = new(terminal);
        _stopping = cancellation.Register(() => Change(now => now with { IsStopping = true }));
        _drawing = DrawAsync();
    }

    public void Report(ExperimentEvent value) => Change(now => now.After(value));

    public async ValueTask DisposeAsync()
    {
        await _stopping.DisposeAsync();
        await _done.CancelAsync();
        await _drawing;
        Draw();
        _area.Dispose();
        _done.Dispose();
    }

    private void Change(Func<SearchView, SearchView> change)
    {
        lock (_changing)
        {
            _view = change(_view);
        }
    }

    private async Task DrawAsync()
    {
        using var clock = new PeriodicTimer(Pace, _terminal.Time);
        try
        {
            do
            {
                Draw();
            }
            while (await clock.WaitForNextTickAsync(_done.Token));
        }
        catch (OperationCanceledException)
        {
            // The search is over; the last frame is drawn by whoever disposes.
        }
    }

    private void Draw()
    {
        SearchView view;
        lock (_changing)
        {
            view = _view;
        }

        var elapsed = view.ElapsedBefore + _terminal.Time.GetElapsedTime(_started);
        _area.Draw((width, height) => SearchScreen.Render(view, elapsed, width, height));
    }
}
