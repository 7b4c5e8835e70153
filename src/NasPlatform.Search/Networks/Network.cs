using System.Collections.Immutable;
using System.Diagnostics;
using NasPlatform.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NasPlatform.Search.Networks;

/// <summary>
/// A layer graph with weights on a device. Every layer of the graph holds its weights, under the names of <see cref="WeightSpec"/>; what
/// runs is the graph without zeros. <c>forward</c>: images <c>[batch, channels, height, width]</c>, normalised, to logits
/// <c>[batch, classes]</c>; a text's token numbers, <c>int64 [batch, steps]</c>, to logits <c>[batch, steps, vocabulary]</c>.
/// </summary>
public sealed class Network : nn.Module<Tensor, Tensor>
{
    private readonly Device _device;
    private readonly Generator _noise;
    private readonly Dictionary<string, RecurrentLoop> _loops;
    private readonly Dictionary<string, string[]> _highways;
    private readonly Step[] _steps;
    private readonly Step[] _trainingSteps;
    private Dictionary<string, Tensor[]> _shares = [];
    private Dictionary<string, Tensor[]> _highwayShares = [];

    /// <param name="graph">What to compute.</param>
    /// <param name="device">Where the weights lie and the work is done.</param>
    /// <param name="random">
    /// The stream of the initial weights (each layer draws from a child stream of its own name, so that equal layers of different
    /// architectures start alike) and of dropout's masks.
    /// </param>
    /// <param name="plan">How to run it; null for the fastest on the device.</param>
    /// <param name="shared">Where its weights are, with those of other networks: they stay the owner's, and are not among <c>parameters()</c>. Null for weights of its own.</param>
    public Network(LayerGraph graph, Device device, RandomSource random, Plan? plan = null, SharedWeights? shared = null)
        : base("Network")
    {
        Graph = graph;
        _device = device;
        Plan = plan ?? Plan.For(graph, device.type);
        _noise = new Generator(random.Split("dropout").NextUInt64(), device);

        var init = random.Split("init");
        var weights = new Dictionary<string, Tensor>();
        var trainable = new List<(string Name, Parameter Parameter)>();
        using (no_grad())
        {
            foreach (var layer in graph.Layers.Concat(graph.AuxiliaryLayers))
            {
                foreach (var spec in WeightSpec.Of(layer))
                {
                    if (shared is not null)
                    {
                        weights[spec.Name] = shared.Of(spec);
                        if (spec.IsTrainable)
                        {
                            trainable.Add((spec.Name, (Parameter)weights[spec.Name]));
                        }

                        continue;
                    }

                    var initial = WeightInit.Draw(spec, init, device, Plan.IsChannelsLast);
                    var part = spec.Name.Replace('.', '/'); // a module's own parts may not have dots
                    if (spec.IsTrainable)
                    {
                        var parameter = new Parameter(initial);
                        register_parameter(part, parameter);
                        trainable.Add((spec.Name, parameter));
                        weights[spec.Name] = parameter;
                    }
                    else
                    {
                        register_buffer(part, initial);
                        weights[spec.Name] = initial;
                    }
                }
            }
        }

        Weights = weights;
        Trainable = trainable;
        Alphas = Draw(graph.Alphas, device, random.Split("alphas"));
        _highways = graph.Layers.Select(layer => layer.Op).OfType<Op.Recurrent>().SelectMany(recurrent => recurrent.Cell.Layers).Where(layer => layer.Op is Op.HighwayMix)
            .GroupBy(layer => ((Op.HighwayMix)layer.Op).Alphas)
            .ToDictionary(nodes => nodes.Key, nodes => Enumerable.Range(0, nodes.First().Inputs.Length / 2).Select(((Op.HighwayMix)nodes.First().Op).Row).ToArray());
        _loops = graph.Layers.Concat(graph.AuxiliaryLayers).Where(layer => layer.Op is Op.Recurrent).ToDictionary(layer => layer.Name, layer => new RecurrentLoop(this, layer, weights));
        _steps = Bind(Plan.Evaluation);
        _trainingSteps = Bind(Plan.Training);

        Step[] Bind(Plan.Pass pass) => Step.Bind(
            pass.Steps, layer => [.. WeightSpec.Of(layer).Select(spec => weights[spec.Name])], [Plan.Graph.Layers[0], pass.Output, pass.AuxiliaryOutput ?? pass.Output]);
    }

    /// <summary>The graph as it was given.</summary>
    public LayerGraph Graph { get; }

    /// <summary>How it is run.</summary>
    public Plan Plan { get; }

    /// <summary>Parameters and buffers by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights { get; }

    /// <summary>The parameters by name, in the order of <c>parameters()</c> where they are its own.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Trainable { get; }

    /// <summary>
    /// The rows of architecture parameters by name, as in <see cref="LayerGraph.Alphas"/>: before the softmax, and 10⁻³ times a standard normal number at first (Liu et al. 2019; Cai et al. 2019).
    /// They are kept apart from the weights, so none is among <c>parameters()</c>, and what trains weights neither moves nor decays them.
    /// </summary>
    public IReadOnlyDictionary<string, Parameter> Alphas { get; }

    /// <summary>
    /// The share of each drop path's probability that is in force, 0 to 1: scheduled drop path grows it with the training's steps (Zoph et al. 2018, appendix A).
    /// </summary>
    public double DropPathShare { get; set; } = 1;

    /// <summary>Whether <see cref="Alphas"/> are themselves what mixtures weigh their inputs by, as gates, and no softmax is taken of them (Cai et al. 2019, §3.2). Off at first.</summary>
    public bool IsGated { get; init; }

    /// <summary>
    /// What the auxiliary classifier gave in the last <c>forward</c> in training, as its logits; null in evaluation and where there is none.
    /// </summary>
    public Tensor? AuxiliaryLogits { get; private set; }

    /// <summary>
    /// Whether recurrent layers begin with the states at which the last batch ended, if that had as many examples, and not with zeros: truncated backpropagation through a text whose batches
    /// follow one another. No gradient goes back into the last batch. Off at first; turning it off forgets the states.
    /// </summary>
    public bool CarriesState
    {
        get;
        set
        {
            field = value;
            if (!value)
            {
                ResetState();
            }
        }
    }

    /// <summary>The next batch begins with states of zeros.</summary>
    public void ResetState()
    {
        foreach (var loop in _loops.Values)
        {
            loop.ResetState();
        }
    }

    /// <summary>The states at which the last batch ended, by recurrent layer; the next one begins with zeros, or with what is put in. Whoever takes them owns them.</summary>
    internal Dictionary<string, Tensor[]> TakeStates() => _loops.ToDictionary(loop => loop.Key, loop => loop.Value.TakeStates());

    /// <summary>The next batch begins with these states, of a batch of as many examples; they stay the caller's.</summary>
    internal void PutStates(IReadOnlyDictionary<string, Tensor[]> states)
    {
        foreach (var (name, loop) in _loops)
        {
            loop.PutStates(states[name]);
        }
    }

    /// <summary>The number of trainable values, counted from the tensors; the auxiliary classifier's are not counted.</summary>
    public long ParameterCount => Graph.Layers.SelectMany(WeightSpec.Of).Where(spec => spec.IsTrainable).Sum(spec => Weights[spec.Name].numel());

    /// <summary>Starts dropout's masks anew from a seed, so that an epoch can be repeated alone.</summary>
    public void SeedNoise(RandomSource random) => _noise.manual_seed((long)(random.NextUInt64() >> 1));

    public override Tensor forward(Tensor input) => Forward(input, Run);

    /// <summary><c>forward</c>, telling what each step of the plan gives: with <see cref="Plan.LayerByLayer"/> each layer.</summary>
    internal Tensor Trace(Tensor input, Action<Layer, Tensor> seen) => Forward(input, (step, values) =>
    {
        var value = Run(step, values);
        seen(step.Layer, value);
        return value;
    });

    /// <summary>Copies weights in by name, from the tensors that <paramref name="source"/> gives; those must have the same shapes.</summary>
    public void Load(Func<string, Tensor> source)
    {
        using var _ = no_grad();
        foreach (var (name, weight) in Weights)
        {
            using var value = source(name);
            weight.copy_(value);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            ResetState();
            _noise.Dispose();
            foreach (var row in Alphas.Values)
            {
                row.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    /// <summary>What a step gives.</summary>
    internal Tensor Run(Step step, Tensor?[] values)
    {
        if (step.Planned.Sum is { } norms)
        {
            return Sum(norms, step, values);
        }

        var x = values[step.Inputs[0]]!; // not null: inputs come first and are dropped after their last reader
        if (step.Planned.Reduction is not null)
        {
            return Kernels.factorized_reduction(x, step.Weights[0][0], step.Weights[1][0]);
        }

        var weights = step.Weights[0];
        switch (step.Layer.Op)
        {
            case Op.Conv2d conv when conv.Groups == conv.OutChannels && conv.Groups == step.Layer.Inputs[0].Shape.Channels && conv.Groups > 1:
                return Kernels.conv2d_depthwise(
                    x, weights[0], conv.Bias ? weights[1] : null, conv.Stride.ToArray(), conv.Padding.ToArray(), conv.Dilation.ToArray());
            case Op.Conv2d { Kernel: { Height: 1, Width: 1 } } conv when conv.Stride != Extent.One && conv.Padding == Extent.Zero && Plan.IsChannelsLast:
                // What it reads is picked out before: oneDNN 2.6's own way to do so writes beyond its memory on AVX2 when channels, that come last, are not a multiple of 8.
                using (var read = Kernels.avg_pool2d(x, [1, 1], conv.Stride.ToArray(), [0, 0]))
                {
                    return Kernels.conv2d(read, weights[0], conv.Bias ? weights[1] : null, [1, 1], [0, 0], [1, 1], conv.Groups);
                }

            case Op.Conv2d conv:
                return Kernels.conv2d(
                    x, weights[0], conv.Bias ? weights[1] : null, conv.Stride.ToArray(), conv.Padding.ToArray(), conv.Dilation.ToArray(), conv.Groups);
            case Op.BatchNorm norm:
                return F.batch_norm(x, weights[^2], weights[^1], norm.Affine ? weights[0] : null, norm.Affine ? weights[1] : null, training, norm.Momentum, norm.Epsilon);
            case Op.Activation activation:
                return Activate(activation.Kind, x, step.Planned.MayOverwrite);
            case Op.MaxPool pool:
                return Kernels.max_pool2d(x, pool.Kernel.ToArray(), pool.Stride.ToArray(), pool.Padding.ToArray());
            case Op.AvgPool pool:
                return Kernels.avg_pool2d(x, pool.Kernel.ToArray(), pool.Stride.ToArray(), pool.Padding.ToArray());
            case Op.GlobalAvgPool:
                return x.mean([2, 3]);
            case Op.Linear linear:
                return F.linear(x, weights[0], linear.Bias ? weights[1] : null);
            case Op.Add:
                return Sum(step, values);
            case Op.Concat:
                return cat([.. step.Inputs.Select(index => values[index]!)], step.Layer.Shape.ChannelDimension);
            case Op.Pad pad:
                return F.pad(x, (pad.Left, pad.Right, pad.Top, pad.Bottom));
            case Op.Crop crop:
                return Crop(x, crop);
            case Op.Slice slice:
                return x.narrow(step.Layer.Shape.ChannelDimension, slice.Start, slice.Count);
            case Op.Flatten:
                return x.flatten(1);
            case Op.Scale:
                return Scale(x, values[step.Inputs[1]]!); // not null: as above
            case Op.Zero:
                return zeros([x.shape[0], .. step.Layer.Shape.Dimensions], dtype: x.dtype, device: x.device);
            case Op.Dropout dropout:
                return Mask(x, dropout.Probability, dropout.IsLocked && x.dim() == 3 ? [x.shape[0], 1, x.shape[2]] : x.shape);
            case Op.DropPath dropPath:
                return Mask(x, DropPathShare * dropPath.Probability, [x.shape[0], .. x.shape.Skip(1).Select(_ => 1L)]);
            case Op.Embedding embedding:
                return Embed(embedding, weights[0], x);
            case Op.TiedLinear:
                return F.linear(x, weights[0], weights[1]);
            case Op.ToSequence:
                using (var rows = x.squeeze(2))
                {
                    return rows.transpose(1, 2);
                }

            case Op.LastStep:
                return x.select(1, -1);
            case Op.Multiply:
                return step.Inputs[1..].Aggregate(x.alias(), (product, factor) =>
                {
                    using var before = product;
                    return before * values[factor]!; // not null: as above
                });
            case Op.Lerp:
                return Lerp(x, values[step.Inputs[1]]!, values[step.Inputs[2]]!); // not null: as above
            case Op.Mean:
                using (var sum = Sum(step, values))
                {
                    return sum / step.Inputs.Length;
                }

            case Op.Recurrent:
                return _loops[step.Layer.Name].Run(x);
            case Op.Mix mix:
                return Mix(step.Layer, values, _shares[mix.Alphas]);
            case Op.HighwayMix mix:
                return HighwayMix(step, values, _highwayShares[mix.Alphas]);
            default:
                throw new UnreachableException(step.Layer.Op.GetType().Name);
        }
    }

    private Tensor Forward(Tensor input, Func<Step, Tensor?[], Tensor> run)
    {
        var pass = training ? Plan.Training : Plan.Evaluation;
        var values = new Tensor?[Plan.Graph.Layers.Length + Plan.Graph.AuxiliaryLayers.Length];
        using var arranged = Plan.IsChannelsLast && input.dim() == 4 ? input.contiguous(memory_format.channels_last) : input.alias();
        values[0] = arranged;
        _shares = Alphas.ToDictionary(row => row.Key, row => IsGated ? row.Value.unbind() : Shares(row.Value));
        _highwayShares = _highways.ToDictionary(highway => highway.Key, highway => HighwayShares([.. highway.Value.Select(row => Alphas[row])]));
        Step.RunAll(training ? _trainingSteps : _steps, values, run);
        foreach (var share in _shares.Values.Concat(_highwayShares.Values).SelectMany(row => row))
        {
            share.Dispose();
        }

        AuxiliaryLogits = pass.AuxiliaryOutput is { } auxiliary ? values[auxiliary.Index] : null;
        return values[pass.Output.Index]!; // not null: nothing drops the outputs
    }

    private Tensor Sum(NormSum sum, Step step, Tensor?[] values)
    {
        return Kernels.norm_sum(
            [
                .. sum.Terms.Select((term, place) => new NormTerm(
                    values[step.Inputs[place]]!, // not null: inputs come first and are dropped after their last reader
                    term.Norm is { Op: Op.BatchNorm norm } ? Normalisation(norm, step.Weights[place]) : null,
                    term.Share is { } share ? _shares[share.Alphas][share.Place] : null)),
            ],
            training,
            sum.Relu);

        static BatchNormalisation Normalisation(Op.BatchNorm norm, Tensor[] weights) =>
            new(weights[^2], weights[^1], norm.Affine ? weights[0] : null, norm.Affine ? weights[1] : null, norm.Epsilon, norm.Momentum);
    }

    private static Tensor Sum(Step step, Tensor?[] values)
    {
        var sum = values[step.Inputs[0]]! + values[step.Inputs[1]]!; // not null: inputs come first and are dropped after their last reader
        foreach (var term in step.Inputs.AsSpan(2))
        {
            sum.add_(values[term]!);
        }

        return sum;
    }

    private static Tensor Mix(Layer mixture, Tensor?[] values, Tensor[] shares)
    {
        Tensor? sum = null;
        foreach (var (place, input) in mixture.Inputs.Index())
        {
            if (input.Op is Op.Zero)
            {
                continue;
            }

            var part = values[input.Index]! * shares[place]; // not null: it is an operand
            if (sum is null)
            {
                sum = part;
                continue;
            }

            using (part)
            {
                sum.add_(part);
            }
        }

        return sum!; // not null: mixtures of zeros alone are not run
    }

    // All edges of the node at once, [edges, batch, size].
    private static Tensor HighwayMix(Step step, Tensor?[] values, Tensor[] shares)
    {
        var edges = step.Inputs.Length / 2;
        using var places = stack([.. step.Inputs[..edges].Select(input => values[input]!)]); // not null: inputs come first
        using var read = step.Inputs.AsSpan(0, edges).SequenceEqual(step.Inputs.AsSpan(edges)) ? places.alias() : stack([.. step.Inputs[edges..].Select(input => values[input]!)]); // not null: as above
        using var both = F.linear(read, step.Weights[0][0]);
        var halves = both.split(places.shape[2], 2);
        using var gate = halves[0].sigmoid();
        using var value = halves[1];
        halves[0].Dispose();

        // Σ pₖ·(k + c·(fₖ − k)) = P·k + c·(Σ pₖ·fₖ − P·k), with P = Σ pₖ.
        using var kept = places * shares[0];
        Tensor? mixed = null;
        foreach (var (function, kind) in Op.HighwayMix.HighwayFunctions.Index())
        {
            using var activated = kind is { } activation ? Activate(activation, value, overwrite: false) : value.alias();
            var part = activated * shares[1 + function];
            if (mixed is null)
            {
                mixed = part;
                continue;
            }

            using (part)
            {
                mixed.add_(part);
            }
        }

        using (mixed)
        {
            using var perEdge = Lerp(gate, kept, mixed!); // not null: there are functions
            return perEdge.sum([0L]);
        }
    }

    /// <summary>The softmaxes of the rows of a node's edges, <c>[edges, 1, 1]</c> each: first what <c>none</c> leaves, then that of each function.</summary>
    private static Tensor[] HighwayShares(Parameter[] rows)
    {
        using var together = stack(rows);
        using var softmax = together.softmax(1);
        using var wide = softmax.view(rows.Length, -1, 1, 1);
        var shares = wide.unbind(1);
        using var none = shares[0];
        shares[0] = 1 - none;
        return shares;
    }

    /// <summary>The softmax of a row, number by number.</summary>
    private static Tensor[] Shares(Parameter row)
    {
        using var softmax = row.softmax(0);
        return softmax.unbind();
    }

    private static Dictionary<string, Parameter> Draw(IReadOnlyList<(string Name, int Options)> alphas, Device device, RandomSource random)
    {
        using var _ = no_grad();
        return alphas.ToDictionary(row => row.Name, row =>
        {
            var source = random.Split(row.Name);
            var parameter = new Parameter(tensor([.. Enumerable.Range(0, row.Options).Select(_ => (float)(1e-3 * source.NextGaussian()))], [row.Options], device: device));
            parameter.DetachFromDisposeScope(); // it lives as long as the network
            return parameter;
        });
    }

    private Tensor Embed(Op.Embedding embedding, Tensor weight, Tensor tokens)
    {
        using var all = tokens.flatten();
        using var rows = weight.index_select(0, all);
        if (!training || embedding.DropProbability == 0)
        {
            return rows.view([.. tokens.shape, embedding.Size]);
        }

        using var mask = MaskOf(embedding.DropProbability, [embedding.Count, 1], rows.dtype);
        using var masks = mask.index_select(0, all);
        using var dropped = rows * masks;
        return dropped.view([.. tokens.shape, embedding.Size]);
    }

    // In mixed precision the gate and what lies behind it come of full layers in few bits; a state keeps its own.
    private static Tensor Lerp(Tensor gate, Tensor from, Tensor to)
    {
        if (gate.dtype == from.dtype && to.dtype == from.dtype)
        {
            return from.lerp(to, gate);
        }

        using var wideGate = gate.to(from.dtype);
        using var wideTo = to.to(from.dtype);
        return from.lerp(wideTo, wideGate);
    }

    private static Tensor Crop(Tensor x, Op.Crop crop)
    {
        using var rows = x.narrow(2, crop.Top, x.shape[2] - crop.Top - crop.Bottom);
        return rows.narrow(3, crop.Left, x.shape[3] - crop.Left - crop.Right);
    }

    private static Tensor Scale(Tensor x, Tensor gate)
    {
        using var perChannel = gate.reshape(-1, x.shape[1], 1, 1);
        return x * perChannel;
    }

    private static Tensor Activate(ActivationKind kind, Tensor x, bool overwrite) => kind switch
    {
        ActivationKind.Relu => overwrite ? x.relu_() : x.relu(),
        ActivationKind.LeakyRelu => F.leaky_relu(x, Op.LeakySlope),
        ActivationKind.Relu6 => F.relu6(x),
        ActivationKind.Sigmoid => x.sigmoid(),
        ActivationKind.Tanh => x.tanh(),
        ActivationKind.Silu => F.silu(x),
        ActivationKind.HardSwish => F.hardswish(x),
    };

    private Tensor Mask(Tensor x, double probability, long[] shape)
    {
        if (!training || probability == 0)
        {
            return x.alias();
        }

        using var mask = MaskOf(probability, shape, x.dtype);
        return x * mask;
    }

    /// <summary>Zeros with the probability, else what makes up for them.</summary>
    internal Tensor MaskOf(double probability, long[] shape, ScalarType type)
    {
        var kept = empty(shape, dtype: type, device: _device);
        kept.bernoulli_(1 - probability, _noise);
        kept.div_(1 - probability);
        return kept;
    }
}
