using System.Diagnostics;
using NasPlatform.Search.Training;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NasPlatform.Benchmarks.Measuring;

/// <summary>What the machine does at best, by threads that each do work of their own.</summary>
/// <param name="MatrixGflops">10⁹ floating-point operations a second in products of matrices of 1024 × 1024.</param>
/// <param name="ConvolutionGflops">The same in 3×3 convolutions of 64 channels.</param>
/// <param name="CopyGigabytes">10⁹ bytes a second, read and written, in copies of 64 MiB.</param>
internal sealed record Peaks(double MatrixGflops, double ConvolutionGflops, double CopyGigabytes)
{
    private const int Windows = 5;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(0.3);

    public static Peaks Measure(Comparison how)
    {
        var type = how.Precision == Precision.BFloat16 ? bfloat16 : float32;
        return new(
            Rate(how, 2.0 * 1024 * 1024 * 1024 / 1e9, () =>
            {
                var (left, right) = (randn(1024, 1024).to(type), randn(1024, 1024).to(type));
                return () => left.mm(right).Dispose();
            }),
            Rate(how, 2.0 * 16 * 32 * 32 * 64 * 64 * 9 / 1e9, () =>
            {
                var images = randn(16, 64, 32, 32).to(type).contiguous(memory_format.channels_last);
                var weights = randn(64, 64, 3, 3).to(type).contiguous(memory_format.channels_last);
                return () => F.conv2d(images, weights, null, [1, 1], [1, 1], [1, 1], 1).Dispose();
            }),
            Rate(how, 2.0 * (64 << 20) / 1e9, () =>
            {
                var (from, to) = (zeros(16 << 20), ones(16 << 20));
                return () => to.copy_(from);
            }));
    }

    /// <summary>Of some windows the best, since the machine may have other work: units a second of all threads together.</summary>
    private static double Rate(Comparison how, double unitsOfOne, Func<Action> prepare)
    {
        var threads = how.Threads;
        var rates = new double[threads, Windows];
        using var barrier = new Barrier(threads);
        var running = Enumerable.Range(0, threads).Select(number => new Thread(() =>
        {
            set_num_threads(1);
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var once = prepare();
            once();
            for (var window = 0; window < Windows; window++)
            {
                barrier.SignalAndWait();
                var (started, processor, count) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, 0);
                while (Stopwatch.GetElapsedTime(started) < Window)
                {
                    once();
                    count++;
                }

                rates[number, window] = count * unitsOfOne / (how.IsProcessorTime ? (Environment.CpuUsage.TotalTime - processor) / threads : Stopwatch.GetElapsedTime(started)).TotalSeconds;
            }
        })).ToList();
        running.ForEach(thread => thread.Start());
        running.ForEach(thread => thread.Join());
        return Enumerable.Range(0, Windows).Max(window => Enumerable.Range(0, threads).Sum(number => rates[number, window]));
    }
}
