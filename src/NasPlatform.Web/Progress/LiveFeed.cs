using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Training;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Progress;

/// <summary>
/// Tells viewers on this node what happens in the experiments that they watch. The events in the store are the truth, in the order of their numbers; this loop reads what is
/// new, at once when this process wrote it or PostgreSQL says so, else within a second. A viewer that is slow misses nothing: it is told the newest number and reads from where
/// it was.
/// </summary>
internal sealed partial class LiveFeed(PlatformStore store, TimeProvider time, ILogger<LiveFeed> log) : BackgroundService
{
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Guid, Topic> _topics = [];
    private readonly SemaphoreSlim _woken = new(0, 1);

    /// <summary>
    /// What happened in an experiment after <paramref name="since"/>, and then what happens, in batches. The right to see it is the caller's to check, before and from time to
    /// time.
    /// </summary>
    /// <param name="experimentId">Which.</param>
    /// <param name="since">The number of the last event that is known; 0 for all.</param>
    /// <param name="cancellation">Ends it.</param>
    public async IAsyncEnumerable<LiveUpdate> WatchAsync(Guid experimentId, long since, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // One place is enough: it says that there is something to read, not what.
        var woken = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
        var topic = Join(experimentId, woken.Writer);
        try
        {
            woken.Writer.TryWrite(true);
            IReadOnlyList<RunningWork> shown = [];
            while (await woken.Reader.WaitToReadAsync(cancellation))
            {
                woken.Reader.TryRead(out _);
                var now = topic.Now;
                var events = now.Sequence < 0 || now.Sequence > since ? now.After(since) ?? await ReadAsync(experimentId, since, cancellation) : [];
                if (events.Count > 0 || !ReferenceEquals(now.Running, shown))
                {
                    since = events.Count > 0 ? events[^1].Sequence : since;
                    shown = now.Running;
                    if (since < now.Sequence)
                    {
                        woken.Writer.TryWrite(true); // more than is read at once: what is left is no news, and nobody else would wake us
                    }

                    yield return new(events, now.Running);
                }
            }
        }
        finally
        {
            Leave(experimentId, topic, woken.Writer);
        }
    }

    /// <summary>The events of an experiment after one, oldest first, a thousand at most.</summary>
    public async Task<IReadOnlyList<StoredEvent>> ReadAsync(Guid experimentId, long since, CancellationToken cancellation)
    {
        const int Most = 1000;
        await using var context = store.Open();
        return await context.Events.Where(happened => happened.ExperimentId == experimentId && happened.Sequence > since)
            .OrderBy(happened => happened.Sequence).Take(Most).ToListAsync(cancellation);
    }

    public override void Dispose()
    {
        base.Dispose();
        _woken.Dispose();
    }

    /// <summary>Looks at once; for who learns of a change on another way, such as PostgreSQL's notifications.</summary>
    public void Wake(Guid experimentId)
    {
        if (_topics.ContainsKey(experimentId))
        {
            try
            {
                _woken.Release();
            }
            catch (SemaphoreFullException)
            {
                // It is awake already.
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        store.Changed += Wake;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (Exception error) when (!stoppingToken.IsCancellationRequested)
                {
                    NotRead(log, error.Message);
                    await Task.Delay(Glance, time, stoppingToken);
                }

                await _woken.WaitAsync(Glance, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
        finally
        {
            store.Changed -= Wake;
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        Guid[] watched = [.. _topics.Keys];
        if (watched.Length == 0)
        {
            return;
        }

        await using var context = store.Open();
        var sequences = await context.Experiments.Where(experiment => watched.Contains(experiment.Id))
            .Select(experiment => new { experiment.Id, experiment.Sequence }).ToDictionaryAsync(row => row.Id, row => row.Sequence, cancellation);
        var running = await RunningWork.ReadAsync(context, watched, cancellation);
        foreach (var (id, topic) in _topics)
        {
            // An experiment that is gone has no row: its viewers find that out when they read. What is new is read once for all of them.
            var sequence = sequences.GetValueOrDefault(id);
            topic.Update(
                sequence,
                topic.Now.Sequence >= 0 && sequence > topic.Now.Sequence ? await ReadAsync(id, topic.Now.Sequence, cancellation) : [],
                [.. running.Where(work => work.ExperimentId == id).Select(work => work.Work)]);
        }
    }

    private Topic Join(Guid id, ChannelWriter<bool> viewer)
    {
        while (true)
        {
            var topic = _topics.GetOrAdd(id, _ => new());
            if (topic.Join(viewer))
            {
                return topic;
            }
        }
    }

    private void Leave(Guid id, Topic topic, ChannelWriter<bool> viewer)
    {
        if (topic.Leave(viewer))
        {
            _topics.TryRemove(new(id, topic));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What happened could not be read: {Error}")]
    private static partial void NotRead(ILogger log, string error);

    /// <summary>An experiment that somebody watches.</summary>
    private sealed class Topic
    {
        private readonly Lock _changing = new();
        private readonly List<ChannelWriter<bool>> _viewers = [];
        private bool _isClosed;

        /// <summary>How it stands, as last looked at.</summary>
        public TopicState Now { get; private set; } = new(-1, [], []);

        public bool Join(ChannelWriter<bool> viewer)
        {
            lock (_changing)
            {
                if (!_isClosed)
                {
                    _viewers.Add(viewer);
                }

                return !_isClosed;
            }
        }

        /// <returns>Whether nobody is left.</returns>
        public bool Leave(ChannelWriter<bool> viewer)
        {
            lock (_changing)
            {
                _viewers.Remove(viewer);
                return _isClosed = _viewers.Count == 0;
            }
        }

        public void Update(long sequence, IReadOnlyList<StoredEvent> events, IReadOnlyList<RunningWork> running)
        {
            lock (_changing)
            {
                if (sequence == Now.Sequence && running.SequenceEqual(Now.Running))
                {
                    return;
                }

                Now = Now.With(sequence, events, running.SequenceEqual(Now.Running) ? Now.Running : running);
                foreach (var viewer in _viewers)
                {
                    viewer.TryWrite(true);
                }
            }
        }
    }

    /// <summary>How a watched experiment stands; a value.</summary>
    /// <param name="Sequence">The number of its newest event; below 0 before it was looked at.</param>
    /// <param name="Recent">Its newest events with consecutive numbers, the last of them <paramref name="Sequence"/>; those from before it was watched are not among them.</param>
    /// <param name="Running">The training that is under way.</param>
    private sealed record TopicState(long Sequence, IReadOnlyList<StoredEvent> Recent, IReadOnlyList<RunningWork> Running)
    {
        private const int Kept = 200;

        /// <summary>What came after an event; null where not all of it is at hand.</summary>
        public IReadOnlyList<StoredEvent>? After(long since) => Recent is [var oldest, ..] && oldest.Sequence <= since + 1 ? [.. Recent.Where(happened => happened.Sequence > since)] : null;

        /// <param name="sequence">The newest event's number.</param>
        /// <param name="events">Those that came since, as far as they were read.</param>
        public TopicState With(long sequence, IReadOnlyList<StoredEvent> events, IReadOnlyList<RunningWork> running)
        {
            if (sequence == Sequence)
            {
                return this with { Running = running };
            }

            // Only without a gap up to the newest; another look may have found more than the number that was read before it.
            StoredEvent[] recent = [.. Recent.Concat(events).TakeLast(Kept)];
            return recent is [.., var last] && last.Sequence >= sequence && recent[0].Sequence == last.Sequence - recent.Length + 1
                ? new(last.Sequence, recent, running)
                : new(sequence, [], running);
        }
    }
}

/// <summary>What viewers of an experiment are told.</summary>
/// <param name="Events">New events, oldest first; may be none.</param>
/// <param name="Running">All training that is under way, replacing what was told before.</param>
internal sealed record LiveUpdate(IReadOnlyList<StoredEvent> Events, IReadOnlyList<RunningWork> Running);
