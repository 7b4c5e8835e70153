using NasPlatform.Search.Networks;

namespace NasPlatform.Benchmarks;

/// <summary>
/// A network of DARTS_V2's cells (Liu et al. 2019): separable and dilated convolutions, skips and maximum pooling, two inputs a cell. Unlike
/// darts', a strided skip is one 1×1 convolution, so the sizes differ a little.
/// </summary>
internal static class DartsLike
{
    private static readonly (string Op, int From)[] Normal =
        [("sep3", 0), ("sep3", 1), ("sep3", 0), ("sep3", 1), ("sep3", 1), ("skip", 0), ("skip", 0), ("dil3", 2)];

    private static readonly (string Op, int From)[] Reduce =
        [("max", 0), ("max", 1), ("skip", 2), ("max", 1), ("max", 0), ("skip", 2), ("skip", 2), ("max", 1)];

    public static LayerGraph Build(TaskShape task, int channels, int cells)
    {
        var graph = new LayerGraphBuilder(task);
        var stem = graph.BatchNorm("stem/norm", graph.Conv("stem/conv", graph.Input, 3 * channels, 3));
        var (previous, current) = (stem, stem);
        for (var cell = 0; cell < cells; cell++)
        {
            var isReduction = cell == cells / 3 || cell == 2 * cells / 3;
            channels = isReduction ? 2 * channels : channels;
            (previous, current) = (current, Cell(graph, $"cell{cell + 1}", previous, current, channels, isReduction));
        }

        return graph.Finish(graph.Classifier(current));
    }

    private static Layer Cell(LayerGraphBuilder graph, string name, Layer previous, Layer current, int channels, bool isReduction)
    {
        var first = ReluConvNorm(graph, $"{name}/in0", previous, channels, previous.Shape.Height / current.Shape.Height);
        var states = new List<Layer> { first, ReluConvNorm(graph, $"{name}/in1", current, channels, 1) };
        var genotype = isReduction ? Reduce : Normal;
        for (var node = 0; node < 4; node++)
        {
            states.Add(graph.Sum($"{name}/node{node}", [Edge(2 * node), Edge((2 * node) + 1)]));
        }

        return graph.PadAndConcat($"{name}/concat", states[2..]);

        Layer Edge(int index)
        {
            var (op, from) = genotype[index];
            var stride = isReduction && from < 2 ? 2 : 1;
            var edge = $"{name}/edge{index}";
            return op switch
            {
                "sep3" => Separable(graph, $"{edge}/b", Separable(graph, $"{edge}/a", states[from], stride, 1), 1, 1),
                "dil3" => Separable(graph, edge, states[from], stride, 2),
                "max" => graph.MaxPool(edge, states[from], 3, stride),
                _ => stride == 1 ? states[from] : ReluConvNorm(graph, edge, states[from], channels, stride),
            };
        }
    }

    private static Layer Separable(LayerGraphBuilder graph, string name, Layer input, int stride, int dilation)
    {
        var channels = input.Shape.Channels;
        var x = graph.Relu($"{name}/relu", input);
        x = graph.Conv($"{name}/depthwise", x, channels, 3, stride, dilation, groups: channels);
        return graph.BatchNorm($"{name}/norm", graph.Conv($"{name}/pointwise", x, channels, 1));
    }

    private static Layer ReluConvNorm(LayerGraphBuilder graph, string name, Layer input, int channels, int stride) =>
        graph.BatchNorm($"{name}/norm", graph.Conv($"{name}/conv", graph.Relu($"{name}/relu", input), channels, 1, stride));
}
