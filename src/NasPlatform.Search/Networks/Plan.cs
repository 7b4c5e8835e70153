using System.Collections.Immutable;
using TorchSharp;

namespace NasPlatform.Search.Networks;

/// <summary>
/// How a layer graph is run: how activations lie in memory, what is left out because it changes nothing, what is computed once for several layers, and which layers are done in one pass
/// over memory. It follows from the graph and the kind of device alone and not from a stopwatch, so that a seed gives the same numbers each time (docs/decisions/0013).
/// </summary>
public sealed class Plan
{
    private Plan(LayerGraph graph, bool isChannelsLast, bool fuses)
    {
        Graph = fuses ? graph.WithoutZeros().WithRelusBeforeConcats() : graph.WithoutZeros();
        IsChannelsLast = isChannelsLast;
        Evaluation = Pass.Of(Graph.WithoutAuxiliary(), training: false, fuses);
        Training = Pass.Of(Graph, training: true, fuses);
    }

    /// <summary>What is run: the graph without zeros, and with ReLUs where they cost least.</summary>
    public LayerGraph Graph { get; }

    /// <summary>Whether images are kept with the channels innermost.</summary>
    public bool IsChannelsLast { get; }

    /// <summary>A training's forward pass; its backward pass goes back step by step.</summary>
    public Pass Training { get; }

    /// <summary>The forward pass in evaluation.</summary>
    public Pass Evaluation { get; }

    /// <summary>The plan that runs fastest on a kind of device.</summary>
    public static Plan For(LayerGraph graph, DeviceType device) => new(graph, PrefersChannelsLast(graph, device), fuses: true);

    /// <summary>Each layer by itself, as it stands in the graph: what the fast plan is compared with.</summary>
    public static Plan LayerByLayer(LayerGraph graph, bool isChannelsLast) => new(graph, isChannelsLast, fuses: false);

    /// <summary>
    /// On processors convolutions of libtorch and our own kernels are faster with the channels innermost, 1.1 to 16 times (benchmarks/README.md). On GPUs the library chooses well by itself in
    /// 32 bits. Where nothing is convolved or pooled there are no channels to lay out.
    /// </summary>
    private static bool PrefersChannelsLast(LayerGraph graph, DeviceType device) =>
        device == DeviceType.CPU && graph.Layers.Any(layer => layer.Op is Op.Conv2d or Op.MaxPool or Op.AvgPool);

    /// <summary>A way through the network.</summary>
    /// <param name="Steps">In order.</param>
    /// <param name="Output">The layer whose value the logits are.</param>
    /// <param name="AuxiliaryOutput">That of the auxiliary classifier's; null without one.</param>
    /// <param name="LeftOut">Layers that change nothing here: dropouts in evaluation, or of probability 0.</param>
    /// <param name="Repeated">Layers that give what an earlier one gives.</param>
    public sealed record Pass(ImmutableArray<PlanStep> Steps, Layer Output, Layer? AuxiliaryOutput, ImmutableArray<Layer> LeftOut, ImmutableArray<Layer> Repeated)
    {
        internal static Pass Of(LayerGraph graph, bool training, bool fuses) => fuses
            ? new Fusion(graph, training).Pass()
            : new([.. graph.Layers.Skip(1).Concat(graph.AuxiliaryLayers).Select(PlanStep.Of)], graph.Output, graph.AuxiliaryOutput, [], []);
    }
}
