using NasPlatform.Search;
using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Tests.Strategies.Controllers;

public sealed class MatrixProductTests
{
    [Fact]
    public void Sums_are_those_of_the_definition()
    {
        var random = new RandomSource(1);
        for (var trial = 0; trial < 300; trial++)
        {
            Check(1 + random.Next(21), 1 + random.Next(21), System.Numerics.Vector<double>.Count * (1 + random.Next(11)), isTurned: random.Next(2) == 1, random);
        }
    }

    [Fact]
    public void A_factor_that_is_too_small_is_refused() =>
        Assert.Throws<IndexOutOfRangeException>(() => MatrixProduct.Add<double>(new double[11], 3, 1, new double[3 * 8], new double[4 * 8], 8));

    private static void Check(int rows, int inner, int columns, bool isTurned, RandomSource random)
    {
        var a = Numbers(rows * inner);
        var b = Numbers(inner * columns);
        var c = Numbers(rows * columns);
        var expected = c.ToArray();
        var (rowStep, innerStep) = isTurned ? (1, rows) : (inner, 1);
        for (var row = 0; row < rows; row++)
        {
            for (var k = 0; k < inner; k++)
            {
                for (var column = 0; column < columns; column++)
                {
                    expected[(row * columns) + column] += a[(row * rowStep) + (k * innerStep)] * b[(k * columns) + column];
                }
            }
        }

        MatrixProduct.Add<double>(a, rowStep, innerStep, b, c, columns);

        Assert.All(c.Zip(expected), numbers => Assert.Equal(numbers.Second, numbers.First, 1e-12));

        double[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
    }
}
