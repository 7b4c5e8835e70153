using System.Diagnostics;
using NasPlatform.Search.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training;

/// <summary>How long a network takes for one example.</summary>
internal static class Latency
{
    private const int WarmUps = 3;
    private const int MostRuns = 31;
    private static readonly TimeSpan Enough = TimeSpan.FromMilliseconds(200);

    /// <summary>The median of some runs in evaluation mode, in milliseconds, until the result is on the host; what runs beside it makes it longer. What the example shows does not matter, so it is noise.</summary>
    public static double MeasureMs(Network network, Device device, CancellationToken cancellation)
    {
        network.eval();
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var task = network.Graph.Task;
        long[] shape = [1, .. task.Input.Dimensions];
        var example = task.Kind == TaskKind.LanguageModelling ? randint(task.Outputs, shape, dtype: int64) : randn(shape);
        example = example.to(device);
        var began = Stopwatch.GetTimestamp();
        var times = new List<double>();
        for (var run = 0; run < WarmUps + MostRuns && (run <= WarmUps || Stopwatch.GetElapsedTime(began) < Enough); run++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var started = Stopwatch.GetTimestamp();
            network.call(example).cpu();
            if (run >= WarmUps)
            {
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        times.Sort();
        return times[times.Count / 2];
    }
}
