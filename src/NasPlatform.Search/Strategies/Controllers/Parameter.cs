using System.Numerics;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>
/// A matrix that training changes, and its gradient. A row is one block of numbers or several, and in memory each block is filled up with zeros to whole vectors; those stay zeros, since no gradient
/// reaches them.
/// </summary>
internal sealed class Parameter<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int _block;
    private readonly bool _isTurned;

    /// <param name="name">Unique in its controller.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="block">Numbers in a block.</param>
    /// <param name="blocks">Blocks in a row.</param>
    /// <param name="isTurned">Whether its initial numbers are drawn column after column, as those of the matrix that it is when it is not kept turned.</param>
    public Parameter(string name, int rows, int block, int blocks = 1, bool isTurned = false)
    {
        _block = block;
        _isTurned = isTurned;
        Name = name;
        Rows = rows;
        Columns = blocks * block;
        Stride = blocks * Vectors.Padded<T>(block);
        Values = new T[rows * Stride];
        Gradient = new T[rows * Stride];
    }

    public string Name { get; }

    public int Rows { get; }

    /// <summary>Numbers in a row.</summary>
    public int Columns { get; }

    /// <summary>From one row to the next in memory.</summary>
    public int Stride { get; }

    /// <summary>Row by row, with the zeros between.</summary>
    public T[] Values { get; }

    /// <summary>As <see cref="Values"/>; what is computed is added to it.</summary>
    public T[] Gradient { get; }

    /// <summary>Where in <see cref="Values"/> a number lies.</summary>
    public int Place(int row, int column) => (row * Stride) + (column / _block * Vectors.Padded<T>(_block)) + (column % _block);

    public Span<T> Row(int row) => Values.AsSpan(row * Stride, Stride);

    public Span<T> GradientOfRow(int row) => Gradient.AsSpan(row * Stride, Stride);

    /// <summary>Draws all numbers from the normal distribution of mean 0 and that deviation, those beyond two deviations again.</summary>
    public void DrawNormal(RandomSource random, double deviation) => Draw(0, Rows, () =>
    {
        var drawn = random.NextGaussian();
        while (Math.Abs(drawn) > 2)
        {
            drawn = random.NextGaussian();
        }

        return drawn * deviation;
    });

    /// <summary>Draws numbers uniform in ± <paramref name="range"/>: all, or those of some rows.</summary>
    public void Draw(RandomSource random, double range, int firstRow = 0, int? rows = null) => Draw(firstRow, rows ?? Rows, () => ((2 * random.NextDouble()) - 1) * range);

    private void Draw(int firstRow, int count, Func<double> next)
    {
        var (slow, fast) = _isTurned ? (Columns, count) : (count, Columns);
        for (var outer = 0; outer < slow; outer++)
        {
            for (var inner = 0; inner < fast; inner++)
            {
                var (row, column) = _isTurned ? (inner, outer) : (outer, inner);
                Values[Place(firstRow + row, column)] = T.CreateTruncating(next());
            }
        }
    }
}
