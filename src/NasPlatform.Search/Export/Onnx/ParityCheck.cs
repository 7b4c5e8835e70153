using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Training;

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
    private const int Batch = 250;

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
        var measured = package.Description.Metrics.TestAccuracy;
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
            MeasuredAccuracy = measured,
            CheckedAt = time.GetUtcNow(),
        };
    }

    private ParityCertificate Compare(ModelPackage package, Dataset dataset, string device, string script, CancellationToken cancellation)
    {
        var input = package.Description.Input;
        var classes = package.Description.Classes.Count;
        var test = dataset.Indices(Split.Test);
        using var classifier = new Classifier(package, Devices.Parse(device));
        using var helper = Start(
            script, modulesFolder, Path.Join(package.Folder, "model.onnx"),
            Text(input.Channels), Text(input.Height), Text(input.Width), Text(classes));
        using var killed = cancellation.Register(() => helper.Kill(entireProcessTree: true));
        var complaints = helper.StandardError.ReadToEndAsync(cancellation);
        var feeding = Task.Run(() => Feed(helper, dataset, test, cancellation), cancellation);

        var (right, same, largest) = (0, 0, 0.0);
        var theirs = new float[Batch * classes];
        for (var start = 0; start < test.Length; start += Batch)
        {
            var indices = test.AsSpan(start, Math.Min(Batch, test.Length - start));
            var ours = classifier.Probabilities(Bytes(dataset, indices), indices.Length);
            Fill(helper, complaints, MemoryMarshal.AsBytes(theirs.AsSpan(0, indices.Length * classes)));
            for (var place = 0; place < indices.Length; place++)
            {
                var one = ours.AsSpan(place * classes, classes);
                var other = theirs.AsSpan(place * classes, classes);
                var predicted = IndexOfLargest(other);
                same += predicted == IndexOfLargest(one) ? 1 : 0;
                right += predicted == dataset.Labels[indices[place]] ? 1 : 0;
                for (var label = 0; label < classes; label++)
                {
                    largest = Math.Max(largest, Math.Abs(one[label] - other[label]));
                }
            }
        }

        feeding.GetAwaiter().GetResult();
        helper.WaitForExit();
        var measured = package.Description.Metrics.TestAccuracy;
        var agrees = largest <= ParityCertificate.Tolerance;
        return new()
        {
            Parity = agrees ? Parity.Agrees : Parity.Differs,
            Summary = string.Create(
                CultureInfo.InvariantCulture,
                $"ONNX Runtime ran the exported file on all {test.Length:N0} test images; the largest difference of a probability is {largest:0.0e+0}{(agrees ? "" : ", more than is allowed")}."),
            Runtime = complaints.GetAwaiter().GetResult().Split('\n')[0].Trim(),
            Examples = test.Length,
            MeasuredAccuracy = measured,
            ExportedAccuracy = (double)right / test.Length,
            SamePredictions = same,
            LargestDifference = largest,
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

    private static void Feed(Process helper, Dataset dataset, int[] test, CancellationToken cancellation)
    {
        var floats = new float[Batch * dataset.ImageBytes];
        using var target = helper.StandardInput.BaseStream;
        for (var start = 0; start < test.Length; start += Batch)
        {
            cancellation.ThrowIfCancellationRequested();
            var bytes = Bytes(dataset, test.AsSpan(start, Math.Min(Batch, test.Length - start)));
            for (var place = 0; place < bytes.Length; place++)
            {
                floats[place] = bytes[place] / 255f;
            }

            target.Write(MemoryMarshal.AsBytes(floats.AsSpan(0, bytes.Length)));
        }
    }

    private static byte[] Bytes(Dataset dataset, ReadOnlySpan<int> indices)
    {
        var bytes = new byte[indices.Length * dataset.ImageBytes];
        for (var place = 0; place < indices.Length; place++)
        {
            dataset.Image(indices[place]).CopyTo(bytes.AsSpan(place * dataset.ImageBytes));
        }

        return bytes;
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

    private static int IndexOfLargest(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var place = 1; place < values.Length; place++)
        {
            best = values[place] > values[best] ? place : best;
        }

        return best;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

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
