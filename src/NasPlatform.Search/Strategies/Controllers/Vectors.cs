using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>What a controller computes with whole vectors of <c>float</c>, or of <c>double</c> where its gradients are checked.</summary>
internal static class Vectors
{
    /// <summary>The smallest whole number of vectors that holds so many numbers, in numbers.</summary>
    public static int Padded<T>(int count) => (count + Vector<T>.Count - 1) / Vector<T>.Count * Vector<T>.Count;

    /// <summary>x·y + z, rounded once where the processor can.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> MultiplyAdd<T>(Vector<T> x, Vector<T> y, Vector<T> z) => typeof(T) == typeof(float)
        ? Vector.MultiplyAddEstimate(x.As<T, float>(), y.As<T, float>(), z.As<T, float>()).As<float, T>()
        : Vector.MultiplyAddEstimate(x.As<T, double>(), y.As<T, double>(), z.As<T, double>()).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Tanh<T>(Vector<T> x) => Vector<T>.One - ((Vector<T>.One + Vector<T>.One) / (Vector<T>.One + Exp(x + x)));

    /// <summary>σ of each number of whole vectors, in its place.</summary>
    public static void Sigmoid<T>(Span<T> row)
    {
        ref var numbers = ref MemoryMarshal.GetReference(row);
        for (var at = 0; at < row.Length; at += Vector<T>.Count)
        {
            (Vector<T>.One / (Vector<T>.One + Exp(-Load(ref numbers, at)))).StoreUnsafe(ref numbers, (nuint)at);
        }
    }

    /// <summary>The hyperbolic tangent of each number of whole vectors, in its place.</summary>
    public static void Tanh<T>(Span<T> row)
    {
        ref var numbers = ref MemoryMarshal.GetReference(row);
        for (var at = 0; at < row.Length; at += Vector<T>.Count)
        {
            Tanh(Load(ref numbers, at)).StoreUnsafe(ref numbers, (nuint)at);
        }
    }

    /// <summary>The sum of the products of two rows of whole vectors.</summary>
    public static T Dot<T>(ReadOnlySpan<T> left, ReadOnlySpan<T> right)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(right.Length, left.Length);
        ref var lefts = ref MemoryMarshal.GetReference(left);
        ref var rights = ref MemoryMarshal.GetReference(right);
        var sum = Vector<T>.Zero;
        for (var at = 0; at < left.Length; at += Vector<T>.Count)
        {
            sum = MultiplyAdd(Load(ref lefts, at), Load(ref rights, at), sum);
        }

        return Vector.Sum(sum);
    }

    /// <summary><paramref name="target"/> += <paramref name="factor"/>·<paramref name="row"/>, of whole vectors.</summary>
    public static void AddScaled<T>(Span<T> target, T factor, ReadOnlySpan<T> row)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(row.Length, target.Length);
        ref var targets = ref MemoryMarshal.GetReference(target);
        ref var rows = ref MemoryMarshal.GetReference(row);
        var factors = new Vector<T>(factor);
        for (var at = 0; at < target.Length; at += Vector<T>.Count)
        {
            MultiplyAdd(factors, Load(ref rows, at), Load(ref targets, at)).StoreUnsafe(ref targets, (nuint)at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<T> Load<T>(ref T numbers, int at) => Vector.LoadUnsafe(ref numbers, (nuint)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<T> Exp<T>(Vector<T> x) => typeof(T) == typeof(float)
        ? Exp(x.As<T, float>()).As<float, T>()
        : Vector.Exp(x.As<T, double>()).As<double, T>();

    // eˣ = 2ⁿ · eʳ with n the whole number next to x / ln 2, so that |r| ≤ ln 2 / 2, where seven terms of the series behind the 1 are as exact as a float. The runtime's own goes by way of doubles.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Exp(Vector<float> x)
    {
        const float HighLn2 = 0.693359375f; // few bits, so that n times it is exact
        const float LowLn2 = -2.12194440e-4f;
        x = Vector.MinNative(new(88), Vector.MaxNative(new(-87), x)); // in this order, what is no number stays so
        var n = Vector.Round(x * float.Log2(float.E));
        var r = Vector.MultiplyAddEstimate(n, new(-LowLn2), Vector.MultiplyAddEstimate(n, new(-HighLn2), x));
        var series = new Vector<float>(1 / 5040f);
        series = Vector.MultiplyAddEstimate(series, r, new(1 / 720f));
        series = Vector.MultiplyAddEstimate(series, r, new(1 / 120f));
        series = Vector.MultiplyAddEstimate(series, r, new(1 / 24f));
        series = Vector.MultiplyAddEstimate(series, r, new(1 / 6f));
        series = Vector.MultiplyAddEstimate(series, r, new(1 / 2f));
        series = Vector.MultiplyAddEstimate(series, r, Vector<float>.One);
        series = Vector.MultiplyAddEstimate(series, r, Vector<float>.One);
        return series * Vector.AsVectorSingle((Vector.ConvertToInt32Native(n) + new Vector<int>(127)) << 23);
    }
}
