using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NasPlatform.Search.Training;

/// <summary>What training makes small.</summary>
internal static class Loss
{
    /// <summary>Cross entropy in nats where the targets are classes or tokens, squared error where they are numbers.</summary>
    /// <param name="outputs">What the network gave: logits <c>[n, classes]</c> or <c>[n, steps, vocabulary]</c>, or numbers <c>[n, numbers]</c>.</param>
    /// <param name="targets"><c>int64 [n]</c> or <c>[n, steps]</c>, or <c>float32 [n, numbers]</c>.</param>
    /// <param name="labelSmoothing">Probability taken from the right class and spread over all.</param>
    /// <param name="reduction">The mean over all targets, or their sum.</param>
    public static Tensor Of(Tensor outputs, Tensor targets, double labelSmoothing, nn.Reduction reduction = nn.Reduction.Mean) =>
        targets.dtype == float32
            ? F.mse_loss(outputs.to(float32), targets, reduction)
            : Kernels.cross_entropy(outputs.reshape(-1, outputs.shape[^1]), targets.reshape(-1), labelSmoothing, reduction);
}
