using System.Collections.Immutable;
using System.Diagnostics;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces.Cells;

namespace NasPlatform.Search.Spaces.Darts;

/// <summary>The network around two cells, discrete or relaxed, as the released code trains it: a stem, cells with reduction cells at a third and two thirds of the depth, a classifier.</summary>
internal sealed record DartsNetwork
{
    /// <summary>All cells, the two reduction cells among them.</summary>
    public required int Cells { get; init; }

    /// <summary>C of the first cells; each reduction cell doubles them.</summary>
    public required int Channels { get; init; }

    /// <summary>The stem of large images: three convolutions of stride 2. Else one convolution to 3C.</summary>
    public required bool IsImageNet { get; init; }

    /// <summary>The same for every cell; the probability at the training's end.</summary>
    public required double DropPath { get; init; }

    /// <summary>Whether the second reduction cell's output is classified too, in training.</summary>
    public required bool HasAuxiliary { get; init; }

    /// <summary>Whether the cell of this number, from 0, is a reduction cell.</summary>
    public bool IsReduction(int cell) => cell == Cells / 3 || cell == 2 * Cells / 3;

    public LayerGraph Build(PairCell normal, PairCell reduction, TaskShape task)
    {
        return Assemble(task, new(), HasAuxiliary, (graph, name, isReduction, places) =>
        {
            var cell = isReduction ? reduction : normal;
            foreach (var node in cell.Nodes)
            {
                var nodeName = $"{name}/node{places.Count}";
                Layer[] branches = [Operate(graph, $"{nodeName}/x", node.First, places, isReduction), Operate(graph, $"{nodeName}/y", node.Second, places, isReduction)];
                places.Add(graph.Sum($"{nodeName}/sum", branches));
            }

            return cell.Output;
        });
    }

    /// <summary>
    /// The network of the search (§2.2; released code): every node adds an edge from each earlier place, which mixes all eight operations, by one row for all cells of a kind. Batch norms in cells have
    /// no scale and shift, which could undo a mixture's shares, and one stands after each pooling. There is no drop path and no auxiliary classifier.
    /// </summary>
    public LayerGraph Relax(int nodes, TaskShape task)
    {
        return Assemble(task, new(Affine: false), hasAuxiliary: false, (graph, name, isReduction, places) =>
        {
            for (var node = 2; node < nodes + 2; node++)
            {
                var edges = places.Select((input, place) => Mix(graph, $"{name}/node{node}/edge{place}", RowName(isReduction, node, place), input, isReduction && place < 2 ? 2 : 1)).ToList();
                places.Add(graph.Sum($"{name}/node{node}/sum", edges));
            }

            return [.. Enumerable.Range(2, nodes)];
        });
    }

    /// <summary>What the row of architecture parameters of an edge is called.</summary>
    public static string RowName(bool isReduction, int node, int place) => $"{(isReduction ? "reduction" : "normal")}/node{node}/edge{place}";

    private static Layer Mix(LayerGraphBuilder graph, string edge, string row, Layer input, int stride)
    {
        return graph.Add($"{edge}/mix", new Op.Mix(row), [.. DartsCells.MixtureOperations.Select(Branch)]);

        Layer Branch(string operation)
        {
            var part = $"{edge}/{operation}";
            return operation switch
            {
                "none" => graph.Zeros(part, input, Shape.Image(input.Shape.Channels, (input.Shape.Height + stride - 1) / stride, (input.Shape.Width + stride - 1) / stride)),
                "max_pool_3x3" or "avg_pool_3x3" => graph.BatchNorm($"{part}/norm", Apply(graph, part, operation, input, stride)),
                _ => Apply(graph, part, operation, input, stride),
            };
        }
    }

    /// <param name="task">The images.</param>
    /// <param name="norm">The batch norm of cells.</param>
    /// <param name="hasAuxiliary">Whether there is a second classifier.</param>
    /// <param name="addCell">Adds a cell's nodes, by its name and kind, to the places that it reads, and tells which places it gives out.</param>
    private LayerGraph Assemble(TaskShape task, Op.BatchNorm norm, bool hasAuxiliary, Func<LayerGraphBuilder, string, bool, List<Layer>, ImmutableArray<int>> addCell)
    {
        var graph = new LayerGraphBuilder(task);
        var (older, newer) = Stem(graph);
        graph.Norm = norm;
        var channels = Channels;
        Layer? auxiliary = null;
        for (var number = 0; number < Cells; number++)
        {
            var name = $"cell{number + 1}";
            var isReduction = IsReduction(number);
            channels = isReduction ? 2 * channels : channels;
            List<Layer> places =
            [
                older.Shape.Height != newer.Shape.Height || older.Shape.Width != newer.Shape.Width
                    ? Halve(graph, $"{name}/older", older, channels)
                    : graph.ReluConvNorm($"{name}/older", older, channels, 1),
                graph.ReluConvNorm($"{name}/newer", newer, channels, 1),
            ];
            var output = addCell(graph, name, isReduction, places);
            (older, newer) = (newer, graph.PadAndConcat($"{name}/output", [.. output.Select(place => places[place])]));
            auxiliary = hasAuxiliary && number == 2 * Cells / 3 ? graph.AuxiliaryClassifier(newer) : auxiliary;
        }

        return graph.Finish(graph.Classifier(newer), auxiliary);
    }

    private (Layer Older, Layer Newer) Stem(LayerGraphBuilder graph)
    {
        if (!IsImageNet)
        {
            var stem = graph.ConvNorm("stem", graph.Input, 3 * Channels, 3);
            return (stem, stem);
        }

        var older = graph.ConvNorm("stem2", graph.ConvNormRelu("stem1", graph.Input, Channels / 2, 3, 2), Channels, 3, 2);
        return (older, graph.ReluConvNorm("stem3", older, Channels, 3, 2));
    }

    private Layer Operate(LayerGraphBuilder graph, string side, Branch branch, List<Layer> places, bool isReduction)
    {
        var part = $"{side}/{branch.Operation}";
        var input = places[branch.From];
        var result = Apply(graph, part, branch.Operation, input, isReduction && branch.From < 2 ? 2 : 1);
        return result == input || DropPath == 0 ? result : graph.Add($"{part}/drop", new Op.DropPath(DropPath), result);
    }

    private static Layer Apply(LayerGraphBuilder graph, string part, string operation, Layer input, int stride)
    {
        var channels = input.Shape.Channels;
        return operation switch
        {
            "max_pool_3x3" => graph.MaxPool(part, input, 3, stride),
            "avg_pool_3x3" => graph.AvgPool(part, input, 3, stride),
            "skip_connect" => stride == 1 ? input : Halve(graph, part, input, channels),
            "sep_conv_3x3" => graph.SeparableTwice(part, input, channels, 3, stride, channels),
            "sep_conv_5x5" => graph.SeparableTwice(part, input, channels, 5, stride, channels),
            "sep_conv_7x7" => graph.SeparableTwice(part, input, channels, 7, stride, channels),
            "dil_conv_3x3" => graph.SeparableOnce(part, input, channels, 3, stride, dilation: 2),
            "dil_conv_5x5" => graph.SeparableOnce(part, input, channels, 5, stride, dilation: 2),
            "conv_3x1_1x3" => AcrossAndDown(graph, part, input, 3, stride),
            "conv_7x1_1x7" => AcrossAndDown(graph, part, input, 7, stride),
            _ => throw new UnreachableException(operation),
        };
    }

    private static Layer Halve(LayerGraphBuilder graph, string part, Layer input, int channels) => graph.FactorizedReduction(part, graph.Relu($"{part}/relu", input), channels);

    private static Layer AcrossAndDown(LayerGraphBuilder graph, string part, Layer input, int length, int stride)
    {
        var channels = input.Shape.Channels;
        var across = graph.Conv($"{part}/across", graph.Relu($"{part}/relu", input), channels, new(1, length), new(1, stride));
        return graph.BatchNorm($"{part}/norm", graph.Conv($"{part}/down", across, channels, new(length, 1), new(stride, 1)));
    }
}
