using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training.Bilevel;

/// <summary>
/// The gradient of a validation loss with respect to architecture parameters α, where the weights w follow a training loss (Liu et al. 2019, arXiv 1806.09055, §2.3, equations 7 and 8; released code). Only what is
/// asked for is differentiated. The second order moves the weights where they are and puts them back from a copy, so that they are the same afterwards to the last bit.
/// </summary>
/// <remarks>
/// The pass at w counts in the statistics of batch norms, as any pass of a training. What the passes at other weights, w' and w ± εv, do to them is undone; in the released code it is for w' only, so that there
/// the training batch of a second-order step counts three times.
/// </remarks>
/// <param name="weights">w.</param>
/// <param name="alphas">α.</param>
/// <param name="buffers">What passes change beside gradients.</param>
internal sealed class ArchitectureGradient(IReadOnlyList<Parameter> weights, IReadOnlyList<Parameter> alphas, IReadOnlyList<Tensor> buffers)
{
    /// <summary>How far the finite difference moves the weights, by their common norm, to either side.</summary>
    private const double Distance = 0.01;

    /// <summary>∇α L_val(w, α).</summary>
    /// <param name="validationLoss">A scalar, computed anew at each call.</param>
    /// <returns>The loss, detached, and a gradient for each of α; null where it had no part. They belong to the caller's dispose scope.</returns>
    public (Tensor Loss, Tensor?[] Gradients) FirstOrder(Func<Tensor> validationLoss)
    {
        using var scope = NewDisposeScope();
        using var _ = new HeldParameters(weights);
        var loss = validationLoss();
        return HandOut(loss, Of(loss, alphas));
    }

    /// <summary>∇α L_val(w', α) − ξ · (∇α L_train(w + εv, α) − ∇α L_train(w − εv, α)) / 2ε, with v = ∇w' L_val(w', α) and ε = 0.01 / ‖v‖.</summary>
    /// <param name="trainLoss">A scalar, computed anew at each call.</param>
    /// <param name="validationLoss">Likewise.</param>
    /// <param name="step">From w to w'.</param>
    /// <returns>As <see cref="FirstOrder"/>; the loss is that at w'.</returns>
    public (Tensor Loss, Tensor?[] Gradients) SecondOrder(Func<Tensor> trainLoss, Func<Tensor> validationLoss, UnrolledStep step)
    {
        using var scope = NewDisposeScope();
        var weightsBefore = Copies(weights);
        var direction = TrainGradients();
        Clip(direction, step.GradientClip);
        var buffersBefore = Copies(buffers);
        try
        {
            Unroll(direction, step);
            var loss = validationLoss();
            var all = Of(loss, [.. alphas, .. weights]);
            var (gradients, v) = (all[..alphas.Count], all[alphas.Count..]);
            Clip(v, step.GradientClip);
            var epsilon = Distance / Norm(v);

            var above = AlphaGradientsBeside(epsilon);
            var below = AlphaGradientsBeside(-epsilon);
            var scale = step.LearningRate / (2 * epsilon);
            using var _ = no_grad();
            for (var row = 0; row < alphas.Count; row++)
            {
                if (above[row] is { } up && below[row] is { } down)
                {
                    var indirect = (up - down) * scale;
                    gradients[row] = gradients[row] is { } direct ? direct - indirect : -indirect;
                }
            }

            return HandOut(loss, gradients);

            Tensor?[] AlphaGradientsBeside(Tensor distance)
            {
                using var inner = NewDisposeScope();
                Restore(weights, weightsBefore);
                using (no_grad())
                {
                    foreach (var (weight, along) in weights.Zip(v))
                    {
                        if (along is not null)
                        {
                            weight.addcmul_(along, distance, 1);
                        }
                    }
                }

                using var _ = new HeldParameters(weights);
                return MoveOut(Of(trainLoss(), alphas));
            }
        }
        finally
        {
            Restore(weights, weightsBefore);
            Restore(buffers, buffersBefore);
        }

        Tensor?[] TrainGradients()
        {
            using var _ = new HeldParameters(alphas);
            return Of(trainLoss(), weights);
        }
    }

    private void Unroll(Tensor?[] gradients, UnrolledStep step)
    {
        using var _ = no_grad();
        foreach (var ((weight, gradient), buffer) in weights.Zip(gradients).Zip(step.Buffers))
        {
            if (gradient is null)
            {
                continue; // SGD does not move what has no gradient
            }

            var change = gradient.add_(weight, step.WeightDecay);
            if (buffer is not null)
            {
                change.add_(buffer, step.Momentum);
            }

            weight.add_(change, -step.LearningRate);
        }
    }

    private static (Tensor Loss, Tensor?[] Gradients) HandOut(Tensor loss, Tensor?[] gradients) => (loss.detach().MoveToOuterDisposeScope(), MoveOut(gradients));

    private static Tensor?[] MoveOut(Tensor?[] gradients) => Array.ConvertAll(gradients, gradient => gradient?.MoveToOuterDisposeScope());

    /// <summary>The gradients of a loss, null where a parameter had no part in it; what the passes kept is freed.</summary>
    private static Tensor?[] Of(Tensor loss, IReadOnlyList<Parameter> parameters) =>
        [.. autograd.grad([loss], [.. parameters], allow_unused: true).Select(gradient => gradient.IsInvalid ? null : gradient)];

    /// <summary>Scales them all so that their common norm is at most that.</summary>
    private static void Clip(Tensor?[] gradients, double? most)
    {
        using var _ = no_grad();
        if (most is not { } limit || Norm(gradients).item<float>() is var norm && norm <= limit)
        {
            return;
        }

        foreach (var gradient in gradients)
        {
            gradient?.mul_(limit / (norm + 1e-6));
        }
    }

    /// <summary>The common norm of all, on their device.</summary>
    private static Tensor Norm(Tensor?[] tensors) => stack(tensors.OfType<Tensor>().Select(tensor => tensor.norm())).norm().clamp_min(1e-12); // of zeros the difference is zero, too

    private static Tensor[] Copies(IEnumerable<Tensor> tensors)
    {
        using var _ = no_grad();
        return [.. tensors.Select(tensor => tensor.clone())];
    }

    private static void Restore(IEnumerable<Tensor> tensors, IEnumerable<Tensor> before)
    {
        using var _ = no_grad();
        foreach (var (tensor, value) in tensors.Zip(before))
        {
            tensor.copy_(value);
        }
    }
}
