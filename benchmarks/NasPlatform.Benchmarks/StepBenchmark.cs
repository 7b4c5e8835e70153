using NasPlatform.Benchmarks.Measuring;
using NasPlatform.Benchmarks.Results;

namespace NasPlatform.Benchmarks;

/// <summary>The steps of cases beside plain PyTorch's, one after the other, told as they come.</summary>
internal static class StepBenchmark
{
    public static void Run(BenchmarkOptions options)
    {
        var comparison = options.Comparison;
        var facts = MachineFacts.Read();
        var file = options.Saves ? new ResultFile(facts) : null;
        foreach (var (name, value) in facts.Rows)
        {
            Console.WriteLine($"{name}: {value}");
        }

        var peaks = Peaks.Measure(comparison);
        var heading = $"{comparison.Precision}, {comparison.Threads} {(comparison.Threads == 1 ? "thread" : "threads")}, PyTorch {comparison.Layout}{(comparison.IsProcessorTime ? ", processor time" : "")}";
        var note = $"Peaks: matrix product {peaks.MatrixGflops:0} GFLOP/s, 3×3 convolution {peaks.ConvolutionGflops:0} GFLOP/s, copy {peaks.CopyGigabytes:0.0} GB/s.";
        Console.WriteLine($"\n{heading}. {note}\n");
        Console.WriteLine(ResultTable.Head);
        foreach (var work in options.Cases.Where(work => work.Suits(comparison.Precision)))
        {
            var load = MachineFacts.Load;
            var row = ResultTable.Row(work, comparison.Run(work), peaks, comparison, load);
            Console.WriteLine(row);
            file?.Put(heading, note, ResultTable.Head, row);
        }

        foreach (var work in options.Cases.Where(work => !work.Suits(comparison.Precision)))
        {
            Console.WriteLine($"{work.Name} is not done in {comparison.Precision}.");
        }
    }
}
