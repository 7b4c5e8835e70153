using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Kinds of entry in an index expression, numbered as native code numbers them.</summary>
internal enum IndexKind : long
{
    None,
    Ellipsis,
    Single,
    Bool,
    Slice,
    Tensor,
}

/// <summary>One entry of an index expression as native code takes it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct IndexItem
{
    private const long Missing = long.MinValue;

    private readonly IndexKind _kind;
    private readonly long _start;
    private readonly long _stop;
    private readonly long _step;
    private readonly IntPtr _tensor;

    private IndexItem(TensorIndex index)
    {
        _kind = index.Kind;
        _start = index.Start ?? Missing;
        _stop = index.Stop ?? Missing;
        _step = index.Step ?? Missing;
        _tensor = index.Index?.Handle ?? IntPtr.Zero;
    }

    internal static IndexItem[] Of(TensorIndex[] indices) => Array.ConvertAll(indices, index => new IndexItem(index));
}
