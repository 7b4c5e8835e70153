namespace NasPlatform.Search.Benchmarks;

/// <summary>The statistics by which searches are compared.</summary>
public static class Statistics
{
    /// <summary>The normal distribution's 97.5 % point.</summary>
    private const double NormalPoint = 1.959963984540054;

    /// <summary>The mean, and half the width of its 95 % confidence interval by Student's t; infinite for a single value.</summary>
    public static (double Mean, double HalfWidth) MeanWithConfidence(IReadOnlyCollection<double> values)
    {
        var (mean, freedom) = (values.Average(), values.Count - 1);
        if (freedom < 1)
        {
            return (mean, double.PositiveInfinity);
        }

        var deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / freedom);
        return (mean, StudentPoint(freedom) * deviation / Math.Sqrt(values.Count));
    }

    /// <summary>The quantile of a share of the values, linear between neighbours (Hyndman &amp; Fan's type 7).</summary>
    /// <param name="ascending">In ascending order, at least one.</param>
    /// <param name="share">0 to 1.</param>
    public static double Quantile(IReadOnlyList<double> ascending, double share)
    {
        var place = share * (ascending.Count - 1);
        var below = (int)place;
        return below + 1 < ascending.Count ? ascending[below] + ((place - below) * (ascending[below + 1] - ascending[below])) : ascending[below];
    }

    /// <summary>The rank correlation of two lists, equal values sharing their mean rank (Spearman); pairs of which one is NaN are left out. NaN where there is no variation.</summary>
    public static double Spearman(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        int[] whole = [.. Enumerable.Range(0, first.Count).Where(place => !double.IsNaN(first[place]) && !double.IsNaN(second[place]))];
        return Pearson(Ranks([.. whole.Select(place => first[place])]), Ranks([.. whole.Select(place => second[place])]));
    }

    /// <summary>The correlation of two lists of one length.</summary>
    public static double Pearson(double[] first, double[] second)
    {
        if (first.Length == 0)
        {
            return double.NaN;
        }

        var (firstMean, secondMean) = (first.Average(), second.Average());
        var (product, firstSquare, secondSquare) = (0.0, 0.0, 0.0);
        for (var place = 0; place < first.Length; place++)
        {
            var (a, b) = (first[place] - firstMean, second[place] - secondMean);
            product += a * b;
            firstSquare += a * a;
            secondSquare += b * b;
        }

        return product / Math.Sqrt(firstSquare * secondSquare);
    }

    private static double[] Ranks(double[] values)
    {
        var order = Enumerable.Range(0, values.Length).ToArray();
        Array.Sort((double[])values.Clone(), order);
        var ranks = new double[values.Length];
        for (var (start, end) = (0, 0); start < order.Length; start = end)
        {
            while (end < order.Length && values[order[end]] == values[order[start]])
            {
                end++;
            }

            for (var place = start; place < end; place++)
            {
                ranks[order[place]] = (start + end - 1) / 2.0;
            }
        }

        return ranks;
    }

    /// <summary>The 97.5 % point of Student's t: exact for one and two degrees of freedom, else by the expansion of Cornish and Fisher (Abramowitz &amp; Stegun 26.7.5), right to 0.01.</summary>
    private static double StudentPoint(int freedom)
    {
        if (freedom <= 2)
        {
            return freedom == 1 ? 12.7062 : 4.30265;
        }

        var (x, n) = (NormalPoint, (double)freedom);
        var (x2, x3) = (x * x, x * x * x);
        var (x5, x7, x9) = (x3 * x2, x3 * x2 * x2, x3 * x3 * x3);
        return x
            + ((x3 + x) / (4 * n))
            + (((5 * x5) + (16 * x3) + (3 * x)) / (96 * n * n))
            + (((3 * x7) + (19 * x5) + (17 * x3) - (15 * x)) / (384 * n * n * n))
            + (((79 * x9) + (776 * x7) + (1482 * x5) - (1920 * x3) - (945 * x)) / (92160 * n * n * n * n));
    }
}
