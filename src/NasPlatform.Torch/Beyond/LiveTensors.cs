using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Torch;

/// <summary>Tensors that this process holds. A loop that leaves as many as it found leaks none.</summary>
public static class LiveTensors
{
    /// <summary>Handles given out by the native library and not yet given back; unreachable ones count until they are finalised.</summary>
    public static long Count =>
#if TORCH_PACKAGE
        Tensor.TotalCount;
#else
        Native.nas_live_tensors();
#endif
}
