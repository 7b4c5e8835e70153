using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Which primitive holds which type of element.</summary>
internal static class ElementTypes
{
    internal static ScalarType Of<T>() where T : unmanaged => Of(typeof(T));

    internal static ScalarType Of(Type type) =>
        type == typeof(float) ? ScalarType.Float32
        : type == typeof(double) ? ScalarType.Float64
        : type == typeof(long) ? ScalarType.Int64
        : type == typeof(int) ? ScalarType.Int32
        : type == typeof(byte) ? ScalarType.Byte
        : type == typeof(bool) ? ScalarType.Bool
        : type == typeof(short) ? ScalarType.Int16
        : type == typeof(sbyte) ? ScalarType.Int8
        : type == typeof(Half) ? ScalarType.Float16
        : throw new ArgumentException($"Tensors do not hold elements of type {type.Name}.");

    internal static void Require<T>(ScalarType dtype) where T : unmanaged
    {
        if (Of<T>() != dtype) throw new ArgumentException($"{typeof(T).Name} is not compatible with {dtype}.");
    }

    internal static T From<T>(double real, long integer) where T : unmanaged
    {
        if (typeof(T) == typeof(float)) return (T)(object)(float)real;
        if (typeof(T) == typeof(double)) return (T)(object)real;
        if (typeof(T) == typeof(Half)) return (T)(object)(Half)real;
        if (typeof(T) == typeof(long)) return (T)(object)integer;
        if (typeof(T) == typeof(int)) return (T)(object)(int)integer;
        if (typeof(T) == typeof(short)) return (T)(object)(short)integer;
        if (typeof(T) == typeof(sbyte)) return (T)(object)(sbyte)integer;
        if (typeof(T) == typeof(byte)) return (T)(object)(byte)integer;
        return (T)(object)(integer != 0);
    }
}
