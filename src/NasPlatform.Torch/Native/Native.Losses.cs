using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor nas_cross_entropy(Tensor input, Tensor target, Tensor? weight, long ignoreIndex, long reduction, double labelSmoothing);
    [LibraryImport(Library)] internal static partial Tensor nas_nll_loss(Tensor input, Tensor target, Tensor? weight, long reduction);
    [LibraryImport(Library)] internal static partial Tensor nas_binary_cross_entropy(Tensor input, Tensor target, Tensor? weight, long reduction);
    [LibraryImport(Library)] internal static partial Tensor nas_binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight, long reduction, Tensor? positiveWeight);
    [LibraryImport(Library)] internal static partial Tensor nas_mse_loss(Tensor input, Tensor target, long reduction);
    [LibraryImport(Library)] internal static partial Tensor nas_l1_loss(Tensor input, Tensor target, long reduction);
    [LibraryImport(Library)] internal static partial Tensor nas_smooth_l1_loss(Tensor input, Tensor target, long reduction, double beta);
    [LibraryImport(Library)] internal static partial Tensor nas_huber_loss(Tensor input, Tensor target, long reduction, double delta);
    [LibraryImport(Library)] internal static partial Tensor nas_kl_div(Tensor input, Tensor target, long reduction, Flag logTarget);
}
