using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>As what and where a tensor is made; what is left out, libtorch or the given tensor decides.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct Placement
{
    private readonly sbyte _dtype;
    private readonly sbyte _deviceType;
    private readonly short _deviceIndex;
    private readonly byte _requiresGrad;

    private Placement(ScalarType? dtype, Device? device, bool requiresGrad)
    {
        _dtype = dtype is { } type ? (sbyte)type : (sbyte)-1;
        _deviceType = device is null ? (sbyte)-1 : (sbyte)device.type;
        _deviceIndex = device is null ? (short)-1 : (short)device.index;
        _requiresGrad = requiresGrad ? (byte)1 : (byte)0;
    }

    /// <summary>For a new tensor: what is left out is the default type and device.</summary>
    internal static Placement New(ScalarType? dtype, Device? device, bool requiresGrad = false) =>
        new(dtype ?? get_default_dtype(), device ?? get_default_device(), requiresGrad);

    /// <summary>For a tensor like another one: what is left out is as there.</summary>
    internal static Placement Like(ScalarType? dtype = null, Device? device = null, bool requiresGrad = false) =>
        new(dtype, device, requiresGrad);
}
