using TorchSharp;

namespace NasPlatform.Torch;

/// <summary>Numbers below 1e-38, which processors handle a hundred times slower than others.</summary>
public static class Denormals
{
    /// <summary>
    /// Takes them for zero on this thread and on those it starts from now on. Weights that decay or saturated
    /// activations run into them; a trainer turns this on for its thread.
    /// </summary>
    /// <returns>False where the processor cannot, or against TorchSharp's package, which has no such switch.</returns>
    public static bool Flush(bool flush = true) =>
#if TORCH_PACKAGE
        false;
#else
        Native.nas_set_flush_denormal(flush);
#endif
}
