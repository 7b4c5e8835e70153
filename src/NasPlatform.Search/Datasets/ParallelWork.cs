using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using NasPlatform.Search.Datasets.Layouts;

namespace NasPlatform.Search.Datasets;

/// <summary>Does the same to each packed example on all cores, reading one at a time, and tells how it goes.</summary>
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

        void Tell(int count)
        {
            var seconds = time.GetElapsedTime(start).TotalSeconds;
            progress?.Report(new IngestProgress(stage, count, total, seconds > 0 ? count / seconds : 0));
        }
    }
}
