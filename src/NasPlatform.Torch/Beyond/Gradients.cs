using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NasPlatform.Torch;

/// <summary>What becomes of gradients between steps.</summary>
public static class Gradients
{
    /// <summary>
    /// Frees the gradients of all that an optimiser changes, so that the next backward pass hands its own over without an
    /// addition; or sets them to zero where they are, which keeps their memory (and addresses, for captured graphs).
    /// </summary>
    public static void zero_grad(this optim.Optimizer optimizer, bool set_to_none)
    {
        if (!set_to_none)
        {
            optimizer.zero_grad();
            return;
        }
#if TORCH_PACKAGE
        foreach (Parameter parameter in optimizer.parameters()) parameter.grad = null;
#else
        TensorList list = TensorList.Of(optimizer.parameters());
        Native.nas_zero_grad(list, list.Count, true);
#endif
    }
}
