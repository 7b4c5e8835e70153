using System.Collections.Concurrent;
using System.Threading.Channels;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Training;
using NasPlatform.Web.Datasets;
using NasPlatform.Web.Jobs;
using NasPlatform.Web.Progress;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Commands.Searching;

/// <summary>
/// Writes a search that runs in this terminal into the platform's store, so that the browser shows it live, and heeds what is wanted of it there. A loop of its own does the
/// writing: a database that is busy or away never holds the search up, and the run's folder has everything in any case.
/// </summary>
internal sealed class SearchRecorder : IProgress<ExperimentEvent>, IAsyncDisposable
{
    /// <summary>How often is told how far trials have come, and looked what is wanted.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    /// <summary>How long the end of a search waits for a database that does not answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly AppSettings _settings;
    private readonly ExperimentFolder _folder;
    private readonly Terminal _terminal;
    private readonly IReadOnlyList<Trial> _earlier;
    private readonly Channel<RecordedChange> _changes = Channel.CreateUnbounded<RecordedChange>(new() { SingleReader = true });
    private readonly ConcurrentDictionary<int, TrainingProgress> _progress = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _impatient = new();
    private readonly Task _writing;
    private volatile ExperimentRunner? _runner;
    private string? _warning;

    private SearchRecorder(AppSettings settings, ExperimentFolder folder, Terminal terminal)
    {
        (_settings, _folder, _terminal) = (settings, folder, terminal);
        _earlier = [.. folder.Trials.Values];
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Asked for when somebody pauses, cancels or deletes the experiment in the browser or by <c>nas experiment</c>.</summary>
    public CancellationToken Stop => _stop.Token;

    public static SearchRecorder Start(AppSettings settings, ExperimentFolder folder, Terminal terminal) => new(settings, folder, terminal);

    /// <summary>Whom to tell of a changed budget, or that the search is to end now.</summary>
    public void Follow(ExperimentRunner runner) => _runner = runner;

    public void Report(ExperimentEvent value)
    {
        switch (value)
        {
            case ExperimentEvent.TrialProgressed(var number, { Finished: null } progress):
                _progress[number] = progress;
                break;
            case ExperimentEvent.SupernetProgressed(var progress):
                _progress[RunningWork.Supernet] = progress;
                break;
            case ExperimentEvent.FinalProgressed({ Finished: null } progress):
                _progress[0] = progress;
                break;
            default:
                _changes.Writer.TryWrite(new(_terminal.Time.GetUtcNow(), value));
                break;
        }
    }

    /// <summary>The search was stopped, to go on later.</summary>
    public void Stopped() => _changes.Writer.TryWrite(new(_terminal.Time.GetUtcNow(), null));

    /// <summary>The search failed.</summary>
    /// <param name="reason">A sentence for people.</param>
    public void Failed(string reason) => _changes.Writer.TryWrite(new(_terminal.Time.GetUtcNow(), null, reason));

    /// <summary>Waits until all is written, or for <see cref="Patience"/> where the database does not answer.</summary>
    public async ValueTask DisposeAsync()
    {
        _changes.Writer.TryComplete();
        await _writing;
        if (_warning is not null)
        {
            _terminal.Complain(_warning);
        }

        _stop.Dispose();
        _impatient.Dispose();
    }

    private async Task WriteAsync()
    {
        LocalStore? local = null;
        try
        {
            RecordedSearch? record = null;
            var batch = new List<RecordedChange>();
            var reader = _changes.Reader;
            while (true)
            {
                var isOver = reader.Completion.IsCompleted || !await WaitAsync(reader);
                while (reader.TryRead(out var change))
                {
                    batch.Add(change);
                }

                try
                {
                    if (record is null)
                    {
                        local ??= await LocalStore.OpenAsync(_settings, _impatient.Token);
                        await local.Get<DatasetActions>().AdoptAsync(_impatient.Token);
                        record = new(local, _folder, _earlier, _terminal.Time);
                    }

                    Heed(await record.WriteAsync(batch, _progress, _impatient.Token));
                    batch.Clear();
                    if (isOver)
                    {
                        return;
                    }
                }
                catch (Exception error) when (Persistence.IsOfTheDatabase(error))
                {
                    Warn(error);
                    if (isOver)
                    {
                        _impatient.CancelAfter(Patience);
                    }

                    await Task.Delay(Pace, _impatient.Token);
                }
            }
        }
        catch (Exception error)
        {
            // Whatever it is: the search goes on, and its folder has everything.
            Warn(error);
        }
        finally
        {
            if (local is not null)
            {
                await local.DisposeAsync();
            }
        }
    }

    /// <summary>Waits for a change or the pace; false when there will be no more.</summary>
    private async Task<bool> WaitAsync(ChannelReader<RecordedChange> reader)
    {
        using var pace = new CancellationTokenSource(Pace, _terminal.Time);
        try
        {
            return await reader.WaitToReadAsync(pace.Token);
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private void Heed(WantedSearch wanted)
    {
        if (wanted.Wish is null or Wish.Pause or Wish.Cancel)
        {
            _stop.Cancel();
        }
        else if (wanted.Wish == Wish.Finish)
        {
            _runner?.Finish();
        }

        if (wanted.Budget is { } budget && budget != _folder.Spec.Budget)
        {
            _runner?.Amend(budget);
        }
    }

    private void Warn(Exception error) => _warning ??=
        $"The platform's database could not be written for a time or at all, so the browser may not show all of this search: {error.Message} Everything is in {_terminal.Shown(_folder.Path)}.";
}

/// <summary>Something to be written.</summary>
/// <param name="At">When it happened.</param>
/// <param name="Told">What; null when the search ended without a result.</param>
/// <param name="Failure">Why it failed; null where it was stopped.</param>
internal sealed record RecordedChange(DateTimeOffset At, ExperimentEvent? Told, string? Failure = null);

/// <summary>What is wanted of a search.</summary>
/// <param name="Wish">Null when the experiment was deleted.</param>
/// <param name="Budget">Null when the experiment was deleted.</param>
internal sealed record WantedSearch(Wish? Wish, Budget? Budget);
