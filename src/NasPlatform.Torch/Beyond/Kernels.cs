using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace NasPlatform.Torch;

/// <summary>The vector instructions that <see cref="Kernels"/> compute with.</summary>
public enum Instructions { Portable, Avx2, Avx512 }

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

    private static long[] Both(long[] sizes) => Sizes.Both(sizes, 1);
#endif
}
