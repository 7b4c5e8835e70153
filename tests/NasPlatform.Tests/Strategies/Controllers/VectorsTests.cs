using System.Numerics;
using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Tests.Strategies.Controllers;

public sealed class VectorsTests
{
    [Fact]
    public void Functions_are_as_exact_as_their_numbers()
    {
        for (var x = -100.0; x < 100; x += 0.0037)
        {
            Check(x, 1e-7, 2e-7);
        }

        foreach (var x in new[] { 0, 1e-30, -1e-30, 1e30, -1e30, double.PositiveInfinity, double.NegativeInfinity })
        {
            Check(x, 1e-7, 2e-7);
        }
    }

    [Fact]
    public void What_is_no_number_stays_so()
    {
        Assert.True(float.IsNaN(Sigmoid(float.NaN)));
        Assert.True(float.IsNaN(Tanh(float.NaN)));
        Assert.True(double.IsNaN(Tanh(double.NaN)));
    }

    private static void Check(double x, double sigmoidError, double tanhError)
    {
        Assert.Equal(1 / (1 + Math.Exp(-(float)x)), Sigmoid((float)x), sigmoidError);
        Assert.Equal(Math.Tanh((float)x), Tanh((float)x), tanhError);
        Assert.Equal(1 / (1 + Math.Exp(-x)), Sigmoid(x), 1e-15);
        Assert.Equal(Math.Tanh(x), Tanh(x), 1e-15);
    }

    private static T Sigmoid<T>(T x) => First<T>(x, Vectors.Sigmoid);

    private static T Tanh<T>(T x) => First<T>(x, Vectors.Tanh);

    private static T First<T>(T x, Action<Span<T>> change)
    {
        Span<T> row = new T[2 * Vector<T>.Count];
        row.Fill(x);
        change(row);
        return row[^1];
    }
}
