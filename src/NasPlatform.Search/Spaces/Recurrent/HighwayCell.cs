using System.Collections.Immutable;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.Recurrent;

/// <summary>
/// The form of the cells of ENAS and DARTS: nodes, each of which goes from an earlier node's value a part of the way to a function of it, as in a recurrent highway network (Zilly et al. 2017, arXiv
/// 1607.03474). With one matrix, whose first half gives the gate: <c>c = σ(k·Wᶜ)</c>, <c>node = k + c ⊙ (act(k·Wʰ) − k)</c>. Node 0 reads what the step is given and the state, and goes from
/// the state.
/// </summary>
/// <param name="Start">The function of node 0.</param>
/// <param name="Nodes">The later ones.</param>
/// <param name="Output">The nodes whose mean is the state after the step.</param>
internal sealed record HighwayCell(string Start, ImmutableArray<HighwayNode> Nodes, ImmutableArray<int> Output)
{
    /// <summary>
    /// The cell in which every later node mixes all of its edges and functions (<see cref="Op.HighwayMix"/>), as DARTS's released code searches: each node's values, node 0's too, are normalised over the batch without
    /// scale and shift, and the state after the step is the mean of the later ones.
    /// </summary>
    /// <remarks>
    /// They are normalised by the batch in evaluation, too. The released code takes the running statistics there, of all nodes together, which do not hold a state that goes round.
    /// </remarks>
    /// <param name="features">Numbers that a step is given.</param>
    /// <param name="network">Sizes and dropouts.</param>
    /// <param name="nodes">Later nodes.</param>
    /// <param name="start">The function of node 0.</param>
    public static RecurrentCell BuildRelaxed(int features, RecurrentNetwork network, int nodes, string start)
    {
        var graph = new RecurrentCellBuilder(features) { IsRelaxed = true };
        List<Layer> places = [Normed("node0", First(graph, network, "node0", start))];
        List<Layer> read = [];
        for (var node = 1; node <= nodes; node++)
        {
            read.Add(Dropped(graph, network, $"node{node - 1}", places[^1]));
            places.Add(Normed($"node{node}", graph.Add($"node{node}/linear", new Op.HighwayMix($"node{node}"), [.. places, .. read])));
        }

        return graph.Finish(nodes == 1 ? places[1] : graph.Add("output", new Op.Mean(), [.. places.Skip(1)]));

        Layer Normed(string name, Layer layer) => graph.Add($"{name}/norm", new Op.BatchNorm(Affine: false), layer);
    }

    /// <param name="features">Numbers that a step is given.</param>
    /// <param name="network">Sizes and dropouts.</param>
    /// <param name="node">What a node is called.</param>
    /// <param name="matrix">What the layer of a node that reads another is called, within the node.</param>
    public RecurrentCell Build(int features, RecurrentNetwork network, Func<int, string> node, Func<HighwayNode, string> matrix)
    {
        var graph = new RecurrentCellBuilder(features);
        List<Layer> places = [First(graph, network, node(0), Start)];
        var dropped = new Dictionary<int, Layer>();
        foreach (var (from, function) in Nodes)
        {
            var name = node(places.Count);
            if (!dropped.TryGetValue(from, out var read))
            {
                dropped[from] = read = Dropped(graph, network, node(from), places[from]);
            }

            places.Add(Step(graph, name, places[from], graph.Add($"{name}/{matrix(new(from, function))}", new Op.Linear(2 * network.Hidden, Bias: false), read), function));
        }

        return graph.Finish(Output is [var only] ? places[only] : graph.Add("output", new Op.Mean(), [.. Output.Select(place => places[place])]));
    }

    /// <summary>The cell as its paper draws it.</summary>
    public Sketch Draw(Func<int, string> label)
    {
        var nodes = Enumerable.Range(0, Nodes.Length + 1).Select(place => new SketchNode(label(place)));
        var edges = Nodes.Select((node, index) => new SketchEdge(node.From + 1, index + 2, node.Function));
        var output = Output.Select(place => new SketchEdge(place + 1, Nodes.Length + 2));
        return new("Cell", [new("x, h", "step and state"), .. nodes, new("h after", Output.Length > 1 ? "mean" : null)], [new(0, 1, Start), .. edges, .. output]);
    }

    /// <summary>Adds the state and node 0, which reads it and what the step is given.</summary>
    private static Layer First(RecurrentCellBuilder graph, RecurrentNetwork network, string name, string function)
    {
        var state = graph.State("h", network.Hidden);
        var ofInput = graph.Add($"{name}/input", new Op.Linear(2 * network.Hidden, Bias: false), network.DropX == 0 ? graph.Input : graph.Add("x/dropout", new Op.Dropout(network.DropX), graph.Input));
        var ofState = graph.Add($"{name}/state", new Op.Linear(2 * network.Hidden, Bias: false), Dropped(graph, network, "h", state));
        return Step(graph, name, state, graph.Add($"{name}/sum", new Op.Add(), ofInput, ofState), function);
    }

    // One mask for all states of a step, as the released code has it.
    private static Layer Dropped(RecurrentCellBuilder graph, RecurrentNetwork network, string name, Layer layer) =>
        network.DropH == 0 ? layer : graph.Add($"{name}/dropout", new Op.Dropout(network.DropH, Mask: "h"), layer);

    private static Layer Step(RecurrentCellBuilder graph, string name, Layer from, Layer both, string function)
    {
        var hidden = from.Shape.Channels;
        var gate = graph.Activate($"{name}/gate", ActivationKind.Sigmoid, graph.Add($"{name}/gate/half", new Op.Slice(0, hidden), both));
        var to = graph.Activate($"{name}/{function}", RecurrentFunctions.KindOf(function), graph.Add($"{name}/value/half", new Op.Slice(hidden, hidden), both));
        return graph.Add(name, new Op.Lerp(), gate, from, to);
    }
}

/// <param name="From">The earlier node that it reads.</param>
/// <param name="Function">What it goes to, by its name.</param>
internal readonly record struct HighwayNode(int From, string Function);

/// <summary>The functions that the recurrent spaces choose among.</summary>
internal static class RecurrentFunctions
{
    /// <summary>Null for the identity.</summary>
    public static ActivationKind? KindOf(string name) => name switch
    {
        "tanh" => ActivationKind.Tanh,
        "relu" => ActivationKind.Relu,
        "sigmoid" => ActivationKind.Sigmoid,
        "identity" => null,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "The functions are tanh, relu, sigmoid and identity."),
    };
}
