using System.Globalization;
using NasPlatform.Benchmarks.Results;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;
using static TorchSharp.torch;

namespace NasPlatform.Benchmarks.Accuracy;

/// <summary>
/// Whether bfloat16 costs accuracy: one network trained on Fashion-MNIST in either precision, from the same weights on the same batches for each seed, and measured on the validation split. It is computed in
/// bfloat16 also where that does not pay.
/// </summary>
internal static class PrecisionBenchmark
{
    private const string Network = "3x3/2x2/24 3x3/2x2/36@1 1x1/1x1/36@2 3x3/1x1/36@3 1x1/1x1/48@4 3x3/1x1/48@3,5";
    private const string Head =
        """
        | seed | float32 | bfloat16 | s an epoch, float32 / bfloat16 | date | load |
        | --- | --- | --- | --- | --- | --- |
        """;

    public static void Run(PrecisionBenchmarkOptions options)
    {
        var facts = MachineFacts.Read();
        var file = options.Saves ? new ResultFile(facts) : null;
        var folder = Directory.CreateTempSubdirectory("nas-bench-precision-").FullName;
        try
        {
            using var dataset = new DatasetCatalog(folder, TimeProvider.System).Open(KnownDatasets.FashionMnist.Name, null, CancellationToken.None);
            var space = SearchSpaceCatalog.Create("chain");
            var graph = space.Build(space.Parse(Network), dataset.Report.TaskShape);
            var indices = dataset.Indices(Split.Train);
            using var train = DeviceDataset.Of(dataset, indices.AsSpan(0, (int)(indices.Length * options.Fraction)), CPU);
            using var validation = DeviceDataset.Of(dataset, dataset.Indices(Split.Validation), CPU);
            set_num_threads(1);

            Console.WriteLine($"chain {Network}, {train.Count} examples, {options.Epochs} {(options.Epochs == 1 ? "epoch" : "epochs")}, accuracy on the validation split\n\n{Head}");
            var differences = new List<double>();
            for (var seed = 1UL; seed <= (ulong)options.Seeds; seed++)
            {
                var load = MachineFacts.Load;
                var (full, narrow) = (Train(Precision.Float32, seed), Train(Precision.BFloat16, seed));
                differences.Add(100 * (narrow.Accuracy - full.Accuracy));
                var row = $"| {seed} | {100 * full.Accuracy:0.00} % | {100 * narrow.Accuracy:0.00} % | {full.Seconds:0.0} / {narrow.Seconds:0.0} | {TimeProvider.System.GetUtcNow():yyyy-MM-dd} | {load} |";
                Console.WriteLine(row);
                file?.Put($"Accuracy by precision, {options.Epochs} epochs of {train.Count} examples", $"`chain` {Network}, Fashion-MNIST, validation split.", Head, row);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nbfloat16 less float32: {differences.Average():+0.00;-0.00} points on average, from {differences.Min():+0.00;-0.00} to {differences.Max():+0.00;-0.00}."));

            (double Accuracy, double Seconds) Train(Precision precision, ulong seed)
            {
                var random = new RandomSource(seed);
                using var network = new Network(graph, CPU, random);
                using var trainer = new Trainer(network, CPU, new() { Precision = precision }, random, TimeProvider.System);
                var curve = trainer.Train(train, validation, options.Epochs, [], null, null, CancellationToken.None).Curve;
                return (curve[^1].Score!.Value, curve[^1].Seconds / options.Epochs); // not null: there is a validation split
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
