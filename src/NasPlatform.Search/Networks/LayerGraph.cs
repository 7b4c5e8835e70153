using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace NasPlatform.Search.Networks;

/// <summary>
/// What an architecture denotes: primitives in topological order, from one input to one vector of logits. It is data: a
/// <see cref="Network"/> gives it weights, exporters write it down, costs and keys are computed from it.
/// </summary>
[JsonConverter(typeof(LayerGraphJson))]
public sealed class LayerGraph
{
    private LayerGraph(TaskShape task, ImmutableArray<Layer> layers, Layer output, ImmutableArray<Layer> auxiliaryLayers)
    {
        Task = task;
        Layers = layers;
        Output = output;
        AuxiliaryLayers = auxiliaryLayers;
        Cost = NetworkCost.Of(this);
    }

    public TaskShape Task { get; }

    /// <summary>Every layer that the output depends on, inputs before users; the input is first.</summary>
    public ImmutableArray<Layer> Layers { get; }

    /// <summary>The logits, <c>[Task.Outputs]</c> an example.</summary>
    public Layer Output { get; }

    /// <summary>
    /// A second classifier within the network, for training only: the layers that <see cref="AuxiliaryOutput"/> depends on and <see cref="Output"/> does not, in topological order, their
    /// indices following those of <see cref="Layers"/>. They are not part of the network's cost, depth, key and exports, as papers do not count them. None in most graphs.
    /// </summary>
    public ImmutableArray<Layer> AuxiliaryLayers { get; }

    /// <summary>The second classifier's logits; null where there is none.</summary>
    public Layer? AuxiliaryOutput => AuxiliaryLayers.LastOrDefault();

    public NetworkCost Cost { get; }

    /// <summary>
    /// The rows of architecture parameters that its mixtures go by: their names, and how many numbers each has, in the order of the layers. None in the network of a genotype.
    /// </summary>
    public IReadOnlyList<(string Name, int Options)> Alphas =>
        [.. Layers.Concat(AuxiliaryLayers).SelectMany(AlphasOf).Distinct()];

    /// <summary>Whether a recurrent layer mixes within its cell, so that one path cannot be had by leaving layers out (<see cref="WithPaths"/>).</summary>
    public bool MixesInCells => Layers.Any(layer => layer.Op is Op.Recurrent { Cell.IsRelaxed: true });

    /// <summary>Convolutions and full layers on the longest way from the input to the output, in a recurrent layer those of one step.</summary>
    public int Depth => Depths(Layers)[Output.Index];

    /// <summary>The same network with nothing that is for training only.</summary>
    public LayerGraph WithoutAuxiliary() => new(Task, Layers, Output, []);

    /// <summary>How many layers, the auxiliary ones among them, read each layer, by <see cref="Layer.Index"/>; the output counts as read once more.</summary>
    public ImmutableArray<int> UseCounts()
    {
        var counts = new int[Layers.Length + AuxiliaryLayers.Length];
        foreach (var input in Layers.Concat(AuxiliaryLayers).SelectMany(layer => layer.Inputs))
        {
            counts[input.Index]++;
        }

        counts[Output.Index]++;
        if (AuxiliaryOutput is { } auxiliary)
        {
            counts[auxiliary.Index]++;
        }

        return [.. counts];
    }

    /// <summary>
    /// The graph that computes the same with less: zeros are not added, and layers whose output only turns to zeros are gone. Layers keep their
    /// names. This is what runs and what is exported; the graph as built is what a space's paper counts.
    /// </summary>
    public LayerGraph WithoutZeros()
    {
        var kept = new Layer?[Layers.Length + AuxiliaryLayers.Length];
        foreach (var layer in Layers.Concat(AuxiliaryLayers))
        {
            var live = layer.Inputs.Where(input => !IsZero(kept[input.Index])).Select(input => kept[input.Index]!).ToImmutableArray(); // not null: earlier
            kept[layer.Index] = layer.Op switch
            {
                Op.Add when live.IsEmpty => kept[layer.Inputs[0].Index],
                Op.Add when live.Length == 1 => live[0],
                Op.Add => new(layer.Index, layer.Name, layer.Op, live, layer.Shape),

                Op.Mix when live.IsEmpty => kept[layer.Inputs[0].Index],

                // Zeros are made from the examples' batch size alone; token numbers, which are whole, do not give their kind of number.
                Op.Zero when Task.Kind != TaskKind.LanguageModelling => new(layer.Index, layer.Name, layer.Op, [kept[0]!], layer.Shape), // not null: the input is first
                _ => new(layer.Index, layer.Name, layer.Op, [.. layer.Inputs.Select(input => kept[input.Index]!)], layer.Shape),
            };
        }

        // Not null: they were just visited.
        return Of(Task, kept.OfType<Layer>().Distinct(), kept[Output.Index]!, AuxiliaryOutput is { } auxiliary ? kept[auxiliary.Index]! : null);

        static bool IsZero(Layer? layer) => layer?.Op is Op.Zero;
    }

    /// <summary>
    /// The graph that computes the same with ReLUs of the parts of a concatenation in place of one behind it, where that is all that reads it and a part is a sum that nothing else needs as it is: the ReLU of
    /// such a part costs nothing (<see cref="Fusion"/>). Cells end in these where the next ones begin with a ReLU.
    /// </summary>
    internal LayerGraph WithRelusBeforeConcats()
    {
        Layer[] all = [.. Layers, .. AuxiliaryLayers];
        var readers = all.SelectMany(layer => layer.Inputs.Select(input => (input, layer))).ToLookup(read => read.input, read => read.layer);
        HashSet<Layer> outputs = [Output, AuxiliaryOutput ?? Output];
        var moved = all.Where(layer => layer.Op is Op.Concat && HasReluBehind(layer) && layer.Inputs.Any(part => Fusion.IsSum(part) && !outputs.Contains(part)
            && readers[part].All(reader => reader == layer || IsRelu(reader)))).ToHashSet();
        if (moved.Count == 0)
        {
            return this;
        }

        var made = new List<Layer>();
        var givers = new Dictionary<Layer, Layer>();
        var relus = new Dictionary<Layer, Layer>();
        foreach (var layer in all)
        {
            givers[layer] = IsRelu(layer) && moved.Contains(layer.Inputs[0]) ? givers[layer.Inputs[0]]
                : Make(layer.Name, layer.Op, moved.Contains(layer) ? [.. layer.Inputs.Select(Relu)] : [.. layer.Inputs.Select(part => givers[part])], layer.Shape);
        }

        return Of(Task, made, givers[Output], AuxiliaryOutput is { } auxiliary ? givers[auxiliary] : null);

        bool HasReluBehind(Layer layer) => !outputs.Contains(layer) && readers[layer].All(IsRelu);

        Layer Relu(Layer part) => IsRelu(part) ? givers[part]
            : relus.TryGetValue(part, out var relu) ? relu
            : relus[part] = Make($"{part.Name}/positive", new Op.Activation(ActivationKind.Relu), [givers[part]], part.Shape);

        Layer Make(string name, Op op, ImmutableArray<Layer> inputs, Shape shape)
        {
            made.Add(new(made.Count, name, op, inputs, shape));
            return made[^1];
        }

        static bool IsRelu(Layer layer) => layer.Op is Op.Activation { Kind: ActivationKind.Relu };
    }

    /// <summary>
    /// The graph in which each mixture has only some of its inputs: of one alone nothing is mixed, and what only leads to the others is gone. Layers keep their names, so that all such graphs share weights by
    /// name.
    /// </summary>
    /// <param name="kept">The places of the inputs that a mixture keeps, one at least, by the name of its row of architecture parameters.</param>
    public LayerGraph WithPaths(Func<string, IReadOnlyList<int>> kept)
    {
        var made = new Layer[Layers.Length];
        foreach (var layer in Layers)
        {
            ImmutableArray<Layer> inputs = [.. layer.Inputs.Select(input => made[input.Index])];
            made[layer.Index] = layer.Op is not Op.Mix mix ? new(layer.Index, layer.Name, layer.Op, inputs, layer.Shape)
                : kept(mix.Alphas) is [var only] ? inputs[only]
                : new(layer.Index, layer.Name, layer.Op, [.. kept(mix.Alphas).Select(place => inputs[place])], layer.Shape);
        }

        return Of(Task, made.Distinct(), made[Output.Index]);
    }

    /// <summary>
    /// The graph of those of <paramref name="layers"/>, in topological order, that <paramref name="output"/> depends on, and the input; and of those that only <paramref name="auxiliary"/> does.
    /// </summary>
    internal static LayerGraph Of(TaskShape task, IEnumerable<Layer> layers, Layer output, Layer? auxiliary = null)
    {
        Layer[] all = [.. layers];
        var kept = new Dictionary<Layer, Layer>();
        var needed = Needs([output]);
        var own = Keep(layer => layer.Op is Op.Input || needed.Contains(layer));
        var neededToo = auxiliary is null ? [] : Needs([auxiliary]);
        return new LayerGraph(task, own, kept[output], Keep(layer => !kept.ContainsKey(layer) && neededToo.Contains(layer)));

        ImmutableArray<Layer> Keep(Func<Layer, bool> isKept) => [.. all.Where(isKept).ToList().Select(layer =>
            kept[layer] = new Layer(kept.Count, layer.Name, layer.Op, [.. layer.Inputs.Select(input => kept[input])], layer.Shape))];
    }

    /// <summary>Convolutions and full layers on the longest way to each of <paramref name="layers"/>.</summary>
    internal static int[] Depths(ImmutableArray<Layer> layers)
    {
        var depths = new int[layers.Length];
        foreach (var layer in layers)
        {
            depths[layer.Index] = layer.Inputs.Select(input => depths[input.Index]).DefaultIfEmpty().Max() + layer.Op switch
            {
                Op.Conv2d or Op.Linear or Op.TiedLinear or Op.HighwayMix => 1,
                Op.Recurrent recurrent => recurrent.Cell.Depth,
                _ => 0,
            };
        }

        return depths;
    }

    private static IEnumerable<(string Name, int Options)> AlphasOf(Layer layer) => layer.Op switch
    {
        Op.Mix mix => [(mix.Alphas, layer.Inputs.Length)],
        Op.HighwayMix mix => Enumerable.Range(0, layer.Inputs.Length / 2).Select(edge => (mix.Row(edge), 1 + Op.HighwayMix.HighwayFunctions.Length)),
        Op.Recurrent recurrent => recurrent.Cell.Layers.SelectMany(AlphasOf),
        _ => [],
    };

    /// <summary>All layers that these depend on, and these.</summary>
    /// <param name="outputs">These.</param>
    /// <param name="reads">On which a layer depends itself; null for its inputs.</param>
    internal static HashSet<Layer> Needs(IEnumerable<Layer> outputs, Func<Layer, IEnumerable<Layer>>? reads = null)
    {
        var needed = new HashSet<Layer>();
        var open = new Stack<Layer>(outputs);
        while (open.TryPop(out var layer))
        {
            if (needed.Add(layer))
            {
                foreach (var input in reads?.Invoke(layer) ?? layer.Inputs)
                {
                    open.Push(input);
                }
            }
        }

        return needed;
    }
}
