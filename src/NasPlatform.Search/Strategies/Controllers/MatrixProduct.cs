using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>Products of small matrices on one core: four rows by two vectors of columns at a time, whose sums stay in registers, or one row by four.</summary>
internal static class MatrixProduct
{
    /// <summary><c>c += a·b</c>. How many rows there are, and how many products are summed, follows from the sizes of <paramref name="c"/> and <paramref name="b"/>.</summary>
    /// <param name="a">Its number in row r and column k lies at <c>r·rowStep + k·innerStep</c>, so that it can be read turned.</param>
    /// <param name="rowStep">From one row to the next.</param>
    /// <param name="innerStep">From one column to the next.</param>
    /// <param name="b"><c>[inner, columns]</c>.</param>
    /// <param name="c"><c>[rows, columns]</c>.</param>
    /// <param name="columns">A whole number of vectors.</param>
    public static void Add<T>(ReadOnlySpan<T> a, int rowStep, int innerStep, ReadOnlySpan<T> b, Span<T> c, int columns)
    {
        var (rows, inner) = (c.Length / columns, b.Length / columns);
        if (rows == 0 || inner == 0)
        {
            return;
        }

        _ = a[((rows - 1) * rowStep) + ((inner - 1) * innerStep)]; // below, all that is read lies before it
        ref var left = ref MemoryMarshal.GetReference(a);
        ref var right = ref MemoryMarshal.GetReference(b);
        ref var sums = ref MemoryMarshal.GetReference(c);
        var row = 0;
        for (; row + 4 <= rows; row += 4)
        {
            ref var leftRow = ref Unsafe.Add(ref left, row * rowStep);
            ref var sumsRow = ref Unsafe.Add(ref sums, row * columns);
            var at = 0;
            for (; at + (2 * Vector<T>.Count) <= columns; at += 2 * Vector<T>.Count)
            {
                AddRows(ref leftRow, rowStep, innerStep, ref Unsafe.Add(ref right, at), ref Unsafe.Add(ref sumsRow, at), inner, columns, isPair: true);
            }

            if (at < columns)
            {
                AddRows(ref leftRow, rowStep, innerStep, ref Unsafe.Add(ref right, at), ref Unsafe.Add(ref sumsRow, at), inner, columns, isPair: false);
            }
        }

        for (; row < rows; row++)
        {
            ref var leftRow = ref Unsafe.Add(ref left, row * rowStep);
            ref var sumsRow = ref Unsafe.Add(ref sums, row * columns);
            var at = 0;
            for (; at + (4 * Vector<T>.Count) <= columns; at += 4 * Vector<T>.Count)
            {
                AddRow(ref leftRow, innerStep, ref Unsafe.Add(ref right, at), ref Unsafe.Add(ref sumsRow, at), inner, columns, isFour: true);
            }

            for (; at < columns; at += Vector<T>.Count)
            {
                AddRow(ref leftRow, innerStep, ref Unsafe.Add(ref right, at), ref Unsafe.Add(ref sumsRow, at), inner, columns, isFour: false);
            }
        }
    }

    // Four rows by one vector, or by two.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRows<T>(ref T a, nint rowStep, nint innerStep, ref T b, ref T c, int inner, nint columns, bool isPair)
    {
        var next = (nuint)Vector<T>.Count;
        var (two, three) = (2 * rowStep, 3 * rowStep);
        Vector<T> sum0 = default, sum1 = default, sum2 = default, sum3 = default, more0 = default, more1 = default, more2 = default, more3 = default;
        for (; inner > 0; inner--)
        {
            var (a0, a1, a2, a3) = (new Vector<T>(a), new Vector<T>(Unsafe.Add(ref a, rowStep)), new Vector<T>(Unsafe.Add(ref a, two)), new Vector<T>(Unsafe.Add(ref a, three)));
            var factor = Vector.LoadUnsafe(ref b);
            sum0 = Vectors.MultiplyAdd(a0, factor, sum0);
            sum1 = Vectors.MultiplyAdd(a1, factor, sum1);
            sum2 = Vectors.MultiplyAdd(a2, factor, sum2);
            sum3 = Vectors.MultiplyAdd(a3, factor, sum3);
            if (isPair)
            {
                var more = Vector.LoadUnsafe(ref b, next);
                more0 = Vectors.MultiplyAdd(a0, more, more0);
                more1 = Vectors.MultiplyAdd(a1, more, more1);
                more2 = Vectors.MultiplyAdd(a2, more, more2);
                more3 = Vectors.MultiplyAdd(a3, more, more3);
            }

            a = ref Unsafe.Add(ref a, innerStep);
            b = ref Unsafe.Add(ref b, columns);
        }

        AddTo(ref c, sum0, more0, isPair);
        AddTo(ref Unsafe.Add(ref c, columns), sum1, more1, isPair);
        AddTo(ref Unsafe.Add(ref c, 2 * columns), sum2, more2, isPair);
        AddTo(ref Unsafe.Add(ref c, 3 * columns), sum3, more3, isPair);
    }

    // One row by one vector, or by four.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<T>(ref T a, nint innerStep, ref T b, ref T c, int inner, nint columns, bool isFour)
    {
        var next = (nuint)Vector<T>.Count;
        Vector<T> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (; inner > 0; inner--)
        {
            var factor = new Vector<T>(a);
            sum0 = Vectors.MultiplyAdd(factor, Vector.LoadUnsafe(ref b), sum0);
            if (isFour)
            {
                sum1 = Vectors.MultiplyAdd(factor, Vector.LoadUnsafe(ref b, next), sum1);
                sum2 = Vectors.MultiplyAdd(factor, Vector.LoadUnsafe(ref b, 2 * next), sum2);
                sum3 = Vectors.MultiplyAdd(factor, Vector.LoadUnsafe(ref b, 3 * next), sum3);
            }

            a = ref Unsafe.Add(ref a, innerStep);
            b = ref Unsafe.Add(ref b, columns);
        }

        AddTo(ref c, sum0, sum1, isFour);
        if (isFour)
        {
            AddTo(ref Unsafe.Add(ref c, 2 * Vector<T>.Count), sum2, sum3, isPair: true);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo<T>(ref T at, Vector<T> sum, Vector<T> more, bool isPair)
    {
        (Vector.LoadUnsafe(ref at) + sum).StoreUnsafe(ref at);
        if (isPair)
        {
            ref var next = ref Unsafe.Add(ref at, Vector<T>.Count);
            (Vector.LoadUnsafe(ref next) + more).StoreUnsafe(ref next);
        }
    }
}
