using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace NasPlatform.Torch;

/// <summary>The vector instructions that <see cref="Kernels"/> compute with.</summary>
public enum Instructions { Portable, Avx2, Avx512 }

/// <summary>A batch norm's tensors, of one number a channel each, and constants.</summary>
/// <param name="RunningMean">Moved in training, used in evaluation.</param>
/// <param name="RunningVariance">As the mean; of n - 1.</param>
/// <param name="Weight">What normalised values are multiplied by; null for 1.</param>
/// <param name="Bias">What is added then; null for 0.</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Momentum">The weight of the new value in the running ones.</param>
public sealed record BatchNormalisation(Tensor RunningMean, Tensor RunningVariance, Tensor? Weight, Tensor? Bias, double Epsilon, double Momentum);

/// <summary>A term of <see cref="Kernels.norm_sum"/>.</summary>
/// <param name="Value">[N, C, H, W] or [N, C].</param>
/// <param name="Norm">The batch norm it goes through; null for none.</param>
/// <param name="Share">A tensor of one number that it is multiplied by then; null for 1.</param>
public readonly record struct NormTerm(Tensor Value, BatchNormalisation? Norm = null, Tensor? Share = null);

/// <summary>
/// Layers that libtorch computes slowly on processors, from kernels of our own: forward, gradients, and gradients of
/// gradients. Images lie in memory as NCHW or channels last, and the output lies as the input does. The result does not
/// depend on the number of threads. What the kernels do not cover (other devices, types and sizes) is libtorch's own
/// operator, with its results and errors, so nobody need ask.
/// </summary>
/// <remarks>Against the TorchSharp package all of it is libtorch's operators.</remarks>
public static class Kernels
{
    /// <summary>
    /// Bounds the instructions used, for tests and measurements, and answers those now in use: the best that the processor
    /// has and the bound allows. For the whole process.
    /// </summary>
    public static Instructions limit(Instructions highest) =>
#if TORCH_PACKAGE
        Instructions.Portable;
#else
        (Instructions)Native.nas_limit_instructions((int)highest);
#endif

    /// <summary>
    /// Convolution. Ours for channels that come last in memory and are all in one group, outside of <see cref="Autocast"/>: with a kernel of
    /// 1×1 and stride 1 for 32 to 128 channels in whole vectors, and with one of 3×3, stride 1, dilation 1 and padding of 0 to 2 for 16 channels
    /// and more, by Winograd's F(4×4, 3×3); that is off by some 10⁻⁵ of the greatest number.
    /// </summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="weight">[K, C / groups, kernel height, kernel width].</param>
    /// <param name="bias">[K], or none.</param>
    /// <param name="strides">Of rows and columns; so are the next two.</param>
    /// <param name="padding">Zeros before and behind.</param>
    /// <param name="dilation">Distance between taps.</param>
    /// <param name="groups">Into which channels are cut.</param>
    public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias, long[] strides, long[] padding, long[] dilation, long groups = 1) =>
#if TORCH_PACKAGE
        functional.conv2d(input, weight, bias, strides, padding, dilation, groups);
#else
        Native.nas_conv2d_dense(input, weight, bias, Both(strides), Both(padding), Both(dilation), groups);
#endif

    /// <summary>
    /// Half the size without losing every other pixel: two 1×1 convolutions of stride 2, the second of the image moved up and left by a pixel, zeros coming after it, side by side
    /// (FactorizedReduce of Liu et al. 2019). Ours for float32 and float64 whose channels come last in memory, outside of <see cref="Autocast"/>: the image is read once, and its gradient written once.
    /// </summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="straight">[K, C, 1, 1].</param>
    /// <param name="shifted">[L, C, 1, 1].</param>
    /// <returns>[N, K + L, H / 2, W / 2], halves rounded up.</returns>
    public static Tensor factorized_reduction(Tensor input, Tensor straight, Tensor shifted)
    {
#if TORCH_PACKAGE
        using var padded = functional.pad(input, (0, 1, 0, 1));
        using var rows = padded.narrow(2, 1, input.shape[2]);
        using var moved = rows.narrow(3, 1, input.shape[3]);
        using var first = functional.conv2d(input, straight, stride: 2);
        using var second = functional.conv2d(moved, shifted, stride: 2);
        return torch.cat([first, second], 1);
#else
        return Native.nas_factorized_reduction(input, straight, shifted);
#endif
    }

    /// <summary>
    /// Convolution of each channel with a kernel of its own. Ours for sides of 1 to 7, strides and dilations of 1 and 2;
    /// bfloat16 images are computed in float32, with weights in float32.
    /// </summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="weight">[C, 1, kernel height, kernel width].</param>
    /// <param name="bias">[C], or none.</param>
    /// <param name="strides">Of rows and columns; so are the next two.</param>
    /// <param name="padding">Zeros before and behind.</param>
    /// <param name="dilation">Distance between taps.</param>
    public static Tensor conv2d_depthwise(Tensor input, Tensor weight, Tensor? bias, long[] strides, long[] padding, long[] dilation) =>
#if TORCH_PACKAGE
        functional.conv2d(input, weight, bias, strides, padding, dilation, input.shape[1]);
#else
        Native.nas_conv2d_depthwise(input, weight, bias, Both(strides), Both(padding), Both(dilation));
#endif

    /// <summary>
    /// The greatest number that each window covers. Of equals the first gets the gradient; what is not a number is greater than
    /// any. Ours for sides of 1 to 7; where a gradient is wanted it keeps one byte for each output.
    /// </summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="kernel">Sides of the window: of rows and columns; so are the next two.</param>
    /// <param name="strides">From window to window.</param>
    /// <param name="padding">Places before and behind that are never the greatest: at most half the side.</param>
    public static Tensor max_pool2d(Tensor input, long[] kernel, long[] strides, long[] padding) =>
#if TORCH_PACKAGE
        functional.max_pool2d(input, kernel, strides, padding);
#else
        Native.nas_pool2d_maximum(input, Both(kernel), Both(strides), Both(padding));
#endif

    /// <summary>
    /// Cross entropy in nats. Ours for the mean or sum of logits on the processor where all targets are classes; it keeps no
    /// second copy of the logits.
    /// </summary>
    /// <param name="logits">[n, classes]. The loss of narrower ones than float32 is in that.</param>
    /// <param name="targets">int64 [n].</param>
    /// <param name="label_smoothing">Probability taken from the right class and spread over all.</param>
    /// <param name="reduction">Of the n losses.</param>
    public static Tensor cross_entropy(Tensor logits, Tensor targets, double label_smoothing = 0, Reduction reduction = Reduction.Mean) =>
#if TORCH_PACKAGE
        functional.cross_entropy(logits.dtype == ScalarType.Float64 ? logits : logits.to(ScalarType.Float32), targets, reduction: reduction, label_smoothing: label_smoothing);
#else
        Native.nas_smooth_cross_entropy(logits, targets, label_smoothing, (long)reduction);
#endif

    /// <summary>
    /// Whether <see cref="recurrent"/> is to be had for sequences like this one: float32 or float64 on the processor, outside
    /// of <see cref="Autocast"/>.
    /// </summary>
    public static bool covers_recurrent(Tensor sequence) =>
#if TORCH_PACKAGE
        false;
#else
        Native.nas_covers_recurrent(sequence);
#endif

    /// <summary>
    /// Runs a recurrent cell over the steps of sequences: the first state after each step, [N, steps, numbers], and all states
    /// after the last step, through which no gradients flow. Differentiable any number of times by the sequence and the
    /// weights.
    /// </summary>
    /// <param name="cell">What is computed at each step.</param>
    /// <param name="sequence">[N, steps, features], as <see cref="covers_recurrent"/> asks; all others are of its type.</param>
    /// <param name="states">Before the first step, [N, numbers] each.</param>
    /// <param name="weights">Of the full layers, by the numbers that the cell has for them.</param>
    /// <param name="masks">[N, numbers] each.</param>
    public static (Tensor Sequence, Tensor[] States) recurrent(CellProgram cell, Tensor sequence, Tensor[] states, Tensor[] weights, Tensor[] masks)
    {
#if TORCH_PACKAGE
        throw new NotSupportedException("Nothing is covered.");
#else
        long[] code = cell.Code;
        Tensor[] results = Native.nas_recurrent(
            code, code.Length, sequence, TensorList.Of(states), states.Length, TensorList.Of(weights), weights.Length, TensorList.Of(masks), masks.Length, out _) ?? throw Native.Failure();
        return (results[0], results[1..]);
#endif
    }

    /// <summary>
    /// The mean of what each window covers of the image: padding does not count. Ours for sides of 1 to 7; bfloat16 is computed
    /// in float32.
    /// </summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="kernel">Sides of the window: of rows and columns; so are the next two.</param>
    /// <param name="strides">From window to window.</param>
    /// <param name="padding">Places before and behind: at most half the side.</param>
    public static Tensor avg_pool2d(Tensor input, long[] kernel, long[] strides, long[] padding) =>
#if TORCH_PACKAGE
        functional.avg_pool2d(input, kernel, strides, padding, count_include_pad: false);
#else
        Native.nas_pool2d_mean(input, Both(kernel), Both(strides), Both(padding));
#endif

    /// <summary>
    /// The sum of terms of one shape, each batch-normalised or as it is, or that sum's positive part: what passes over memory
    /// one after the other would do, in one. In bfloat16 if any term is.
    /// </summary>
    /// <param name="terms">One at least.</param>
    /// <param name="training">Whether norms go by the batch's statistics and move the running ones.</param>
    /// <param name="relu">Whether negative sums become zero.</param>
    public static Tensor norm_sum(ReadOnlySpan<NormTerm> terms, bool training, bool relu)
    {
#if TORCH_PACKAGE
        Tensor? sum = null;
        foreach ((Tensor value, BatchNormalisation? norm, Tensor? share) in terms)
        {
            Tensor term = norm is null ? value.alias() : functional.batch_norm(value, norm.RunningMean, norm.RunningVariance, norm.Weight, norm.Bias, training, norm.Momentum, norm.Epsilon);
            if (share is not null) term = term * share;
            sum = sum is null ? term : sum + term;
        }
        return relu ? sum!.relu() : sum!; // not null: there is a term
#else
        Tensor?[] tensors = new Tensor?[6 * terms.Length];
        double[] constants = new double[2 * terms.Length];
        for (int i = 0; i < terms.Length; i++)
        {
            (Tensor value, BatchNormalisation? norm, Tensor? share) = terms[i];
            (tensors[6 * i], tensors[6 * i + 1], tensors[6 * i + 2], tensors[6 * i + 3], tensors[6 * i + 4], tensors[6 * i + 5]) =
                (value, norm?.Weight, norm?.Bias, norm?.RunningMean, norm?.RunningVariance, share);
            (constants[2 * i], constants[2 * i + 1]) = (norm?.Epsilon ?? -1, norm?.Momentum ?? 0);
        }
        return Native.nas_norm_sum(TensorList.Of(tensors), constants, terms.Length, training, relu);
#endif
    }

#if !TORCH_PACKAGE
    private static long[] Both(long[] sizes) => Sizes.Both(sizes, 1);
#endif
}
