using TorchSharp;

namespace NasPlatform.Search.Networks;

/// <summary>A step of a plan with its weights.</summary>
/// <param name="Planned">What is done.</param>
/// <param name="Weights">With what, in the order of <see cref="WeightSpec.Of"/>; a tied layer's begin with those of its embedding. For a sum a list for each term, for a factorised reduction for each convolution.</param>
/// <param name="Inputs">To which values, by <see cref="Layer.Index"/>.</param>
/// <param name="LastReads">Which of them nobody reads afterwards.</param>
internal sealed record Step(PlanStep Planned, torch.Tensor[][] Weights, int[] Inputs, int[] LastReads)
{
    /// <summary>The layer whose output it gives.</summary>
    public Layer Layer => Planned.Result;

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

    /// <summary>The steps of a plan, without those whose values nobody wants.</summary>
    /// <param name="planned">In order.</param>
    /// <param name="weights">The tensors of a layer, in the order of <see cref="WeightSpec.Of"/>.</param>
    /// <param name="kept">Layers whose values are wanted afterwards, or stay another's.</param>
    public static Step[] Bind(IReadOnlyList<PlanStep> planned, Func<Layer, torch.Tensor[]> weights, IEnumerable<Layer> kept)
    {
        var lastReaders = new Dictionary<int, PlanStep?>();
        foreach (var step in planned)
        {
            foreach (var input in step.Reads)
            {
                lastReaders[input.Index] = step;
            }
        }

        foreach (var layer in kept)
        {
            lastReaders[layer.Index] = null;
        }

        return
        [
            .. planned.Where(step => lastReaders.ContainsKey(step.Result.Index)).Select(step => new Step(
                step,
                step.Sum is { } sum ? [.. sum.Terms.Select(term => term.Norm is { } norm ? weights(norm) : [])]
                    : step.Reduction is { } reduction ? [weights(reduction.Straight), weights(reduction.Shifted)]
                    : step.Result.Op is Op.TiedLinear ? [[.. weights(step.Result.Inputs[1]), .. weights(step.Result)]]
                    : [weights(step.Result)],
                [.. step.Reads.Select(input => input.Index)],
                [.. step.Reads.Select(input => input.Index).Distinct().Where(input => lastReaders[input] == step)])),
        ];
    }
}
