using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Benchmarks;

/// <summary>A network and a batch size whose training step is timed.</summary>
public sealed record Case(string Name, LayerGraph Graph, int Batch)
{
    private const string BestNasBench201Cell = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|";
    private const string ExampleNasBench201Cell = "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|";
    private const string Chain = "3x3/1x1/36 5x5/2x2/48@1 3x3/1x1/64@2 3x3/1x1/48@2,3 1x7/2x2/64@4 3x3/1x1/64@5";

    private const string EnasArc = "0 0 0 1 1 2 1 2 0 2 0 5 1 1 0 6 1 8 1 8 1 8 1";

    private static readonly Dictionary<string, string> RecurrentCell = new()
    {
        ["hidden"] = "200",
        ["drop_words"] = "0",
        ["drop_x"] = "0",
        ["drop_h"] = "0",
        ["drop_output"] = "0",
    };

    private static readonly TaskShape FashionMnist = new(1, 28, 28, 10);

    public static IReadOnlyList<Case> All { get; } =
    [
        new("chain-small", Of("chain", [], Chain, FashionMnist), 128),
        new("nasbench201-n5", Of("nasbench201", [], BestNasBench201Cell, TaskShape.Cifar10), 64),
        new("nasbench201-n5-pool", Of("nasbench201", [], ExampleNasBench201Cell, TaskShape.Cifar10), 64),
        new("nasbench201-n1", Of("nasbench201", new() { ["cells"] = "1" }, BestNasBench201Cell, TaskShape.Cifar10), 64),
        new("darts-like", DartsLike.Build(TaskShape.Cifar10, channels: 16, cells: 8), 64),
        new("enas-rnn", Of("enas-rnn", RecurrentCell, EnasArc, TaskShape.Text(35, 10_000)), 64),
        new("enas-rnn-cell", Of("enas-rnn", RecurrentCell, EnasArc, TaskShape.Text(35, 100)), 64),
    ];

    private static LayerGraph Of(string space, Dictionary<string, string> settings, string genotype, TaskShape task)
    {
        var known = SearchSpaceCatalog.Create(space, settings);
        return known.Build(known.Parse(genotype), task);
    }
}
