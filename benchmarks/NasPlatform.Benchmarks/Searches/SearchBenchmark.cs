using NasPlatform.Benchmarks.Results;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Benchmarks.Searches;

/// <summary>
/// A whole search: architectures of the NAS-Bench-201 space, drawn by a fixed seed, each trained for one epoch of Fashion-MNIST, by <c>nas search</c> as it comes (as many side by side as there are cores, one
/// thread each) and by a PyTorch script (one after the other, all cores each).
/// </summary>
internal static class SearchBenchmark
{
    private const string Head =
        """
        | trials | examples of each | ours s | PyTorch s | ratio | images/s, ours / PyTorch | mean accuracy, ours / PyTorch | date | load |
        | --- | --- | --- | --- | --- | --- | --- | --- | --- |
        """;

    public static void Run(SearchBenchmarkOptions options)
    {
        var facts = MachineFacts.Read();
        var file = options.Saves ? new ResultFile(facts) : null;
        foreach (var (name, value) in facts.Rows)
        {
            Console.WriteLine($"{name}: {value}");
        }

        var folder = Directory.CreateTempSubdirectory("nas-bench-search-").FullName;
        try
        {
            var data = Path.Combine(folder, "data");
            using var dataset = new DatasetCatalog(data, TimeProvider.System).Open(KnownDatasets.FashionMnist.Name, null, CancellationToken.None);
            var space = SearchSpaceCatalog.Create("nasbench201");
            var genotypes = Draw(space, dataset.Report.TaskShape, options.Trials);

            var load = MachineFacts.Load;
            Console.WriteLine($"\nOurs, {options.Trials} trials ...");
            var search = OwnSearch.Run(folder, data, space, genotypes, options.Fraction);
            Console.WriteLine($"{search.Seconds:0} s. PyTorch, the same ...");
            var peer = PyTorchSearch.Run(folder, dataset, space, search, options);
            Console.WriteLine($"{peer.Seconds:0} s.\n");

            foreach (var ((ours, theirs), genotype) in search.Trials.Zip(peer.Trials).Zip(genotypes))
            {
                Console.WriteLine($"trial {ours.Number}: {ours.Seconds:0.0} s and {100 * ours.Accuracy:0.00} %, PyTorch {theirs.Seconds:0.0} s and {100 * theirs.Accuracy:0.00} %, {space.Format(genotype)}");
            }

            var images = (double)options.Trials * search.Examples;
            var row = $"| {options.Trials} | {search.Examples} | {search.Seconds:0.0} | {peer.Seconds:0.0} | **{peer.Seconds / search.Seconds:0.00}** | {images / search.Seconds:0} / {images / peer.Seconds:0} "
                + $"| {100 * search.Trials.Average(trial => trial.Accuracy):0.00} / {100 * peer.Trials.Average(trial => trial.Accuracy):0.00} | {TimeProvider.System.GetUtcNow():yyyy-MM-dd} | {load} |";
            Console.WriteLine($"\n{Head}\n{row}");
            file?.Put($"A whole search, {facts.Cores} cores, PyTorch {options.Layout}", "NAS-Bench-201, N = 5, one epoch of Fashion-MNIST a trial.", Head, row);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Different networks, each with something to train in every stage's cells.</summary>
    private static List<Genotype> Draw(SearchSpace space, TaskShape task, int count)
    {
        var random = new RandomSource(1);
        var keys = new HashSet<string>();
        var drawn = new List<Genotype>();
        while (drawn.Count < count)
        {
            var genotype = space.Sample(random);
            if (space.Build(genotype, task).WithoutZeros().Cost.ParameterCount > 0 && keys.Add(space.Key(genotype).Value))
            {
                drawn.Add(genotype);
            }
        }

        return drawn;
    }
}
