using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using TorchSharp;

namespace NasPlatform.Search.Export.Onnx;

/// <summary>
/// Runs an exported model over the test split with ONNX Runtime, in a helper process of Node.js (the npm package <c>onnxruntime-node</c>), and
/// compares each probability with our own network's.
/// </summary>
/// <param name="modulesFolder">The folder whose <c>node_modules</c> holds onnxruntime-node.</param>
/// <param name="time">For the certificate's date.</param>
public sealed class ParityCheck(string modulesFolder, TimeProvider time)
{
    private const string ScriptName = "run-onnx.mjs";
    private const int MostExamples = 250;
    private const int MostNumbers = 4_000_000; // answered at a time

    /// <summary>Checks the model in a folder and writes the certificate beside it. Never throws for want of the helper: the certificate says so.</summary>
    /// <param name="modelFolder">Holds the package and model.onnx.</param>
    /// <param name="dataset">What it was tested on.</param>
    /// <param name="device">Where our own network runs: <c>cpu</c>, <c>cuda:0</c>.</param>
    /// <param name="cancellation">Ends the helper.</param>
    public ParityCertificate Run(string modelFolder, Dataset dataset, string device, CancellationToken cancellation)
    {
        using var package = ModelPackage.Open(modelFolder);
        var certificate = Check(package, dataset, device, cancellation);
        WholeFile.Write(Path.Join(modelFolder, ParityCertificate.FileName), stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(certificate.ToJson())));
        return certificate;
    }

    private ParityCertificate Check(ModelPackage package, Dataset dataset, string device, CancellationToken cancellation)
    {
        var measured = package.Description.Metrics.TestScore;
        if (!Directory.Exists(Path.Join(modulesFolder, "node_modules", "onnxruntime-node")))
        {
            return NotChecked("onnxruntime-node is not installed; ./run.sh installs it where npm is there");
        }

        using var folder = new ScriptFolder();
        try
        {
            return Compare(package, dataset, device, folder.Path, cancellation);
        }
        catch (Exception error) when (error is Win32Exception or IOException or InvalidOperationException)
        {
            cancellation.ThrowIfCancellationRequested();
            return NotChecked(error is Win32Exception ? "Node.js is not installed" : error.Message);
        }

        ParityCertificate NotChecked(string why) => new()
        {
            Parity = Parity.NotChecked,
            Summary = $"The exported ONNX was not run here: {why.TrimEnd('.')}.",
            MeasuredScore = measured,
            CheckedAt = time.GetUtcNow(),
        };
    }

    private ParityCertificate Compare(ModelPackage package, Dataset dataset, string device, string script, CancellationToken cancellation)
    {
        var description = package.Description;
        var task = description.Graph.Task;
        var test = GivenExamples.Indices(dataset, Split.Test);
        var answers = (int)task.Output.Count; // numbers for one example
        var batch = Math.Clamp(MostNumbers / answers, 1, MostExamples);
        using var predictor = new Predictor(package, Devices.Parse(device));
        using var helper = Start(
            script, modulesFolder, Path.Join(package.Folder, "model.onnx"), task.Kind == TaskKind.LanguageModelling ? "int64" : "float32",
            string.Join('x', OnnxExporter.InputDimensions(task)), task.Kind.IsRegression ? OnnxExporter.Prediction : OnnxExporter.Probabilities, Text(answers), Text(batch));
        using var killed = cancellation.Register(() => helper.Kill(entireProcessTree: true));
        var complaints = helper.StandardError.ReadToEndAsync(cancellation);
        var feeding = Task.Run(() => Feed(helper, dataset, test, batch, cancellation), cancellation);

        var comparison = new Comparison(description, dataset);
        var theirs = new float[batch * answers];
        foreach (var indices in test.Chunk(batch))
        {
            using var scope = torch.NewDisposeScope();
            var ours = predictor.Answers(GivenExamples.Of(dataset, indices)).data<float>().ToArray();
            Fill(helper, complaints, MemoryMarshal.AsBytes(theirs.AsSpan(0, ours.Length)));
            for (var place = 0; place < indices.Length; place++)
            {
                comparison.Add(indices[place], ours.AsSpan(place * answers, answers), theirs.AsSpan(place * answers, answers));
            }
        }

        feeding.GetAwaiter().GetResult();
        helper.WaitForExit();
        var agrees = comparison.Largest <= ParityCertificate.Tolerance;
        return new()
        {
            Parity = agrees ? Parity.Agrees : Parity.Differs,
            Summary = string.Create(
                CultureInfo.InvariantCulture,
                $"ONNX Runtime ran the exported file on all {comparison.Count:N0} test {task.Kind.Examples}; the largest difference of a {(task.Kind.IsRegression ? "number, in deviations," : "probability")} is {comparison.Largest:0.0e+0}{(agrees ? "" : ", more than is allowed")}."),
            Runtime = complaints.GetAwaiter().GetResult().Split('\n')[0].Trim(),
            Examples = comparison.Count,
            MeasuredScore = description.Metrics.TestScore,
            ExportedScore = comparison.Score,
            SamePredictions = comparison.Same,
            LargestDifference = comparison.Largest,
            CheckedAt = time.GetUtcNow(),
        };
    }

    private static Process Start(string folder, string modules, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", [Path.Join(folder, ScriptName), modules, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!; // not null: without a shell a process is always started
    }

    private static void Feed(Process helper, Dataset dataset, int[] test, int batch, CancellationToken cancellation)
    {
        using var target = helper.StandardInput.BaseStream;
        foreach (var indices in test.Chunk(batch))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = torch.NewDisposeScope();
            var given = GivenExamples.Of(dataset, indices);
            target.Write(dataset.Task == TaskKind.ImageClassification ? given.to(torch.float32).div_(255).bytes : given.bytes);
        }
    }

    private static void Fill(Process helper, Task<string> complaints, Span<byte> target)
    {
        if (helper.StandardOutput.BaseStream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) < target.Length)
        {
            // Of what Node.js says, a stack for the most part, the line that names the error.
            var said = complaints.GetAwaiter().GetResult().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            throw new InvalidOperationException($"ONNX Runtime ended early: {said.FirstOrDefault(line => line.Contains("Error", StringComparison.Ordinal)) ?? said.LastOrDefault()}");
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>What both gave, example by example.</summary>
    private sealed class Comparison(ModelDescription description, Dataset dataset)
    {
        private readonly TaskShape _task = description.Graph.Task;
        private int _right;
        private double _squares;

        public int Count { get; private set; }

        public int Same { get; private set; }

        public double Largest { get; private set; }

        public double? Score => _task.Kind switch
        {
            TaskKind.LanguageModelling => null,
            { IsRegression: true } => Metric.SquaredError.ScoreOfLoss(_squares / Count / _task.Outputs),
            _ => (double)_right / Count,
        };

        public void Add(int index, ReadOnlySpan<float> ours, ReadOnlySpan<float> theirs)
        {
            if (description.Output is { } output)
            {
                Count++;
                Same += Differ(ours, theirs, output) <= ParityCertificate.Tolerance ? 1 : 0;
                _squares += SquaredError(GivenExamples.Truth(dataset, index), theirs, output);
                return;
            }

            for (var start = 0; start < ours.Length; start += _task.Outputs)
            {
                var one = ours.Slice(start, _task.Outputs);
                var other = theirs.Slice(start, _task.Outputs);
                var predicted = IndexOfLargest(other);
                Count++;
                Same += predicted == IndexOfLargest(one) ? 1 : 0;
                _right += _task.Kind.IsClassification && predicted == dataset.Labels[index] ? 1 : 0;
                for (var place = 0; place < one.Length; place++)
                {
                    Largest = Math.Max(Largest, Math.Abs(one[place] - other[place]));
                }
            }
        }

        private double Differ(ReadOnlySpan<float> ours, ReadOnlySpan<float> theirs, PredictedNumbers output)
        {
            var most = 0.0;
            for (var place = 0; place < ours.Length; place++)
            {
                most = Math.Max(most, Math.Abs(ours[place] - theirs[place]) / output.StdOf(place));
            }

            Largest = Math.Max(Largest, most);
            return most;
        }

        private static int IndexOfLargest(ReadOnlySpan<float> values)
        {
            var best = 0;
            for (var place = 1; place < values.Length; place++)
            {
                best = values[place] > values[best] ? place : best;
            }

            return best;
        }

        private static double SquaredError(ReadOnlySpan<float> truth, ReadOnlySpan<float> theirs, PredictedNumbers output)
        {
            var sum = 0.0;
            for (var place = 0; place < truth.Length; place++)
            {
                var error = (truth[place] - theirs[place]) / output.StdOf(place);
                sum += error * error;
            }

            return sum;
        }
    }

    /// <summary>The helper's source on disk for as long as it runs.</summary>
    private sealed class ScriptFolder : IDisposable
    {
        public ScriptFolder()
        {
            using var source = typeof(ParityCheck).Assembly.GetManifestResourceStream(ScriptName)!; // not null: it is built in
            using var target = File.Create(System.IO.Path.Join(Path, ScriptName));
            source.CopyTo(target);
        }

        public string Path { get; } = Directory.CreateTempSubdirectory("nas-onnx-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
