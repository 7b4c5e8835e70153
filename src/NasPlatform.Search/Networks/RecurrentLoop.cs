using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NasPlatform.Search.Networks;

/// <summary>
/// Runs a recurrent layer's cell over the steps of a sequence: by a kernel of our own, or where that does not serve step by step, when what depends on the sequence alone is done for all steps at once
/// before. Dropout's masks are drawn once.
/// </summary>
internal sealed class RecurrentLoop
{
    private readonly Network _network;
    private readonly RecurrentCell _cell;
    private readonly Step[] _ahead;
    private readonly Step[] _each;
    private readonly int[] _perStep;

    // For the kernel, which does not mix: the cell in evaluation and in training, and one dropout for each mask, in the order in which they are drawn.
    private readonly CellProgram? _evaluates;
    private readonly CellProgram? _trains;
    private readonly Tensor[] _weights;
    private readonly Layer[] _drops;

    // Slices that together are the whole of a layer, by each of them.
    private readonly Dictionary<Layer, Layer[]> _splits;
    private Tensor[] _carried = [];

    /// <param name="network">Of which the layer is one.</param>
    /// <param name="layer">The recurrent layer.</param>
    /// <param name="weights">The network's, by name.</param>
    public RecurrentLoop(Network network, Layer layer, Dictionary<string, Tensor> weights)
    {
        _network = network;
        _cell = ((Op.Recurrent)layer.Op).Cell;
        var prefix = layer.Name.Replace('/', '.');
        var isAhead = new bool[_cell.Layers.Length];
        isAhead[0] = true;
        foreach (var inner in _cell.Layers.Where(inner => inner.Op is not Op.Input))
        {
            isAhead[inner.Index] = inner.Inputs.All(input => isAhead[input.Index]);
        }

        var computed = _cell.Layers.Where(inner => inner.Op is not Op.Input).ToLookup(inner => isAhead[inner.Index]);
        _perStep = [.. computed[false].SelectMany(inner => inner.Inputs).Concat(_cell.States.Select(state => state.After)).Where(read => isAhead[read.Index]).Select(read => read.Index).Distinct()];
        _ahead = Step.Bind([.. computed[true].Select(PlanStep.Of)], Weights, [_cell.Input, .. _perStep.Select(place => _cell.Layers[place])]);
        _each = Step.Bind([.. computed[false].Select(PlanStep.Of)], Weights, [.. _cell.Layers.Where(inner => inner.Op is Op.Input), .. _cell.States.Select(state => state.After)]);

        _splits = computed[false].Where(inner => inner.Op is Op.Slice).GroupBy(slice => slice.Inputs[0]).Select(slices => slices.ToArray()).Where(IsWhole)
            .SelectMany(slices => slices.Select(slice => (slice, slices))).ToDictionary();

        _drops = [.. _ahead.Concat(_each).Select(step => step.Layer).Where(inner => inner.Op is Op.Dropout { Probability: > 0 }).DistinctBy(MaskName)];
        _weights = [.. _cell.Layers.SelectMany(Weights)];
        if (!_cell.IsRelaxed)
        {
            _evaluates = RecurrentProgram.Of(_cell, _ => null);
            _trains = RecurrentProgram.Of(_cell, inner => Array.FindIndex(_drops, drop => MaskName(drop) == MaskName(inner)) is >= 0 and var mask ? mask : null);
        }

        static bool IsWhole(Layer[] slices)
        {
            var end = 0;
            return slices.Length > 1
                && slices.Select(slice => (Op.Slice)slice.Op).All(slice => slice.Start == end && (end += slice.Count) > 0) && end == slices[0].Inputs[0].Shape.Channels;
        }

        Tensor[] Weights(Layer inner) => [.. WeightSpec.Of(inner).Select(spec => weights[$"{prefix}.{spec.Name}"])];
    }

    /// <summary>The states at which the last batch ended, with which the next one begins; none for zeros. Whoever takes them owns them.</summary>
    public Tensor[] TakeStates()
    {
        var taken = _carried;
        _carried = [];
        return taken;
    }

    /// <summary>The next batch begins with copies of these.</summary>
    public void PutStates(Tensor[] states)
    {
        ResetState();
        _carried = Array.ConvertAll(states, state => state.alias().DetachFromDisposeScope());
    }

    /// <summary>Forgets at which states the last batch ended.</summary>
    public void ResetState()
    {
        foreach (var state in _carried)
        {
            state.Dispose();
        }

        _carried = [];
    }

    /// <param name="sequence"><c>[batch, steps, features]</c>.</param>
    /// <returns>The first state after each step, <c>[batch, steps, its size]</c>.</returns>
    public Tensor Run(Tensor sequence)
    {
        if (_evaluates is null || _trains is null || !Kernels.covers_recurrent(sequence))
        {
            return RunByStep(sequence);
        }

        var batch = sequence.shape[0];
        var masks = _network.training ? Array.ConvertAll(_drops, drop => _network.MaskOf(((Op.Dropout)drop.Op).Probability, [batch, drop.Shape.Channels], sequence.dtype)) : [];
        var states = Start(batch, sequence);
        var (sequenceOut, after) = Kernels.recurrent(_network.training ? _trains : _evaluates, sequence, states, _weights, masks);
        Carry(after);
        foreach (var tensor in masks.Concat(states).Concat(after))
        {
            tensor.Dispose();
        }

        return sequenceOut;
    }

    /// <summary>As <see cref="Run(Tensor)"/>, operator by operator.</summary>
    internal Tensor RunByStep(Tensor sequence)
    {
        var (batch, steps) = (sequence.shape[0], sequence.shape[1]);
        var masks = new Dictionary<string, Tensor>();
        var values = new Tensor?[_cell.Layers.Length];
        using (var turned = sequence.transpose(0, 1))
        {
            values[0] = turned.reshape(-1, sequence.shape[2]); // all steps of all examples, step by step
        }

        Step.RunAll(_ahead, values, (step, known) => Run(step, known, masks, batch));
        var slices = Array.ConvertAll(_perStep, place =>
        {
            using var perStep = values[place]!.view(steps, batch, -1); // not null: it is kept
            return perStep.unbind(0);
        });
        values[0]!.Dispose(); // not null: it was put there
        foreach (var place in _perStep)
        {
            values[place]!.Dispose();
        }

        var states = Start(batch, sequence);
        var owned = new List<Tensor>(states);
        var outputs = new Tensor[steps];
        for (var moment = 0; moment < steps; moment++)
        {
            for (var state = 0; state < states.Length; state++)
            {
                values[_cell.States[state].Before.Index] = states[state];
            }

            for (var slice = 0; slice < slices.Length; slice++)
            {
                values[_perStep[slice]] = slices[slice][moment];
                owned.Add(slices[slice][moment]);
            }

            Step.RunAll(_each, values, (step, known) => Run(step, known, masks, batch));
            states = [.. _cell.States.Select(state => values[state.After.Index]!)]; // not null: it is kept
            owned.AddRange(states);
            outputs[moment] = states[0];
        }

        var sequenceOut = stack(outputs, 1);
        Carry(states);
        foreach (var tensor in owned.Concat(masks.Values))
        {
            tensor.Dispose();
        }

        return sequenceOut;
    }

    private void Carry(Tensor[] states)
    {
        ResetState();
        if (_network.CarriesState)
        {
            _carried = Array.ConvertAll(states, state => state.detach().DetachFromDisposeScope());
        }
    }

    private Tensor[] Start(long batch, Tensor like) =>
        _carried is [var first, ..] && first.shape[0] == batch
            ? Array.ConvertAll(_carried, state => state.alias())
            : [.. _cell.States.Select(state => zeros([batch, state.Before.Shape.Channels], dtype: like.dtype, device: like.device))];

    private Tensor Run(Step step, Tensor?[] values, Dictionary<string, Tensor> masks, long batch)
    {
        // One split of a layer goes backwards as one join, where each slice alone makes zeros of the whole.
        if (_splits.TryGetValue(step.Layer, out var slices))
        {
            if (slices[0] == step.Layer)
            {
                var parts = values[step.Inputs[0]]!.split([.. slices.Select(slice => (long)slice.Shape.Channels)], 1); // not null: inputs come first
                foreach (var (slice, part) in slices.Zip(parts))
                {
                    values[slice.Index] = part;
                }
            }

            return values[step.Layer.Index]!; // not null: it was put there with the first
        }

        if (step.Layer.Op is Op.BatchNorm norm)
        {
            // In evaluation, too: with the moving averages of other batches nothing would hold states that go round, and they would grow without end. One example alone stays as it is.
            var before = values[step.Inputs[0]]!; // not null: inputs come first
            return before.shape[0] == 1 ? before.alias() : F.batch_norm(before, null, null, null, null, training: true, norm.Momentum, norm.Epsilon);
        }

        if (step.Layer.Op is not Op.Dropout dropout || !_network.training || dropout.Probability == 0)
        {
            return _network.Run(step, values);
        }

        var x = values[step.Inputs[0]]!; // not null: inputs come first
        var features = step.Layer.Shape.Channels;
        var name = MaskName(step.Layer);
        if (!masks.TryGetValue(name, out var mask))
        {
            masks[name] = mask = _network.MaskOf(dropout.Probability, [batch, features], x.dtype);
        }

        using var perStep = x.view(-1, batch, features); // of one step, or of all
        using var dropped = perStep * mask;
        return dropped.view(-1, features);
    }

    private static string MaskName(Layer layer) => ((Op.Dropout)layer.Op).Mask is { } shared ? $"mask {shared}" : layer.Name;
}
