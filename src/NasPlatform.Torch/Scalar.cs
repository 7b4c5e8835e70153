using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>A number with its type, as libtorch's operators take it. Every primitive converts to one.</summary>
public sealed class Scalar : IDisposable
{
    internal Scalar(Number number) => Number = number;

    internal Number Number { get; }

    /// <summary><see cref="ScalarType.Float64"/>, <see cref="ScalarType.Int64"/> or <see cref="ScalarType.Bool"/>.</summary>
    public ScalarType Type => Number.Kind switch
    {
        NumberKind.Real => ScalarType.Float64,
        NumberKind.Boolean => ScalarType.Bool,
        _ => ScalarType.Int64,
    };

    public void Dispose()
    {
    }

    public static implicit operator Scalar(byte value) => new((long)value);
    public static implicit operator Scalar(sbyte value) => new((long)value);
    public static implicit operator Scalar(short value) => new((long)value);
    public static implicit operator Scalar(int value) => new((long)value);
    public static implicit operator Scalar(long value) => new(value);
    public static implicit operator Scalar(float value) => new((double)value);
    public static implicit operator Scalar(double value) => new(value);
    public static implicit operator Scalar(bool value) => new(value);
}

/// <summary>Between primitives and scalars.</summary>
public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this byte value) => value;
    public static Scalar ToScalar(this sbyte value) => value;
    public static Scalar ToScalar(this short value) => value;
    public static Scalar ToScalar(this int value) => value;
    public static Scalar ToScalar(this long value) => value;
    public static Scalar ToScalar(this float value) => value;
    public static Scalar ToScalar(this double value) => value;
    public static Scalar ToScalar(this bool value) => value;

    public static byte ToByte(this Scalar value) => (byte)value.Number.Integer;
    public static sbyte ToSByte(this Scalar value) => (sbyte)value.Number.Integer;
    public static short ToInt16(this Scalar value) => (short)value.Number.Integer;
    public static int ToInt32(this Scalar value) => (int)value.Number.Integer;
    public static long ToInt64(this Scalar value) => value.Number.Integer;
    public static float ToSingle(this Scalar value) => (float)value.Number.Real;
    public static double ToDouble(this Scalar value) => value.Number.Real;
    public static bool ToBoolean(this Scalar value) => value.Number.Real != 0;
}
