using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>A scalar by value as native code takes it: a double, an integer or a boolean, or none.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct Number
{
    private readonly NumberKind _kind;
    private readonly long _bits;

    private Number(NumberKind kind, long bits) => (_kind, _bits) = (kind, bits);

    internal static Number None => new(NumberKind.None, 0);
    internal NumberKind Kind => _kind;
    internal double Real => _kind == NumberKind.Real ? BitConverter.Int64BitsToDouble(_bits) : _bits;
    internal long Integer => _kind == NumberKind.Real ? (long)Real : _bits;

    public static implicit operator Number(double value) => new(NumberKind.Real, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Number(long value) => new(NumberKind.Integer, value);
    public static implicit operator Number(bool value) => new(NumberKind.Boolean, value ? 1 : 0);
}

internal enum NumberKind : long
{
    Real,
    Integer,
    Boolean,
    None,
}
