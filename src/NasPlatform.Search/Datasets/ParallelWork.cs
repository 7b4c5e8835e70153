using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using NasPlatform.Search.Datasets.Layouts;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Datasets;

/// <summary>Does the same to each packed example on all cores, reading one at a time, and tells how it goes; tells of other work too.</summary>
internal sealed class ParallelWork(TimeProvider time, IProgress<IngestProgress>? progress, CancellationToken cancellation)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    public void Run(string stage, int total, IEnumerable<PackedExample> examples, Action<PackedExample> work)
    {
        var start = time.GetTimestamp();
        var done = 0;
        var told = start;
        Tell(0);
        try
        {
            // Unbuffered: whoever is free reads the next, so that no more are in memory than are being worked on.
            Parallel.ForEach(
                Partitioner.Create(examples, EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { CancellationToken = cancellation },
                example =>
                {
                    using (example)
                        work(example);
                    var count = Interlocked.Increment(ref done);
                    var last = Volatile.Read(ref told);
                    if (progress is not null && time.GetElapsedTime(last) >= Interval
                        && Interlocked.CompareExchange(ref told, time.GetTimestamp(), last) == last)
                        Tell(count);
                });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions.OfType<UserErrorException>().FirstOrDefault() ?? e.Flatten().InnerExceptions[0]);
        }
        Tell(done);

        void Tell(int count) => this.Tell(stage, count, total, TaskKind.ImageClassification, start);
    }

    /// <summary>For reading whose end nobody knows: gives what is to be called with the number of examples so far, which stops when that is asked for.</summary>
    public Action<long> Count(string stage, TaskKind task)
    {
        var start = time.GetTimestamp();
        var told = start;
        Tell(stage, 0, 0, task);
        return count =>
        {
            cancellation.ThrowIfCancellationRequested();
            if (time.GetElapsedTime(told) >= Interval)
            {
                told = time.GetTimestamp();
                Tell(stage, count, 0, task, start);
            }
        };
    }

    /// <param name="start">When the stage began; null: now.</param>
    public void Tell(string stage, long done, long total, TaskKind task, long? start = null)
    {
        var seconds = start is { } from ? time.GetElapsedTime(from).TotalSeconds : 0;
        progress?.Report(new IngestProgress(stage, done, total, seconds > 0 ? done / seconds : 0, task));
    }
}
