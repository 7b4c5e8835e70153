using System.IO.Compression;
using NasPlatform.Search;
using NasPlatform.Search.Benchmarks;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Support;
using NasPlatform.Tests.Torch;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.TrainingFree;

public sealed class TrainingFreeScoresTests : TorchTest
{
    [Fact]
    public void Of_one_full_layer_SynFlow_is_the_sum_of_its_weights_and_there_are_no_patterns()
    {
        var task = new TaskShape(3, 4, 4, 5);
        var graph = new BitsSpace(1).Build(new BitsSpace(1).Sample(new RandomSource(1)), task);
        var (inputs, targets) = Batch(task, 6);

        var scores = TrainingFreeScores.Of(graph, inputs, targets, new RandomSource(7));

        using var network = new Network(graph, CPU, new RandomSource(7));
        var weight = network.Weights.Single(entry => entry.Key.EndsWith(".weight", StringComparison.Ordinal)).Value;
        Assert.Equal(Math.Log(weight.abs().sum().ToDouble()), scores.SynFlow!.Value, 1e-6);
        Assert.Null(scores.Naswot);
        Assert.Equal(graph.Cost.ParameterCount, scores.ParameterCount);

        // The gradient of cross entropy with respect to a full layer's weights, by hand.
        var pooled = inputs.mean([2, 3]);
        var logits = pooled.matmul(weight.t()) + network.Weights.Single(entry => entry.Key.EndsWith(".bias", StringComparison.Ordinal)).Value;
        var gradient = (logits.softmax(1) - nn.functional.one_hot(targets, 5)).t().matmul(pooled) / 6;
        Assert.Equal(gradient.norm().ToDouble(), scores.GradientNorm, 1e-6);
        Assert.Equal((weight * gradient).abs().sum().ToDouble(), scores.Snip, 1e-6);
    }

    [Fact]
    public void Examples_that_are_alike_cannot_be_told_apart()
    {
        var space = SearchSpaceCatalog.Create("nasbench201", new Dictionary<string, string> { ["cells"] = "1" });
        var graph = space.Build(space.Sample(new RandomSource(2)), TaskShape.Cifar10);
        var (inputs, targets) = Batch(TaskShape.Cifar10, 4);

        Assert.NotNull(TrainingFreeScores.Of(graph, inputs, targets, new RandomSource(7)).Naswot);
        Assert.Null(TrainingFreeScores.Of(graph, cat([inputs, inputs]), cat([targets, targets]), new RandomSource(7)).Naswot);
    }

    [Fact]
    public void One_score_is_what_it_is_among_all()
    {
        var space = SearchSpaceCatalog.Create("nasbench201", new Dictionary<string, string> { ["cells"] = "1" });
        var graph = space.Build(space.Parse("|nor_conv_3x3~0|+|nor_conv_1x1~0|avg_pool_3x3~1|+|skip_connect~0|none~1|nor_conv_3x3~2|"), TaskShape.Cifar10);
        var (inputs, targets) = Batch(TaskShape.Cifar10, 4);
        var all = TrainingFreeScores.Of(graph, inputs, targets, new RandomSource(7));

        Assert.Equal(
            [all.ParameterCount, all.MultiplyAdds, all.Naswot, all.SynFlow, all.GradientNorm, all.Snip, all.Zen],
            Enum.GetValues<Proxy>().Select(proxy => TrainingFreeScores.Of(proxy, graph, inputs, targets, new RandomSource(7))));
        Assert.All(Enum.GetValues<Proxy>(), proxy => Assert.Equal(proxy, Proxies.Named(proxy.Words)));
    }

    [Fact]
    public void The_same_seed_gives_the_same_scores_and_another_others()
    {
        var space = SearchSpaceCatalog.Create("nasbench201", new Dictionary<string, string> { ["cells"] = "1" });
        var graph = space.Build(space.Sample(new RandomSource(2)), TaskShape.Cifar10);
        var (inputs, targets) = Batch(TaskShape.Cifar10, 4);

        Assert.Equal(TrainingFreeScores.Of(graph, inputs, targets, new RandomSource(7)), TrainingFreeScores.Of(graph, inputs, targets, new RandomSource(7)));
        Assert.NotEqual(TrainingFreeScores.Of(graph, inputs, targets, new RandomSource(7)), TrainingFreeScores.Of(graph, inputs, targets, new RandomSource(8)));
    }

    [Fact]
    public void A_cell_through_which_nothing_passes_ranks_last()
    {
        var space = SearchSpaceCatalog.Create("nasbench201", new Dictionary<string, string> { ["cells"] = "1" });
        var graph = space.Build(space.Parse("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"), TaskShape.Cifar10);
        var (inputs, targets) = Batch(TaskShape.Cifar10, 4);

        var scores = TrainingFreeScores.Of(graph, inputs, targets, new RandomSource(7));

        Assert.Null(scores.SynFlow);
        Assert.Null(scores.Naswot);
    }

    [Fact]
    public void A_texts_tokens_are_refused()
    {
        var space = SearchSpaceCatalog.Create("enas-rnn");
        var graph = space.Build(space.Sample(new RandomSource(2)), TaskShape.Text(5, 20));
        var error = Assert.Throws<UserErrorException>(() => TrainingFreeScores.Of(graph, zeros([2, 5], dtype: int64), zeros([2, 5], dtype: int64), new RandomSource(1)));
        Assert.Contains("tokens", error.Message, StringComparison.Ordinal);
    }

    /// <summary>On other images, other weights and a smaller network they rank cells as the scores do that NAS-Bench-Suite-Zero published.</summary>
    [Fact]
    public void They_rank_cells_of_NASBench201_as_the_published_scores_do()
    {
        var folder = SharedData.Require("nas-bench-201");
        var published = Rows(Path.Combine(folder, "proxies.csv.gz")).ToDictionary(row => row["index"]);
        var cells = Rows(Path.Combine(folder, "table.csv.gz")).Where(row => published.ContainsKey(row["index"])).ToArray();
        new RandomSource(5).Shuffle<Dictionary<string, string>>(cells);
        var space = SearchSpaceCatalog.Create("nasbench201", new Dictionary<string, string> { ["cells"] = "1" });
        string[] operations = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"];
        var (inputs, targets) = Batch(TaskShape.Cifar10, 8);
        var found = cells.Take(30).Select(cell =>
        {
            string[] code = [.. cell["code"].Select(digit => operations[digit - '0'])];
            var genotype = space.Parse($"|{code[0]}~0|+|{code[1]}~0|{code[2]}~1|+|{code[3]}~0|{code[4]}~1|{code[5]}~2|");
            return (Scores: TrainingFreeScores.Of(space.Build(genotype, TaskShape.Cifar10), inputs, targets, new RandomSource(1)), Published: published[cell["index"]]);
        }).ToList();

        Assert.InRange(Agreement("c10_nwot", scores => scores.Naswot), 0.8, 1);
        Assert.InRange(Agreement("c10_synflow", scores => scores.SynFlow), 0.9, 1);
        Assert.InRange(Agreement("c10_grad_norm", scores => scores.GradientNorm), 0.8, 1);
        Assert.InRange(Agreement("c10_snip", scores => scores.Snip), 0.8, 1);
        Assert.InRange(Agreement("c10_zen", scores => scores.Zen), 0.6, 1);

        double Agreement(string column, Func<TrainingFreeScores, double?> score) => Statistics.Spearman(
            [.. found.Select(cell => score(cell.Scores) ?? double.NegativeInfinity)],
            [.. found.Select(cell => double.Parse(cell.Published[column], System.Globalization.CultureInfo.InvariantCulture))]);
    }

    private static (Tensor Inputs, Tensor Targets) Batch(TaskShape task, int count)
    {
        using var generator = new Generator(3, CPU);
        return (randn([count, .. task.Input.Dimensions], generator: generator), randint(task.Outputs, [count], dtype: int64, generator: generator));
    }

    private static List<Dictionary<string, string>> Rows(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        string[] names = reader.ReadLine()!.Split(',');
        var rows = new List<Dictionary<string, string>>();
        while (reader.ReadLine() is { } line)
        {
            rows.Add(names.Zip(line.Split(',')).ToDictionary(pair => pair.First, pair => pair.Second));
        }

        return rows;
    }
}
