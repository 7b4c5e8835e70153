using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Torch;

/// <summary>
/// Mixed precision: until it is disposed, operators on this thread that are safe and faster in a narrow type (products,
/// convolutions) compute in it, and the others stay in float32. Parameters stay float32; losses are computed inside,
/// backward() is called outside. To be disposed on the thread that made it, innermost first.
/// </summary>
/// <remarks>TorchSharp has no such thing: against its package this does nothing, and all is computed in float32.</remarks>
public sealed class Autocast : IDisposable
{
#if TORCH_PACKAGE
    public Autocast(DeviceType device, ScalarType dtype, bool enabled = true)
    {
    }

    public static bool Pays(DeviceType device) => false;

    public void Dispose()
    {
    }
#else
    private readonly DeviceType _device;
    private readonly int _dtypeBefore;
    private readonly Flag _enabledBefore;
    private bool _left;

    /// <summary>
    /// Whether bfloat16 is computed faster than float32: by processors with AVX512-BF16, and by GPUs of compute capability 8.0 on (Ampere) with cuDNN 8. Others have no instructions for it, and a network
    /// of 3×3 convolutions took 30 times as long on one with AVX2.
    /// </summary>
    public static bool Pays(DeviceType device) => device switch
    {
        DeviceType.CPU => Avx512BW.IsSupported && HasAvx512BFloat16(),
        DeviceType.CUDA => cuda.is_available() && Native.nas_cuda_has_bfloat16(),
        _ => false,
    };

    /// <summary>Bit 5 of EAX in the second part of CPUID's leaf 7; the first part's EAX is the last part there is.</summary>
    private static bool HasAvx512BFloat16() => X86Base.CpuId(7, 0).Eax >= 1 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;

    /// <param name="device"><see cref="DeviceType.CPU"/> or <see cref="DeviceType.CUDA"/>.</param>
    /// <param name="dtype">bfloat16, or float16 on CUDA.</param>
    /// <param name="enabled">False keeps to float32 within an outer one.</param>
    public Autocast(DeviceType device, ScalarType dtype, bool enabled = true)
    {
        if (dtype != ScalarType.BFloat16 && !(dtype == ScalarType.Float16 && device == DeviceType.CUDA))
            throw new ArgumentException($"Mixed precision on {device} computes in {(device == DeviceType.CUDA ? "float16 or bfloat16" : "bfloat16")}, not in {dtype}.", nameof(dtype));
        _device = device;
        Native.nas_autocast_enter((int)device, (int)dtype, enabled, out _enabledBefore, out _dtypeBefore);
    }

    public void Dispose()
    {
        if (_left) return;
        _left = true;
        Native.nas_autocast_leave((int)_device, _dtypeBefore, _enabledBefore);
    }
#endif

    public Autocast(Device device, ScalarType dtype, bool enabled = true) : this(device.type, dtype, enabled)
    {
    }
}
