using System.Diagnostics;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces.Cells;

namespace NasPlatform.Search.Spaces.NasNet;

/// <summary>The network around two cells, as the released code builds it: a stem, N normal cells, a reduction cell, N normal cells, a reduction cell, N normal cells, a classifier.</summary>
internal sealed record NasNetNetwork
{
    /// <summary>N, normal cells in each of three stages.</summary>
    public required int Repeats { get; init; }

    /// <summary>F of the first stage; each reduction cell doubles them.</summary>
    public required int Filters { get; init; }

    /// <summary>
    /// The stem of large images: a convolution of stride 2 and two reduction cells of F/4 and F/2 filters. Else one convolution.
    /// </summary>
    public required bool IsImageNet { get; init; }

    /// <summary>The stem's convolution has this many times F filters, or this many times 32 on large images.</summary>
    public required int StemMultiplier { get; init; }

    /// <summary>Whether the cell after a reduction cell reads, as its older input, the output before that which the reduction cell halved.</summary>
    public required bool SkipsReductionInput { get; init; }

    /// <summary>
    /// Whether full convolutions larger than 1×1 work on a quarter of the filters (three eighths for 1×3 and 3×1), between two 1×1 convolutions, as AmoebaNet's released code has them.
    /// </summary>
    public required bool HasBottlenecks { get; init; }

    /// <summary>The last cell's probability at the training's end; earlier cells have a share of it that grows with the depth.</summary>
    public required double DropPath { get; init; }

    /// <summary>Before the classifier.</summary>
    public required double Dropout { get; init; }

    /// <summary>Whether the output before the second reduction cell is classified too, in training.</summary>
    public required bool HasAuxiliary { get; init; }

    public LayerGraph Build(PairCell normal, PairCell reduction, TaskShape task)
    {
        var graph = new LayerGraphBuilder(task);
        var outputs = new List<Layer>();
        var cells = 0;
        var filters = Filters;
        Layer? auxiliary = null;
        if (IsImageNet)
        {
            var stem = graph.Add("stem/conv", new Op.Conv2d(32 * StemMultiplier, 3, 2, Extent.Zero, Extent.One, 1, Bias: false), graph.Input);
            outputs.Add(graph.BatchNorm("stem/norm", stem));
            Append(reduction, Filters / 4, 2, Older());
            Append(reduction, Filters / 2, 2, Older());
        }
        else
        {
            outputs.Add(graph.ConvNorm("stem", graph.Input, StemMultiplier * Filters, 3));
        }

        for (var cell = 0; cell < 3 * Repeats; cell++)
        {
            var older = Older();
            auxiliary = HasAuxiliary && cell == 2 * Repeats ? graph.AuxiliaryClassifier(outputs[^1]) : auxiliary;
            if (cell == Repeats || cell == 2 * Repeats)
            {
                filters *= 2;
                Append(reduction, filters, 2, older);
                older = SkipsReductionInput ? older : Older();
            }

            Append(normal, filters, 1, older);
        }

        return graph.Finish(graph.Classifier(graph.Relu("classifier/relu", outputs[^1]), Dropout), auxiliary);

        Layer? Older() => outputs.Count > 1 ? outputs[^2] : null;

        void Append(PairCell cell, int channels, int stride, Layer? older)
        {
            var total = (3 * Repeats) + (IsImageNet ? 4 : 2);
            cells++;
            outputs.Add(new CellBuilder(graph, $"cell{cells}", channels, stride, DropPath * cells / total, HasBottlenecks).Add(cell, outputs[^1], older));
        }
    }

    /// <summary>One cell.</summary>
    /// <param name="graph">Where to add it.</param>
    /// <param name="name">Its name.</param>
    /// <param name="filters">What every operation gives.</param>
    /// <param name="stride">Of the operations that read the cell's inputs.</param>
    /// <param name="dropPath">Of every operation but the identity.</param>
    /// <param name="hasBottlenecks">As in the network.</param>
    private sealed class CellBuilder(LayerGraphBuilder graph, string name, int filters, int stride, double dropPath, bool hasBottlenecks)
    {
        /// <param name="cell">What to add.</param>
        /// <param name="newer">The output of the cell before.</param>
        /// <param name="older">That of the one before it; null where there is none: then <paramref name="newer"/> takes its place as it is.</param>
        public Layer Add(PairCell cell, Layer newer, Layer? older)
        {
            List<Layer> places = [graph.ReluConvNorm($"{name}/newer", newer, filters, 1), older is null ? newer : Match(older, newer)];
            foreach (var node in cell.Nodes)
            {
                var nodeName = $"{name}/node{places.Count}";
                Layer[] branches = [Operate($"{nodeName}/x", node.First, places), Operate($"{nodeName}/y", node.Second, places)];
                places.Add(node.IsJoined ? graph.PadAndConcat($"{nodeName}/join", branches) : graph.Sum($"{nodeName}/sum", branches));
            }

            return graph.PadAndConcat($"{name}/output", [.. cell.Output.Select(place => BringInLine($"{name}/output/from{place}", places[place], places[^1]))]);
        }

        private Layer Match(Layer older, Layer newer) =>
            !IsAsLarge(older, newer) ? Halve($"{name}/older", graph.Relu($"{name}/older/relu", older))
            : older.Shape.Channels != filters ? graph.ReluConvNorm($"{name}/older", older, filters, 1)
            : older;

        private Layer BringInLine(string part, Layer place, Layer last) =>
            !IsAsLarge(place, last) ? Halve(part, place)
            : place.Shape.Channels != filters ? graph.ConvNorm(part, place, filters, 1)
            : place;

        private Layer Halve(string part, Layer layer) =>
            filters % 2 == 0 ? graph.FactorizedReduction(part, layer, filters) : graph.ConvNorm(part, layer, filters, 1, 2);

        private Layer Operate(string side, Branch branch, List<Layer> places)
        {
            var part = $"{side}/{branch.Operation}";
            var result = Apply(part, branch.Operation, places[branch.From], branch.From < 2 ? stride : 1);
            return branch.Operation == "identity" || dropPath == 0 ? result : graph.Add($"{part}/drop", new Op.DropPath(dropPath), result);
        }

        private Layer Apply(string part, string operation, Layer input, int step) => operation switch
        {
            "identity" => step == 1 && input.Shape.Channels == filters ? input : graph.ReluConvNorm(part, input, filters, 1, step),
            "sep_conv_3x3" => graph.SeparableTwice(part, input, filters, 3, step, filters),
            "sep_conv_5x5" => graph.SeparableTwice(part, input, filters, 5, step, filters),
            "sep_conv_7x7" => graph.SeparableTwice(part, input, filters, 7, step, filters),
            "dil_sep_conv_3x3" => graph.SeparableOnce(part, input, filters, 3, step, dilation: 2),
            "conv_1x1" => graph.ReluConvNorm(part, input, filters, 1, step),
            "conv_3x3" => Bottleneck(part, input, 4, (inner, channels) => graph.ReluConvNorm(part, inner, channels, 3, step)),
            "dil_conv_3x3" => Bottleneck(part, input, 4, (inner, channels) => graph.ReluConvNorm(part, inner, channels, 3, step, dilation: 2)),
            "conv_1x3_3x1" => Bottleneck(part, input, 8.0 / 3, (inner, channels) => AcrossAndDown(part, inner, channels, 3, step)),
            "conv_1x7_7x1" => Bottleneck(part, input, 4, (inner, channels) => AcrossAndDown(part, inner, channels, 7, step)),
            "avg_pool_3x3" => Project(part, graph.AvgPool($"{part}/pool", input, 3, step)),
            "max_pool_2x2" => Project(part, PairwiseMax($"{part}/pool", input, step)),
            "max_pool_3x3" => Project(part, graph.MaxPool($"{part}/pool", input, 3, step)),
            "max_pool_5x5" => Project(part, graph.MaxPool($"{part}/pool", input, 5, step)),
            "max_pool_7x7" => Project(part, graph.MaxPool($"{part}/pool", input, 7, step)),
            _ => throw new UnreachableException(operation),
        };

        private Layer Project(string part, Layer pooled) => pooled.Shape.Channels == filters ? pooled : graph.ConvNorm(part, pooled, filters, 1);

        private Layer Bottleneck(string part, Layer input, double divisor, Func<Layer, int, Layer> convolve)
        {
            var narrow = (int)(filters / divisor);
            return hasBottlenecks && narrow > 0
                ? graph.ReluConvNorm($"{part}/after", convolve(graph.ReluConvNorm($"{part}/before", input, narrow, 1), narrow), filters, 1)
                : convolve(input, filters);
        }

        private Layer AcrossAndDown(string part, Layer input, int channels, int length, int step)
        {
            var across = graph.Conv($"{part}/across/conv", graph.Relu($"{part}/across/relu", input), channels, new(1, length), new(1, step));
            var activated = graph.Relu($"{part}/down/relu", graph.BatchNorm($"{part}/across/norm", across));
            return graph.BatchNorm($"{part}/down/norm", graph.Conv($"{part}/down/conv", activated, channels, new(length, 1), new(step, 1)));
        }

        // A window of even side has no centre: it reaches one pixel down and right, beyond the edge where it must.
        private Layer PairwiseMax(string part, Layer input, int step)
        {
            if (step == 2 && input.Shape.Height % 2 == 0 && input.Shape.Width % 2 == 0)
            {
                return graph.Add(part, new Op.MaxPool(2, 2, 0), input);
            }

            var everywhere = graph.Add($"{part}/shift", new Op.Crop(1, 1, 0, 0), graph.Add(part, new Op.MaxPool(2, 1, 1), input));
            return step == 1 ? everywhere : graph.Add($"{part}/step", new Op.MaxPool(1, step, 0), everywhere);
        }

        private static bool IsAsLarge(Layer one, Layer other) => one.Shape.Height == other.Shape.Height && one.Shape.Width == other.Shape.Width;
    }
}
