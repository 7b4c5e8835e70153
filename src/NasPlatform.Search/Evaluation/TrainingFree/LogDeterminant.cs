namespace NasPlatform.Search.Evaluation.TrainingFree;

/// <summary>Of a symmetric matrix that has no negative eigenvalues.</summary>
internal static class LogDeterminant
{
    // What rounding leaves of a pivot that is zero.
    private const double Nothing = 1e-10;

    /// <summary>The logarithm of the determinant, by Cholesky's factors; null where it is 0.</summary>
    /// <param name="matrix">Row by row; it is overwritten.</param>
    /// <param name="size">Rows.</param>
    public static double? Of(double[] matrix, int size)
    {
        var sum = 0.0;
        for (var column = 0; column < size; column++)
        {
            var (pivot, whole) = (matrix[(column * size) + column], matrix[(column * size) + column]);
            for (var earlier = 0; earlier < column; earlier++)
            {
                pivot -= matrix[(column * size) + earlier] * matrix[(column * size) + earlier];
            }

            if (!(pivot > Nothing * whole))
            {
                return null;
            }

            var root = Math.Sqrt(pivot);
            matrix[(column * size) + column] = root;
            sum += Math.Log(pivot);
            for (var row = column + 1; row < size; row++)
            {
                var product = matrix[(row * size) + column];
                for (var earlier = 0; earlier < column; earlier++)
                {
                    product -= matrix[(row * size) + earlier] * matrix[(column * size) + earlier];
                }

                matrix[(row * size) + column] = product / root;
            }
        }

        return sum;
    }
}
