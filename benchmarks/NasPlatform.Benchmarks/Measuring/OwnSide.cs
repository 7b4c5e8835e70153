using System.Globalization;
using NasPlatform.Benchmarks.Cases;
using NasPlatform.Search.Training;
using static TorchSharp.torch;

namespace NasPlatform.Benchmarks.Measuring;

/// <summary>Our side of a case in this process, which answers commands on its standard input as <c>pytorch/peer.py</c> does.</summary>
internal static class OwnSide
{
    /// <summary>What the program is started with.</summary>
    public const string Command = "side";

    public static void Serve(string name, string folder, int threads, Precision precision)
    {
        set_num_threads(threads);
        var memory = new ProcessMemory();
        using var work = KnownCases.Find(name).Start(folder, precision);
        var steps = 0;
        while (Console.ReadLine() is { } line)
        {
            Console.WriteLine(line.Split(' ') switch
            {
                ["run", var count] => string.Join(' ', Run(int.Parse(count))),
                ["loss"] => $"{work.LossSum / steps:R}",
                ["memory"] when memory.Read() is var (peak, growth) => $"{peak} {growth}",
                _ => throw new InvalidOperationException($"unknown command: {line}"),
            });
        }

        double[] Run(int count)
        {
            var times = new double[count];
            for (var step = 0; step < count; step++)
            {
                var started = Now();
                work.Step();
                times[step] = (Now() - started).TotalMilliseconds;
            }

            steps += count;
            return times;
        }

        static TimeSpan Now() => Environment.GetEnvironmentVariable(Side.ClockVariable) == Side.ProcessorClock ? Environment.CpuUsage.TotalTime : TimeProvider.System.GetElapsedTime(0);
    }
}
