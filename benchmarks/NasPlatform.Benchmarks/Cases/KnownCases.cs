using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training.Bilevel;

namespace NasPlatform.Benchmarks.Cases;

/// <summary>What is timed.</summary>
internal static class KnownCases
{
    private const string BestNasBench201Cell = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|";
    private const string ExampleNasBench201Cell = "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|";
    private const string Chain = "3x3/1x1/36 5x5/2x2/48@1 3x3/1x1/64@2 3x3/1x1/48@2,3 1x7/2x2/64@4 3x3/1x1/64@5";
    private const string RecurrentArc = "0 0 0 1 1 2 1 2 0 2 0 5 1 1 0 6 1 8 1 8 1 8 1";

    private static readonly (string, string)[] RecurrentSettings = [("hidden", "200"), ("drop_words", "0"), ("drop_x", "0"), ("drop_h", "0"), ("drop_output", "0")];

    private static readonly TaskShape FashionMnist = new(1, 28, 28, 10);

    public static IReadOnlyList<Case> All { get; } =
    [
        Of("chain-small", 128, "chain", Chain, FashionMnist),
        Of("nasbench201-n5", 64, "nasbench201", BestNasBench201Cell, TaskShape.Cifar10),
        Of("nasbench201-n5-pool", 64, "nasbench201", ExampleNasBench201Cell, TaskShape.Cifar10),
        Of("nasbench201-n1", 64, "nasbench201", BestNasBench201Cell, TaskShape.Cifar10, ("cells", "1")),
        Of("nasbench101", 64, "nasbench101", "best mean test accuracy", TaskShape.Cifar10, ("channels", "16")),
        Of("nasbench101-128", 64, "nasbench101", "best mean test accuracy", TaskShape.Cifar10, ("channels", "128")),
        Of("darts-v2", 64, "darts", "DARTS_V2", TaskShape.Cifar10),
        new DartsSearchCase { Name = "darts-supernet", Batch = 64, Order = null },
        new DartsSearchCase { Name = "darts-bilevel-1", Batch = 64, Order = GradientOrder.First },
        new DartsSearchCase { Name = "darts-bilevel-2", Batch = 64, Order = GradientOrder.Second },
        Sampled("enas-macro", 128, "enas-macro", TaskShape.Cifar10, ("dropout", "0")),
        Sampled("enas-micro", 160, "enas-micro", TaskShape.Cifar10, ("dropout", "0")),
        Of("enas-rnn", 64, "enas-rnn", RecurrentArc, TaskShape.Text(35, 10_000), RecurrentSettings),
        Of("enas-rnn-cell", 64, "enas-rnn", RecurrentArc, TaskShape.Text(35, 100), RecurrentSettings),
        new ControllerCase { Name = "controller", Batch = 8, Space = "chain" },
        new ControllerCase { Name = "controller-nasnet", Batch = 8, Space = "nasnet" },
        new ControllerCase { Name = "controller-enas", Batch = 8, Space = "enas-micro" },
    ];

    /// <exception cref="UserErrorException">There is no such case.</exception>
    public static Case Find(string name) => All.FirstOrDefault(work => work.Name == name)
        ?? throw new UserErrorException($"There is no case '{name}'; there are {string.Join(", ", All.Select(work => work.Name))}.");

    private static NetworkCase Of(string name, int batch, string space, string genotype, TaskShape task, params ReadOnlySpan<(string Name, string Value)> settings)
    {
        var known = Space(space, settings);
        return new() { Name = name, Batch = batch, Graph = known.Build(known.Find(genotype), task) };
    }

    /// <summary>One of many sampled architectures: that with the median of the multiply-adds.</summary>
    private static NetworkCase Sampled(string name, int batch, string space, TaskShape task, params ReadOnlySpan<(string Name, string Value)> settings)
    {
        var known = Space(space, settings);
        var random = new RandomSource(1);
        var graphs = Enumerable.Range(0, 101).Select(_ => known.Build(known.Sample(random), task)).OrderBy(graph => graph.WithoutZeros().Cost.MultiplyAdds).ToList();
        return new() { Name = name, Batch = batch, Graph = graphs[graphs.Count / 2] };
    }

    private static SearchSpace Space(string name, ReadOnlySpan<(string Name, string Value)> settings)
    {
        var given = new Dictionary<string, string>();
        foreach (var (setting, value) in settings)
        {
            given[setting] = value;
        }

        return SearchSpaceCatalog.Create(name, given);
    }
}
