using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using NasPlatform.Benchmarks.Cases;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training.Examples;
using static TorchSharp.torch;

namespace NasPlatform.Benchmarks.Searches;

/// <summary>The same architectures by <c>pytorch/search.py</c>, from the same weights, with the same examples of the same splits and the same settings of the training.</summary>
internal static class PyTorchSearch
{
    /// <param name="folder">That of our run, where what the script reads is written, too; that takes none of its time.</param>
    /// <param name="ours">Our run.</param>
    public static SearchRun Run(string folder, Dataset dataset, SearchSpace space, SearchRun ours, SearchBenchmarkOptions options)
    {
        var spec = ExperimentFolder.ReadSpec(OwnSearch.RunFolder(folder));
        using var run = ExperimentFolder.Resume(OwnSearch.RunFolder(folder), same => same);
        foreach (var trial in run.Trials.Values)
        {
            using var network = new Network(
                space.Build(space.Parse(trial.Genotype), dataset.Report.TaskShape), CPU, new RandomSource(spec.Seed).Split("trial", trial.Number));
            PyTorchModel.Write(Path.Combine(folder, $"{trial.Number}"), network, [.. dataset.Mean], [.. dataset.Std]);
        }

        WriteData(folder, dataset, ours.Examples);
        var augmentation = spec.Training.Augmentation ?? Augmentation.Standard(dataset.Height, dataset.Width);
        File.WriteAllText(Path.Combine(folder, "search.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["trials"] = ours.Trials.Count,
            ["epochs"] = spec.Fidelity.Epochs,
            ["batch"] = spec.Training.BatchSize,
            ["learning_rate"] = spec.Training.LearningRate,
            ["momentum"] = spec.Training.Momentum,
            ["weight_decay"] = spec.Training.WeightDecay,
            ["crop"] = augmentation.CropPadding,
            ["flip"] = augmentation.Flip,
            ["seed"] = spec.Seed,
        }));

        var cores = $"{Environment.ProcessorCount}";
        var start = new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "pytorch", "search.py"), folder, cores, "fp32", options.Layout]) { RedirectStandardOutput = true }; // where Debian's PyTorch is
        start.Environment["OMP_NUM_THREADS"] = cores;
        start.Environment["OPENBLAS_NUM_THREADS"] = cores;
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!; // not null: a new process is started
        var trials = new List<TrialRun>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            var words = line.Split(' ');
            trials.Add(new(int.Parse(words[0]), double.Parse(words[1], CultureInfo.InvariantCulture), double.Parse(words[2], CultureInfo.InvariantCulture)));
        }

        process.WaitForExit();
        return process.ExitCode == 0
            ? new(Stopwatch.GetElapsedTime(started).TotalSeconds, ours.Examples, trials)
            : throw new UserErrorException($"search.py ended with {process.ExitCode}; its error is above.");
    }

    private static void WriteData(string folder, Dataset dataset, int examples)
    {
        var train = dataset.Indices(Split.Train);
        new RandomSource(1).Shuffle<int>(train);
        SafetensorsFile.Write(Path.Combine(folder, "data.safetensors"), [.. Entries("train", train[..examples]), .. Entries("validation", dataset.Indices(Split.Validation))]);

        IEnumerable<TensorEntry> Entries(string split, int[] indices) =>
        [
            new($"{split}_labels", TensorType.I64, [indices.Length], stream => stream.Write(MemoryMarshal.AsBytes<long>(indices.Select(index => dataset.Labels[index]).ToArray()))),
            new($"{split}_images", TensorType.U8, [indices.Length, dataset.Channels, dataset.Height, dataset.Width], stream =>
            {
                foreach (var index in indices)
                {
                    stream.Write(dataset.Image(index));
                }
            }),
        ];
    }
}
