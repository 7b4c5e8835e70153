using System.Text.Json;
using NasPlatform.Search;
using NasPlatform.Search.Benchmarks;
using NasPlatform.Search.Spaces.NasBench201;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Benchmarks;

/// <summary>The published tables against their known answers.</summary>
public sealed class PublishedTablesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void NB201_K7_K9_optima_fronts_and_rank_correlations_are_the_known_ones()
    {
        var table = Import("nas-bench-201");
        using var known = JsonDocument.Parse(File.ReadAllText(SharedData.Require("nas-bench-201/known-answers.json")));
        (string Prefix, string Dataset)[] datasets = [("c10", "cifar10"), ("c100", "cifar100"), ("in16", "ImageNet16-120")];

        Assert.Equal((15_625, 1.0), (table.Count, table.Description.Coverage));
        foreach (var (prefix, name) in datasets)
        {
            var dataset = table.Dataset(name);
            AssertOptimum(dataset.Full.Searched, known.RootElement.GetProperty("optimum").GetProperty($"{prefix}_valid"));
            AssertOptimum(dataset.Full.Reported, known.RootElement.GetProperty("optimum").GetProperty($"{prefix}_test"));
            Assert.Equal([12, 200], dataset.Budgets.Select(budget => budget.Epochs));
            Assert.Equal(known.RootElement.GetProperty("spearman_12_vs_200").GetProperty(prefix).GetDouble(), Statistics.Spearman(dataset.Budget(12).Reported, dataset.Full.Reported), 0.00005);
        }

        foreach (var proxy in known.RootElement.GetProperty("spearman_proxy_vs_test").EnumerateObject())
        {
            var (prefix, name) = datasets.First(dataset => proxy.Name.StartsWith(dataset.Prefix + "_", StringComparison.Ordinal));
            var figure = proxy.Name[(prefix.Length + 1)..];
            if (figure is "params" or "flops")
            {
                continue; // These are over the table's own columns, which have more rows.
            }

            var ranked = RankCorrelations.Of(table.Dataset(name)).Single(rank => rank.Figure == figure);
            Assert.Equal(9_445, ranked.Architectures);
            Assert.Equal(proxy.Value.GetDouble(), ranked.Spearman, 0.00006);
        }

        var cifar10 = table.Dataset("cifar10");
        AssertFront(cifar10, cifar10.Figures["parameters"], known.RootElement.GetProperty("pareto_c10_test_vs_params"));
        AssertFront(cifar10, cifar10.Figures["edgegpu_latency"], known.RootElement.GetProperty("pareto_c10_test_vs_edgegpu_latency"));

        void AssertOptimum(IReadOnlyList<double> accuracies, JsonElement optimum)
        {
            var best = optimum.GetProperty("best").GetDouble();
            Assert.Equal(best / 100, accuracies.Max(), 12);
            Assert.Equal(best / 100, accuracies[optimum.GetProperty("best_index").GetInt32()], 12);
            Assert.Equal(optimum.GetProperty("best_index").GetInt32(), table.Find(table.Space.Parse(optimum.GetProperty("arch").GetString()!))); // not null: the file has it
        }
    }

    [Fact]
    public void NB201_K8_parameters_and_multiply_adds_follow_from_the_numbers_of_convolutions()
    {
        var cifar10 = Import("nas-bench-201/table.csv.gz") is var table ? table.Dataset("cifar10") : null!; // not null: there is a table
        for (var row = 0; row < table.Count; row++)
        {
            var operations = table.Space.Parse(table.Architecture(row)).Decisions.Select(decision => decision.Option).ToList();
            var (ones, threes) = (operations.Count(operation => operation == "nor_conv_1x1"), operations.Count(operation => operation == "nor_conv_3x3"));
            Assert.Equal(73_306 + (28_000 * ones) + (243_040 * threes), cifar10.Parameters(row));
            Assert.Equal(7_783_050 + (3_932_160 * ones) + (35_389_440 * threes), cifar10.MultiplyAdds(row));
        }

        Assert.Equal(6_466, Enumerable.Range(0, table.Count).Select(row => NasBench201Space.CanonicalForm(table.Space.Parse(table.Architecture(row)))).Distinct().Count());
    }

    [Fact]
    public void NBM_K2_K3_K4_K5_best_worst_and_mean_are_the_known_ones()
    {
        var table = Import("nas-bench-macro");
        var cifar10 = table.Dataset("cifar10");
        var means = cifar10.Full.Reported;

        Assert.Equal((6_561, 1.0), (table.Count, table.Description.Coverage));
        AssertRow("22212220", 93.1267, 1_985_514, 85_164_544);
        AssertRow("22212202", 93.1267, 1_985_514, 85_164_544);
        AssertRow("22222221", 93.1067, null, null);
        AssertRow("00000000", 45.3633, 387_882, 7_713_280);
        AssertRow("11111111", 91.93, 1_588_874, 53_246_464);
        AssertRow("22222222", 92.9533, 2_932_586, 105_660_928);
        Assert.Equal(Row("22212202"), cifar10.Full.Best);
        Assert.Equal(["22212202", "22212220"], Ordered().Take(2).Select(table.Architecture).Order());
        Assert.Equal(93.1067, 100 * means[Ordered().Skip(2).First()], 0.0001);
        Assert.Equal("00000000", table.Architecture(Ordered().Last()));
        Assert.Equal(90.2466, 100 * means.Average(), 0.0001);
        Assert.Equal(2_932_586, cifar10.Figures["parameters"].Max());
        Assert.Equal(105_660_928, cifar10.Figures["multiply_adds"].Max());
        Assert.False(cifar10.Full.HasValidation);

        IEnumerable<int> Ordered() => Enumerable.Range(0, table.Count).OrderByDescending(row => Math.Round(means[row], 9));

        int Row(string digits) => table.Find(table.Space.Parse(digits)) ?? -1;

        void AssertRow(string digits, double percent, long? parameters, long? multiplyAdds)
        {
            Assert.Equal(percent, 100 * means[Row(digits)], 0.0001);
            if (parameters is not null)
            {
                Assert.Equal((parameters, multiplyAdds), (cifar10.Parameters(Row(digits)), cifar10.MultiplyAdds(Row(digits))));
            }
        }
    }

    [Fact]
    public void NB101_K20_accuracies_of_the_sample_are_multiples_of_1_in_9984_and_its_best_is_the_known_one()
    {
        var table = Import("nas-bench-101");
        var cifar10 = table.Dataset("cifar10");

        Assert.Equal(30_001, table.Count);
        Assert.InRange(table.Description.Coverage, 0.1, 0.3);
        Assert.Equal([4, 12, 36, 108], cifar10.Budgets.Select(budget => budget.Epochs));
        foreach (var budget in cifar10.Budgets)
        {
            Assert.All(budget.Searched, accuracy => Assert.Equal(Math.Round(9984 * accuracy), 9984 * accuracy, 9));
            Assert.False(budget.HasTest);
        }

        Assert.Equal("096f593e0f12d65f6220bf8565b764a9", table.Space.Key(table.Space.Parse(table.Architecture(cifar10.Full.Best))).Value);
        Assert.Equal((9476.0 / 9984, 31_552_906L), (cifar10.Full.Searched[cifar10.Full.Best], cifar10.Parameters(cifar10.Full.Best)));
        var smallest = table.Find(table.Space.Find("smallest hash"));
        Assert.Equal(0, smallest);
        Assert.Equal(new Measurement(null, 9290.0 / 9984, null, 1768.976), cifar10.Full.Mean(0));
        Assert.Equal(1768.976 / 27, cifar10.Budget(4).Mean(0).Seconds!.Value, 9); // not null: times were kept
        Assert.Null(table.Find(table.Space.Find("Inception-like")));
    }

    [Theory]
    [InlineData("cora", 0.831333, "0122 fc-gat-gcn-graph", 0.819333)]
    [InlineData("citeseer", 0.715667, "0013 fc-gin-gat-graph", 0.728)]
    [InlineData("arxiv", 0.723865, "0123 gcn-cheb-sage-sage", 0.736667)]
    public void NAS_Bench_Graph_is_whole_and_its_best_are_the_known_ones(string dataset, double test, string architecture, double valid)
    {
        var table = Import($"nas-bench-graph/{dataset}.csv.gz");
        var full = table.Dataset(dataset).Full;

        Assert.Equal((26_206, 1.0), (table.Count, table.Description.Coverage));
        Assert.Equal((test, valid), (full.Reported.Max(), full.Searched.Max()));
        Assert.Equal(table.Find(table.Space.Parse(architecture)), full.Best);
        Assert.All(table.Space.Enumerate().Where(table.Space.IsValid), genotype => Assert.NotNull(table.Find(genotype)));
    }

    [Fact]
    public void Nine_datasets_of_NAS_Bench_Graph_are_one_table()
    {
        var table = Import("nas-bench-graph");

        Assert.Equal(9, table.Datasets.Count);
        Assert.Equal(2_021, table.Dataset("proteins").Full.Reported.Count(score => !double.IsNaN(score)));
        Assert.Equal((0.792634, "0123 arma-sage-gcn-sage"), (table.Dataset("proteins").Full.Reported[table.Dataset("proteins").Full.Best], table.Architecture(table.Dataset("proteins").Full.Best)));
        Assert.Equal(1_736_711, table.Dataset("cora").Parameters(table.Find(table.Space.Parse("0000 gat-gat-gat-gat")) ?? -1));
    }

    [Fact]
    public void EC_NAS_of_five_vertices_has_the_known_best_and_front()
    {
        var table = Import("ec-nas-bench/5v-4epochs.csv.gz");
        var cifar10 = table.Dataset("cifar10");

        Assert.Equal((2_532, 1.0), (table.Count, table.Description.Coverage));
        Assert.Equal("e833ee7d095f08dab909f662e32a5296", table.Space.Key(table.Space.Parse(table.Architecture(cifar10.Full.Best))).Value);
        Assert.Equal((0.770132, 0.762520, 23_131_530L), (cifar10.Full.Searched.Max(), cifar10.Full.Reported.Max(), cifar10.Parameters(cifar10.Full.Best)));
        var energies = cifar10.Figures["energy_kwh"];
        var (front, best) = (new List<int>(), 0.0);
        foreach (var row in Enumerable.Range(0, table.Count).OrderBy(row => energies[row]).ThenByDescending(row => cifar10.Full.Searched[row]))
        {
            if (cifar10.Full.Searched[row] > best)
            {
                best = cifar10.Full.Searched[row];
                front.Add(row);
            }
        }

        Assert.Equal(13, front.Count);
        Assert.Equal((0.005077, 0.515525), (energies[front[0]], cifar10.Full.Searched[front[0]]));
    }

    [Fact]
    public void EC_NAS_of_four_vertices_has_the_known_best_and_rank_correlations()
    {
        var table = Import("ec-nas-bench/4v-budgets.csv.gz", "ec-nas-bench/4v-hardware.csv.gz");
        var cifar10 = table.Dataset("cifar10");

        Assert.Equal((91, 1.0), (table.Count, table.Description.Coverage));
        Assert.Equal([1, 2, 3], cifar10.Full.Repeats);
        var best = Enumerable.Range(0, 91).MaxBy(row => cifar10.Full.Searched[row]);
        Assert.Equal("ea9270f536a1f1094f446246dad4fe89", table.Space.Key(table.Space.Parse(table.Architecture(best))).Value);
        Assert.Equal(0.942475, cifar10.Full.Searched[best], 0.000001);
        Assert.Equal(0.933494, cifar10.Full.Reported[best], 0.000001);
        Assert.Equal(
            [0.466, 0.826, 0.975],
            new[] { 4, 12, 36 }.Select(epochs => Math.Round(Statistics.Spearman(cifar10.Budget(epochs).Searched, cifar10.Full.Searched), 3)));
        Assert.Contains("energy_kwh_108_quadro-rtx-6000", cifar10.Figures.Keys);
    }

    [Fact]
    public void TransNAS_has_the_known_best_of_its_samples_and_refuses_macro_networks()
    {
        var scenes = Import("transnas-bench-101/micro_class_scene.csv.gz");
        var tasks = Import("transnas-bench-101/micro_sample.csv.gz");

        Assert.Equal((2_128, 711), (scenes.Count, tasks.Count));
        AssertBest(scenes, "class_scene", 0.549363, "220323");
        AssertBest(tasks, "class_object", 0.457305, "201300");
        AssertBest(tasks, "jigsaw", 0.949940, "123332");
        Assert.Equal(1 / 1.62477, tasks.Dataset("room_layout").Full.Searched[0], 12);
        Assert.Contains("macro networks cannot be imported", Assert.Throws<UserErrorException>(() => Import("transnas-bench-101/macro_sample.csv.gz")).Message);

        static void AssertBest(BenchmarkTable table, string task, double accuracy, string code)
        {
            var full = table.Dataset(task).Full;
            Assert.Equal(accuracy, full.Reported[full.Best], 9);
            Assert.Equal(code, string.Concat(table.Space.Parse(table.Architecture(full.Best)).Decisions.Select(decision => decision.Value)));
        }
    }

    [Fact]
    public void Evolution_finds_better_cells_of_NAS_Bench_201_than_random_search_does()
    {
        var table = Import("nas-bench-201/table.csv.gz");
        var random = Statistics.MeanWithConfidence(BenchmarkStudy.Of(table, new() { Strategy = "random" }, 1, 50, cancellation: Cancellation).Chosen);
        var evolution = Statistics.MeanWithConfidence(
            BenchmarkStudy.Of(table, new() { Strategy = "evolution", StrategySettings = new Dictionary<string, string> { ["population"] = "100", ["sample"] = "10" } }, 1, 50, cancellation: Cancellation).Chosen);

        Assert.True(evolution.Mean - evolution.HalfWidth > random.Mean + random.HalfWidth, $"{evolution} against {random}");
    }

    [Fact]
    public void Cells_of_NAS_Bench_201_are_the_less_alike_the_more_edits_they_are_apart()
    {
        var table = Import("nas-bench-201/table.csv.gz");
        var locality = Locality.Of(table, table.Dataset("cifar10"), steps: 100_000, mostEdits: 10, seed: 1, cancellation: Cancellation);

        Assert.Equal(1, locality.Walks);
        Assert.Equal(locality.Autocorrelations.OrderDescending(), locality.Autocorrelations);
        Assert.InRange(locality.Autocorrelations[0], 0.5, 0.62);
        Assert.InRange(locality.Autocorrelations[5], 0.05, 0.13);
    }

    private static void AssertFront(BenchmarkDataset dataset, double[] cost, JsonElement front)
    {
        var best = double.NegativeInfinity;
        var found = new List<(int Row, double Accuracy)>();
        foreach (var row in Enumerable.Range(0, cost.Length).OrderBy(row => cost[row]).ThenByDescending(row => dataset.Full.Reported[row]))
        {
            if (dataset.Full.Reported[row] > best)
            {
                best = dataset.Full.Reported[row];
                found.Add((row, Math.Round(100 * best, 4)));
            }
        }

        Assert.Equal(front.EnumerateArray().Select(point => (point[0].GetInt32(), point[2].GetDouble())), found);
    }

    private BenchmarkTable Import(params string[] data)
    {
        var catalog = new BenchmarkCatalog(_folder["data"]);
        return catalog.Open(catalog.Import([.. data.Select(SharedData.Require)], cancellation: Cancellation).Name);
    }
}
