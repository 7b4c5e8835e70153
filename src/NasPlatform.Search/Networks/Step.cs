using TorchSharp;

namespace NasPlatform.Search.Networks;

/// <summary>A layer that is to be run.</summary>
/// <param name="Layer">What is done.</param>
/// <param name="Weights">With what, in the order of <see cref="WeightSpec.Of"/>; a tied layer's begin with those of its embedding.</param>
/// <param name="Inputs">To which values.</param>
/// <param name="LastReads">Which of them nobody reads afterwards.</param>
/// <param name="MayOverwrite">Whether the result may take the input's place.</param>
internal sealed record Step(Layer Layer, torch.Tensor[] Weights, int[] Inputs, int[] LastReads, bool MayOverwrite)
{
    /// <summary>Runs steps in order on the values by <see cref="Layer.Index"/>; those that nobody reads afterwards are let go.</summary>
    public static void RunAll(Step[] steps, torch.Tensor?[] values, Func<Step, torch.Tensor?[], torch.Tensor> run)
    {
        foreach (var step in steps)
        {
            values[step.Layer.Index] = run(step, values);
            foreach (var index in step.LastReads)
            {
                // The managed handle only: what the backward pass needs, libtorch keeps.
                if (!ReferenceEquals(values[index], values[step.Layer.Index]))
                {
                    values[index]!.Dispose(); // not null: it was read just now
                }

                values[index] = null;
            }
        }
    }

    /// <summary>The steps of layers in their order, without those whose values nobody wants.</summary>
    /// <param name="layers">What is to be run.</param>
    /// <param name="weights">The tensors of a layer, in the order of <see cref="WeightSpec.Of"/>.</param>
    /// <param name="kept">Layers whose values are wanted afterwards, or stay another's.</param>
    /// <param name="mayOverwrite">Which may take their input's place.</param>
    public static Step[] Plan(IReadOnlyList<Layer> layers, Func<Layer, torch.Tensor[]> weights, IEnumerable<Layer> kept, Func<Layer, bool> mayOverwrite)
    {
        var lastReaders = new Dictionary<int, Layer?>();
        foreach (var layer in layers)
        {
            foreach (var input in layer.Operands)
            {
                lastReaders[input.Index] = layer;
            }
        }

        foreach (var layer in kept)
        {
            lastReaders[layer.Index] = null;
        }

        return
        [
            .. layers.Where(layer => lastReaders.ContainsKey(layer.Index)).Select(layer => new Step(
                layer,
                layer.Op is Op.TiedLinear ? [.. weights(layer.Inputs[1]), .. weights(layer)] : weights(layer),
                [.. layer.Operands.Select(input => input.Index)],
                [.. layer.Operands.Select(input => input.Index).Distinct().Where(input => lastReaders[input] == layer)],
                mayOverwrite(layer))),
        ];
    }
}
