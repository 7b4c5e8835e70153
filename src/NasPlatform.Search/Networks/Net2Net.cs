using System.Collections.Immutable;

namespace NasPlatform.Search.Networks;

/// <summary>
/// Function-preserving transformations (Chen et al., "Net2Net", arXiv 1511.05641; Cai et al., "Efficient Architecture Search by Network Transformation", arXiv 1707.04873): a wider
/// or deeper network that, in evaluation, gives the same outputs as the one that it was made of, so that training goes on instead of beginning anew.
/// </summary>
public static class Net2Net
{
    /// <summary>EAS's noise on copied units: its deviation as a share of the weights' own.</summary>
    public const double WiderNoise = 0.01;

    /// <summary>In a map of channels: one that copies none.</summary>
    private const int Fresh = -1;

    /// <summary>
    /// Net2Wider: more channels of a convolution, or features of a full layer. New unit j copies unit <c>map[j]</c>; whatever reads the widened values divides by how often each unit is there.
    /// Layers whose outputs are added to this one's, or scaled by it, are widened with it.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="layer">The name of a convolution without groups or of a full layer.</param>
    /// <param name="map">For each unit of the wider layer the old one that it copies; the old units come first, each as itself.</param>
    /// <exception cref="InvalidArchitectureException">It cannot be widened without changing what the network computes; the message says why.</exception>
    public static TrainedNetwork Wider(TrainedNetwork network, string layer, ImmutableArray<int> map)
    {
        var widened = Find(network.Graph, layer);
        var old = widened.Shape.Channels;
        if (map.Length <= old || map.Take(old).Index().Any(unit => unit.Item != unit.Index) || map.Any(unit => unit < 0 || unit >= old))
        {
            throw new InvalidArchitectureException(layer, $"its {old} units come first in the map, each as itself, and at least one more follows that copies one of them.");
        }

        var tied = Tied(network.Graph, widened);
        var maps = Maps(network.Graph, tied.ToDictionary(member => member, _ => map.ToArray()));
        var graph = new LayerGraphBuilder(network.Graph.Task);
        var made = new Dictionary<Layer, Layer>();
        var weights = new Dictionary<string, float[]>();
        foreach (var before in network.Graph.Layers)
        {
            made[before] = before.Op is Op.Input ? graph.Input : Copy(graph, before, [.. before.Inputs.Select(input => made[input])], tied.Contains(before) ? map.Length : null);
            foreach (var spec in WeightSpec.Of(before))
            {
                weights[spec.Name] = Replicated(before, spec, network.Weights[spec.Name], maps);
            }
        }

        return new(graph.Finish(made[network.Graph.Output]), weights);
    }

    /// <summary>Net2Wider with a random map; small noise on the copies, so that they learn to differ.</summary>
    /// <param name="network">The network.</param>
    /// <param name="layer">As above.</param>
    /// <param name="width">Units afterwards, more than now.</param>
    /// <param name="random">Which units are copied, and the noise.</param>
    /// <param name="noise">Deviation of the noise as a share of the weights' own. 0: outputs stay exactly as they were.</param>
    public static TrainedNetwork Wider(TrainedNetwork network, string layer, int width, RandomSource random, double noise = WiderNoise)
    {
        var old = Find(network.Graph, layer).Shape.Channels;
        var copied = random.Split("map");
        var wider = Wider(network, layer, [.. Enumerable.Range(0, Math.Max(width, 0)).Select(unit => unit < old ? unit : copied.Next(old))]);
        return noise == 0 ? wider : Perturbed(wider, layer, old, noise, random.Split("noise"));
    }

    /// <summary>
    /// Net2Deeper: a new layer after a ReLU that gives what it gets. After an image a convolution whose kernel is the identity, a batch norm that is the identity and a ReLU; after a vector or
    /// a sequence a full layer and a ReLU, with such a batch norm between where the layer that it follows has one.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="after">The name of a ReLU: what it gives, another ReLU leaves as it is.</param>
    /// <param name="name">Of the new layers: <c>name/conv</c>, <c>name/norm</c>, <c>name/relu</c>; <c>name/linear</c>.</param>
    /// <param name="kernel">Odd sides; not used after a vector and a sequence.</param>
    /// <param name="statistics">
    /// Mean and variance of each channel there, of a batch of data: in training the new batch norm then begins as the identity too. Null: mean 0, variance 1.
    /// </param>
    /// <exception cref="InvalidArchitectureException">It cannot be put in there; the message says why.</exception>
    public static TrainedNetwork Deeper(TrainedNetwork network, string after, string name, Extent kernel, ChannelStatistics? statistics = null)
    {
        var place = Find(network.Graph, after);
        if (place.Op is not Op.Activation { Kind: ActivationKind.Relu })
        {
            throw new InvalidArchitectureException(after, $"a layer is put in after a ReLU, since applied twice that is itself; this is {OpText.Of(place.Op)}.");
        }

        if (kernel.Height % 2 == 0 || kernel.Width % 2 == 0)
        {
            throw new InvalidArchitectureException(name, $"an identity needs a kernel with a middle, so odd sides; was given {kernel}.");
        }

        var channels = place.Shape.Channels;
        var graph = new LayerGraphBuilder(network.Graph.Task);
        var made = new Dictionary<Layer, Layer>();
        var weights = new Dictionary<string, float[]>(network.Weights);
        foreach (var layer in network.Graph.Layers)
        {
            var copy = layer.Op is Op.Input ? graph.Input : Copy(graph, layer, [.. layer.Inputs.Select(input => made[input])], null);
            made[layer] = layer == place ? Insert(copy) : copy;
        }

        return new(graph.Finish(made[network.Graph.Output]), weights);

        Layer Insert(Layer input)
        {
            var isImage = input.Shape.Kind == ShapeKind.Image;
            var hasNorm = isImage || place.Inputs[0].Op is Op.BatchNorm;
            var inserted = isImage
                ? graph.Conv($"{name}/conv", input, channels, kernel)
                : graph.Add($"{name}/linear", new Op.Linear(channels, Bias: !hasNorm), input);
            Set(inserted, Identity(channels, isImage ? kernel.Height * kernel.Width : 1), new float[channels]);
            if (!hasNorm)
            {
                return graph.Relu($"{name}/relu", inserted);
            }

            var norm = graph.BatchNorm($"{name}/norm", inserted);
            var (mean, variance) = (statistics?.Mean ?? new float[channels], statistics?.Variance ?? [.. Enumerable.Repeat(1f, channels)]);
            var epsilon = ((Op.BatchNorm)norm.Op).Epsilon;
            Set(norm, [.. variance.Select(value => (float)Math.Sqrt(value + epsilon))], mean, mean, variance);
            return graph.Relu($"{name}/relu", norm);
        }

        void Set(Layer layer, params float[][] parts)
        {
            foreach (var (spec, part) in WeightSpec.Of(layer).Zip(parts))
            {
                weights[spec.Name] = part;
            }
        }
    }

    /// <summary>
    /// Net2Deeper for dense connections, as EAS's released code has it: after a layer whose output is joined with what it reads comes another one like it. It begins as a copy that does not look
    /// at that output; whatever reads the joined values divides by how often each is there.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="layer">What the names of the layer's parts begin with, before a slash. <c>layer/join</c> joins what the first part reads with what the last one gives.</param>
    /// <param name="name">The same of the new layer.</param>
    /// <param name="map">For each channel that the new layer gives, the old layer's that it copies.</param>
    /// <exception cref="InvalidArchitectureException">The layer is not such a one, or the map not of its channels.</exception>
    public static TrainedNetwork DeeperDense(TrainedNetwork network, string layer, string name, ImmutableArray<int> map)
    {
        var join = Find(network.Graph, $"{layer}/join");
        Layer[] parts = [.. network.Graph.Layers.Where(part => part != join && part.Name.StartsWith($"{layer}/", StringComparison.Ordinal))];
        if (join is not { Op: Op.Concat, Inputs: [var read, var given] }
            || !parts.Contains(given)
            || parts.Any(part => part.Inputs is not [var input] || (input != read && !parts.Contains(input)) || !(KeepsChannels(part) || part.Op is Op.Conv2d { Groups: 1 })))
        {
            throw new InvalidArchitectureException(join.Name, $"it must join what the parts of '{layer}' read with what they give, and those be a chain of convolutions without groups and what works on each channel alone.");
        }

        if (map.Length != given.Shape.Channels || map.Any(unit => unit < 0 || unit >= given.Shape.Channels))
        {
            throw new InvalidArchitectureException(join.Name, $"the map must give, for each of {given.Shape.Channels} channels, one of them.");
        }

        // What the copies' channels come from: the output that they read in addition is new to them.
        var copied = new int[]?[network.Graph.Layers.Length];
        copied[read.Index] = [.. Enumerable.Range(0, read.Shape.Channels), .. Enumerable.Repeat(Fresh, given.Shape.Channels)];
        var last = parts.Last(part => !KeepsChannels(part));
        foreach (var part in parts)
        {
            copied[part.Index] = part == last ? [.. map] : KeepsChannels(part) ? copied[part.Inputs[0].Index] : null;
        }

        var maps = Maps(network.Graph, new() { [join] = [.. Enumerable.Range(0, join.Shape.Channels), .. map.Select(unit => read.Shape.Channels + unit)] });
        var graph = new LayerGraphBuilder(network.Graph.Task);
        var made = new Dictionary<Layer, Layer>();
        var weights = new Dictionary<string, float[]>();
        foreach (var before in network.Graph.Layers)
        {
            made[before] = before.Op is Op.Input ? graph.Input : Copy(graph, before, [.. before.Inputs.Select(input => made[input])], null);
            foreach (var spec in WeightSpec.Of(before))
            {
                weights[spec.Name] = Replicated(before, spec, network.Weights[spec.Name], maps);
            }

            if (before == join)
            {
                made[join] = Insert(made[join]);
            }
        }

        return new(graph.Finish(made[network.Graph.Output]), weights);

        Layer Insert(Layer joined)
        {
            var copies = new Dictionary<Layer, Layer> { [read] = joined };
            foreach (var part in parts)
            {
                var copy = copies[part] = graph.Add(name + part.Name[layer.Length..], part.Op, copies[part.Inputs[0]]);
                foreach (var (own, old) in WeightSpec.Of(copy).Zip(WeightSpec.Of(part)))
                {
                    weights[own.Name] = Replicated(part, old, network.Weights[old.Name], copied);
                }
            }

            return graph.Add($"{name}/join", new Op.Concat(), joined, copies[given]);
        }
    }

    internal static Layer Find(LayerGraph graph, string name) =>
        graph.Layers.FirstOrDefault(layer => layer.Name == name) ?? throw new InvalidArchitectureException(name, "the network has no such layer.");

    /// <summary>One in the middle of the kernel from each channel to itself, else zero.</summary>
    private static float[] Identity(int channels, int taps)
    {
        var weight = new float[channels * channels * taps];
        for (var channel = 0; channel < channels; channel++)
        {
            weight[(((channel * channels) + channel) * taps) + (taps / 2)] = 1;
        }

        return weight;
    }

    /// <summary>All layers whose channels are the widened layer's, one by one: through what works on each channel alone, and through sums.</summary>
    private static HashSet<Layer> Tied(LayerGraph graph, Layer widened)
    {
        if (widened.Op is not (Op.Conv2d { Groups: 1 } or Op.Linear))
        {
            throw new InvalidArchitectureException(widened.Name, $"convolutions without groups and full layers can be widened; this is {OpText.Of(widened.Op)}.");
        }

        var readers = graph.Layers.SelectMany(layer => layer.Inputs.Select(input => (input, layer))).ToLookup(pair => pair.input, pair => pair.layer);
        var tied = new HashSet<Layer>();
        var open = new Stack<Layer>([widened]);
        while (open.TryPop(out var layer))
        {
            if (!tied.Add(layer))
            {
                continue;
            }

            if (layer == graph.Output)
            {
                throw new InvalidArchitectureException(widened.Name, "its units are the classes, of which there are as many as there are.");
            }

            foreach (var next in readers[layer].Where(KeepsChannels).Concat(KeepsChannels(layer) ? layer.Inputs : []))
            {
                open.Push(next);
            }
        }

        var fixedWidth = tied.FirstOrDefault(layer => !KeepsChannels(layer) && layer.Op is not (Op.Conv2d { Groups: 1 } or Op.Linear));
        return fixedWidth is null
            ? tied
            : throw new InvalidArchitectureException(widened.Name, $"it is added to or scaled with '{fixedWidth.Name}' ({OpText.Of(fixedWidth.Op)}), whose channels cannot be copied.");
    }

    /// <summary>Whether channel c of the output comes of channel c of each input alone.</summary>
    private static bool KeepsChannels(Layer layer) => layer.Op switch
    {
        Op.BatchNorm or Op.Activation or Op.MaxPool or Op.AvgPool or Op.GlobalAvgPool or Op.Add or Op.Pad or Op.Crop or Op.Scale or Op.Dropout or Op.DropPath
            or Op.ToSequence or Op.LastStep or Op.Multiply or Op.Lerp or Op.Mean or Op.Mix or Op.HighwayMix => true,
        Op.Zero => layer.Shape == layer.Inputs[0].Shape,
        Op.Conv2d conv => IsDepthwise(conv, layer),
        _ => false,
    };

    private static bool IsDepthwise(Op.Conv2d conv, Layer layer) => conv.Groups > 1 && conv.Groups == conv.OutChannels && conv.Groups == layer.Inputs[0].Shape.Channels;

    /// <summary>For each layer which old channel each of its channels now copies; null where they are as before.</summary>
    private static int[]?[] Maps(LayerGraph graph, Dictionary<Layer, int[]> known)
    {
        var maps = new int[]?[graph.Layers.Length];
        foreach (var layer in graph.Layers)
        {
            maps[layer.Index] = known.TryGetValue(layer, out var map) ? map : layer.Op switch
            {
                Op.Concat when layer.Inputs.Any(input => maps[input.Index] is not null) => Joined(layer),
                Op.Flatten when maps[layer.Inputs[0].Index] is { } channels => Spread(channels, layer.Inputs[0].Shape),
                Op.Slice when maps[layer.Inputs[0].Index] is not null => throw Refused(layer, "takes some of the channels by their places"),
                Op.Conv2d { Groups: > 1 } conv when !IsDepthwise(conv, layer) && maps[layer.Inputs[0].Index] is not null => throw Refused(layer, "reads them in groups"),
                Op.Recurrent or Op.TiedLinear when layer.Inputs.Any(input => maps[input.Index] is not null) => throw Refused(layer, "has as many inputs as its cell or its embedding says"),
                _ when KeepsChannels(layer) => Common(layer),
                _ => null,
            };
        }

        return maps;

        int[] Joined(Layer layer)
        {
            var joined = new List<int>();
            var offset = 0;
            foreach (var input in layer.Inputs)
            {
                joined.AddRange((maps[input.Index] ?? [.. Enumerable.Range(0, input.Shape.Channels)]).Select(channel => channel + offset));
                offset += input.Shape.Channels;
            }

            return [.. joined];
        }

        int[]? Common(Layer layer)
        {
            var first = maps[layer.Inputs[0].Index];
            return layer.Inputs.All(input => (maps[input.Index], first) is (null, null) or ({ }, { }) && (first is null || maps[input.Index]!.AsSpan().SequenceEqual(first))) // not null: both or neither
                ? first
                : throw Refused(layer, "adds them to channels that are not copied");
        }

        static InvalidArchitectureException Refused(Layer layer, string why) => new(layer.Name, $"it reads widened channels and {why}, so what it computes would change.");
    }

    private static int[] Spread(int[] channels, Shape shape)
    {
        var places = shape.Height * shape.Width;
        return [.. channels.SelectMany(channel => Enumerable.Range(channel * places, places))];
    }

    private static Layer Copy(LayerGraphBuilder graph, Layer layer, Layer[] inputs, int? width)
    {
        switch (layer.Op)
        {
            case Op.Conv2d conv when IsDepthwise(conv, layer):
                var channels = inputs[0].Shape.Channels;
                return graph.Add(layer.Name, conv with { OutChannels = channels, Groups = channels }, inputs);
            case Op.Conv2d conv:
                return graph.Add(layer.Name, conv with { OutChannels = width ?? conv.OutChannels }, inputs);
            case Op.Linear linear:
                return graph.Add(layer.Name, linear with { OutFeatures = width ?? linear.OutFeatures }, inputs);
            case Op.Zero when layer.Shape != layer.Inputs[0].Shape:
                return graph.Zeros(layer.Name, inputs[0], layer.Shape);
            default:
                return graph.Add(layer.Name, layer.Op, inputs);
        }
    }

    /// <summary>
    /// A weight with its rows copied as the layer's channels are, and its columns as the input's are, divided by how often each is there. A fresh column is zero, a fresh channel of a batch norm
    /// normalises nothing.
    /// </summary>
    private static float[] Replicated(Layer layer, WeightSpec spec, float[] weight, int[]?[] maps)
    {
        var rows = maps[layer.Index];
        var columns = layer.Op is Op.Linear or Op.Conv2d { Groups: 1 } && spec.Shape.Length > 1 ? maps[layer.Inputs[0].Index] : null;
        if (rows is null && columns is null)
        {
            return weight;
        }

        var oldColumns = spec.Shape.Length > 1 ? (int)spec.Shape[1] : 1;
        var taps = (int)spec.Shape.Skip(2).Aggregate(1L, (product, side) => product * side);
        rows ??= [.. Enumerable.Range(0, (int)spec.Shape[0])];
        var counts = new int[oldColumns];
        foreach (var column in columns ?? [])
        {
            if (column != Fresh)
            {
                counts[column]++;
            }
        }

        columns ??= [.. Enumerable.Range(0, oldColumns)];
        var fresh = spec.Part is "weight" or "running_var" ? 1f : 0f;
        var copied = new float[rows.Length * columns.Length * taps];
        var at = 0;
        foreach (var row in rows)
        {
            foreach (var column in columns)
            {
                var share = column == Fresh ? 1 : Math.Max(1, counts[column]);
                for (var tap = 0; tap < taps; tap++)
                {
                    copied[at++] = row == Fresh ? fresh : column == Fresh ? 0 : weight[(((row * oldColumns) + column) * taps) + tap] / share;
                }
            }
        }

        return copied;
    }

    /// <summary>Noise on the weight of a layer's units from one on, of a deviation that is a share of the weight's own.</summary>
    internal static TrainedNetwork Perturbed(TrainedNetwork network, string layer, int from, double noise, RandomSource random)
    {
        var spec = WeightSpec.Of(Find(network.Graph, layer))[0];
        var weight = network.Weights[spec.Name].ToArray();
        var mean = weight.Average();
        var deviation = Math.Sqrt(weight.Average(value => (value - mean) * (double)(value - mean)));
        var row = weight.Length / (int)spec.Shape[0];
        foreach (ref var value in weight.AsSpan(from * row))
        {
            value += (float)(noise * deviation * random.NextGaussian());
        }

        return network with { Weights = new Dictionary<string, float[]>(network.Weights) { [spec.Name] = weight } };
    }
}
