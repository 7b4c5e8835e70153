using System.Threading.Channels;
using NasPlatform.Search.Training;

namespace NasPlatform.Web.Jobs;

/// <summary>
/// Keeps what an attempt at a trial finds: each entry is on the disk at once and in the database as soon as that takes it, several at a time where it was slow or away. The
/// attempt goes on meanwhile.
/// </summary>
internal sealed class TrialKeeper : IAsyncDisposable
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly Spool _spool;
    private readonly JobQueue _queue;
    private readonly JobLease _lease;
    private readonly TimeProvider _time;
    private readonly SpoolFile _file;
    private readonly Channel<object> _waiting = Channel.CreateUnbounded<object>(new() { SingleReader = true, SingleWriter = true });
    private readonly Task _committing;
    private long _reported;

    public TrialKeeper(Spool spool, JobQueue queue, JobLease lease, TimeProvider time)
    {
        (_spool, _queue, _lease, _time) = (spool, queue, lease, time);
        _reported = time.GetTimestamp();
        _file = spool.Begin(lease);
        _committing = Task.Run(CommitAsync, CancellationToken.None);
    }

    public void Add(SpoolEntry entry)
    {
        _file.Add(entry);
        _waiting.Writer.TryWrite(entry);
    }

    /// <summary>A word for those who watch, once a second at most.</summary>
    public void Report(TrainingProgress progress)
    {
        if (_time.GetElapsedTime(_reported) >= ReportInterval)
        {
            _reported = _time.GetTimestamp();
            _waiting.Writer.TryWrite(progress);
        }
    }

    /// <summary>Waits until all of it is in the database.</summary>
    /// <exception cref="LeaseLostException">Nobody wants it any more.</exception>
    public Task CompleteAsync()
    {
        _waiting.Writer.TryComplete();
        return _committing;
    }

    /// <summary>What was not completed is nobody's any more: the attempt failed or was stopped, and the next one begins anew.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await Task.WhenAny(_committing); // its failure was for CompleteAsync to tell
        _file.Dispose();
        _file.Delete();
    }

    private async Task CommitAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync())
        {
            var entries = new List<SpoolEntry>();
            TrainingProgress? progress = null;
            while (_waiting.Reader.TryRead(out var next))
            {
                if (next is SpoolEntry entry)
                {
                    entries.Add(entry);
                }

                progress = next as TrainingProgress;
            }

            if (entries.Count > 0)
            {
                await _spool.CommitAsync(_lease, entries);
            }

            if (progress is not null)
            {
                await _queue.ReportAsync(_lease, progress);
            }
        }
    }
}
