using System.CommandLine;
using System.Globalization;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas bench</c>: how fast this machine trains, and whether it is set up well.</summary>
internal static class BenchCommand
{
    private const double DefaultSeconds = 2;
    private const int WarmUpSteps = 2;
    private const string Chain = "3x3/1x1/36 5x5/2x2/48@1 3x3/1x1/64@2 3x3/1x1/48@2,3 1x7/2x2/64@4 3x3/1x1/64@5";
    private const string Cell = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|";

    public static Command Create(Terminal terminal)
    {
        var threads = Options.Whole("--threads", "n", "Threads to measure beside one (default: all cores)");
        var seconds = Options.Real("--seconds", "s", $"Time for each of twelve measurements (default {DefaultSeconds})");
        var check = Options.Flag("--check", "Only whether it is set up well; measures nothing");
        var json = Options.Json();
        var command = new DocumentedCommand("bench", "Measures how fast this machine trains, and whether it is set up well", """
            Whole training steps (forward, backward, SGD) on a fixed batch of noise, in 32-bit
            floats on the processor, for three networks: a small one of space chain on 28×28
            images, and the NAS-Bench-201 network with C = 16 and N = 5 or 1 cells a stage on
            32×32 ones. Each by its plan, as searches run it, and layer by layer as libtorch
            has it, channels first (nas inspect --plan shows what a plan does).
            ms/step is the median; GMAC/s are 10⁹ multiply-adds, the backward pass counted twice.

            Examples:
              nas bench
              nas bench --check
              nas bench --threads 4 --seconds 5 --json
            """)
        {
            threads, seconds, check, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var facts = RuntimeFacts.Read();
            var most = parsed.GetValue(threads) ?? Environment.ProcessorCount;
            var time = parsed.GetValue(seconds) ?? DefaultSeconds;
            if (most < 1 || !(time > 0))
            {
                throw new UsageErrorException("--threads must be 1 or more, and --seconds above 0.");
            }

            var isJson = parsed.GetValue(json);
            Tell(facts, terminal, isJson);
            if (parsed.GetValue(check))
            {
                foreach (var advice in facts.Advice)
                {
                    terminal.Complain(advice);
                }

                return Task.CompletedTask;
            }

            var measured = new List<Measured>();
            using (var progress = new ProgressLine(terminal))
            {
                foreach (var (work, count, isPlanned) in
                    from work in Work.All
                    from count in new[] { 1, most }.Distinct()
                    from isPlanned in new[] { false, true }
                    select (work, count, isPlanned))
                {
                    cancellation.ThrowIfCancellationRequested();
                    progress.Show($"{work.Name}, {Figures.Many(count, "thread")}, {Way(isPlanned)} ...");
                    var result = Measure(work, count, isPlanned, TimeSpan.FromSeconds(time), terminal.Time, cancellation);
                    measured.Add(result);
                    if (isJson)
                    {
                        terminal.WriteJson(result);
                    }
                }
            }

            set_num_threads(facts.Threads);
            if (!isJson)
            {
                Write(measured, terminal);
            }

            foreach (var advice in Advice(facts, measured, most))
            {
                terminal.Complain(advice);
            }

            return Task.CompletedTask;
        });
        return command;
    }

    private static Measured Measure(Work work, int threads, bool isPlanned, TimeSpan time, TimeProvider clock, CancellationToken cancellation)
    {
        set_num_threads(threads);
        var random = new RandomSource(1);
        var task = work.Graph.Task;
        using var scope = NewDisposeScope();
        using var network = new Network(work.Graph, CPU, random, isPlanned ? null : Plan.LayerByLayer(work.Graph, isChannelsLast: false));
        using var trainer = new Trainer(network, CPU, new() { LearningRate = 1e-4 }, random, clock);
        var images = randn(work.Batch, task.Channels, task.Height, task.Width);
        var labels = randint(task.Outputs, [work.Batch], dtype: int64);
        var loss = zeros(1);
        network.train();

        var milliseconds = new List<double>();
        var started = clock.GetTimestamp();
        for (var step = 0; step <= WarmUpSteps || clock.GetElapsedTime(started) < time; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var stepStarted = clock.GetTimestamp();
            using (NewDisposeScope())
            {
                trainer.Step(images, labels, loss);
            }

            if (step >= WarmUpSteps)
            {
                milliseconds.Add(clock.GetElapsedTime(stepStarted).TotalMilliseconds);
            }
            else
            {
                started = clock.GetTimestamp();
            }
        }

        milliseconds.Sort();
        var median = milliseconds[milliseconds.Count / 2];
        var multiplyAdds = 3.0 * work.Graph.Cost.MultiplyAdds * work.Batch; // forward, and twice that backward
        return new(
            work.Name,
            work.Batch,
            threads,
            Way(isPlanned),
            median,
            1000 * work.Batch / median,
            multiplyAdds / median / 1e6);
    }

    private static string Way(bool isPlanned) => isPlanned ? "as planned" : "layer by layer";

    private static void Tell(RuntimeFacts facts, Terminal terminal, bool json)
    {
        if (json)
        {
            terminal.WriteJson(new { Runtime = facts, Cores = Environment.ProcessorCount });
            return;
        }

        var core = facts.BlasCore is null ? "" : $" for {facts.BlasCore}";
        terminal.Say($"libtorch {facts.Libtorch}, {facts.CpuCapability} kernels, {Figures.Many(facts.Threads, "thread")} on {Figures.Many(Environment.ProcessorCount, "core")}, {Figures.Many(facts.CudaDevices, "CUDA device")}");
        terminal.Say($"matrix products by {facts.Blas}{core}{(facts.BlasFile is null ? "" : $", {facts.BlasFile}")}");
        terminal.Say(facts.HasFastBFloat16 ? "bfloat16 is faster than float32 here: --precision bfloat16 uses it" : "bfloat16 is not faster than float32 on this processor");
    }

    private static void Write(List<Measured> measured, Terminal terminal)
    {
        var table = Tables.New(["network", "batch", "threads", "run", "ms/step", "images/s", "GMAC/s"], numbers: [1, 2, 4, 5, 6]);
        foreach (var result in measured)
        {
            table.Row(
                result.Network,
                $"{result.Batch}",
                $"{result.Threads}",
                result.Run,
                result.MillisecondsPerStep.ToString("0.0", CultureInfo.InvariantCulture),
                Figures.Exact((long)result.ImagesPerSecond),
                result.GigaMultiplyAddsPerSecond.ToString("0.0", CultureInfo.InvariantCulture));
        }

        terminal.Output.WriteLine();
        terminal.Show(table);
    }

    private static IEnumerable<string> Advice(RuntimeFacts facts, List<Measured> measured, int threads)
    {
        foreach (var advice in facts.Advice)
        {
            yield return advice;
        }

        if (facts.Threads < Environment.ProcessorCount)
        {
            yield return $"libtorch starts with {Figures.Many(facts.Threads, "thread")} on {Figures.Many(Environment.ProcessorCount, "core")}; is OMP_NUM_THREADS set? A search sets its own by --threads.";
        }

        if (threads > Environment.ProcessorCount)
        {
            yield return $"{threads} threads are more than the {Figures.Many(Environment.ProcessorCount, "core")} here; fewer are faster.";
        }

        var slower = measured.Where(one => one.Threads == 1
            && measured.Any(all => all.Network == one.Network && all.Run == one.Run && all.Threads > 1 && all.MillisecondsPerStep > one.MillisecondsPerStep)).ToList();
        if (slower.Count > 0)
        {
            yield return $"{threads} threads are slower than one for {string.Join(", ", slower.Select(one => one.Network).Distinct())}: the cores are busy with something else, or are two halves of one. Give --threads 1 there.";
        }
    }

    /// <param name="Network">Which.</param>
    /// <param name="Batch">Images a step.</param>
    /// <param name="Threads">libtorch's threads.</param>
    /// <param name="Run">As planned, which is how searches run, or layer by layer.</param>
    /// <param name="MillisecondsPerStep">The median.</param>
    /// <param name="ImagesPerSecond">By the median.</param>
    /// <param name="GigaMultiplyAddsPerSecond">Forward and backward, in 10⁹.</param>
    private sealed record Measured(
        string Network, int Batch, int Threads, string Run, double MillisecondsPerStep, double ImagesPerSecond, double GigaMultiplyAddsPerSecond);

    /// <summary>A network and the batch that it is timed on.</summary>
    private sealed record Work(string Name, LayerGraph Graph, int Batch)
    {
        public static IReadOnlyList<Work> All =>
        [
            Of("chain, 6 layers", "chain", [], Chain, new(1, 28, 28, 10), 128),
            Of("nasbench201 N=5", "nasbench201", [], Cell, TaskShape.Cifar10, 64),
            Of("nasbench201 N=1", "nasbench201", new() { ["cells"] = "1" }, Cell, TaskShape.Cifar10, 64),
        ];

        private static Work Of(string name, string spaceName, Dictionary<string, string> settings, string genotype, TaskShape task, int batch)
        {
            var space = SearchSpaceCatalog.Create(spaceName, settings);
            return new(name, space.Build(space.Parse(genotype), task), batch);
        }
    }
}
