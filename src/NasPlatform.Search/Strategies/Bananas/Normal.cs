namespace NasPlatform.Search.Strategies.Bananas;

/// <summary>The normal distribution of mean 0 and deviation 1.</summary>
internal static class Normal
{
    public static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);

    /// <summary>The probability of a smaller number: Abramowitz and Stegun 7.1.26, exact to 1.5 · 10⁻⁷.</summary>
    public static double Below(double x)
    {
        var z = Math.Abs(x) / Math.Sqrt(2);
        var t = 1 / (1 + (0.3275911 * z));
        var tail = t * (0.254829592 + (t * (-0.284496736 + (t * (1.421413741 + (t * (-1.453152027 + (t * 1.061405429)))))))) * Math.Exp(-z * z) / 2;
        return x > 0 ? 1 - tail : tail;
    }
}
