using System.Globalization;
using System.Numerics;
using NasPlatform.Search.Evaluation;

namespace NasPlatform.Web.Commands;

/// <summary>Numbers as people read them.</summary>
internal static class Figures
{
    /// <summary>A score as people read it, by what it means: <c>93.31 %</c>, <c>104.2</c>; a dash where there is none yet.</summary>
    public static string Score(Metric metric, double? score) => score is { } known ? metric.Text(known) : "–";

    /// <summary><c>1,234,567</c></summary>
    public static string Exact(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary><c>1,234,567</c></summary>
    public static string Exact(BigInteger value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Three figures and a unit: <c>950</c>, <c>45.3 k</c>, <c>1.23 M</c>, <c>153 M</c>, <c>2.05 G</c>.</summary>
    public static string Short(long value)
    {
        var (scaled, unit) = value switch
        {
            < 1_000 => (value, ""),
            < 999_500 => (value / 1e3, " k"),
            < 999_500_000 => (value / 1e6, " M"),
            _ => (value / 1e9, " G"),
        };
        var digits = unit == "" || scaled >= 99.95 ? "0" : scaled >= 9.995 ? "0.0" : "0.00";
        return scaled.ToString(digits, CultureInfo.InvariantCulture) + unit;
    }

    /// <summary><c>950 bytes</c>, <c>45.3 kB</c>, <c>1.23 MB</c>, powers of 1,000.</summary>
    public static string Bytes(long value) => value < 1_000 ? $"{value} bytes" : Short(value) + "B";

    /// <summary>A share as <c>87.12 %</c>.</summary>
    public static string Percent(double share) => (100 * share).ToString("0.00", CultureInfo.InvariantCulture) + " %";

    /// <summary><c>0.8 s</c>, <c>18.2 s</c>, <c>2:05</c>, <c>1:02:05</c>.</summary>
    public static string Duration(TimeSpan duration) => duration.TotalSeconds < 59.95
        ? duration.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s"
        : Clock(duration);

    /// <summary><c>0:08</c>, <c>2:05</c>, <c>1:02:05</c>.</summary>
    public static string Clock(TimeSpan duration)
    {
        var seconds = (long)Math.Round(duration.TotalSeconds);
        return seconds < 3600 ? $"{seconds / 60}:{seconds % 60:00}" : $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}";
    }

    /// <summary>A large number by its leading figures: <c>1.07 × 10¹²</c>.</summary>
    public static string Power(BigInteger value)
    {
        var log = BigInteger.Log10(value); // a double ends at 10³⁰⁸, its logarithm does not
        var text = Math.Pow(10, log % 1).ToString("0.00", CultureInfo.InvariantCulture);
        var (digits, exponent) = text == "10.00" ? ("1.00", $"{(int)log + 1}") : (text, $"{(int)log}");
        return $"{digits} × 10{string.Concat(exponent.Select(digit => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit - '0']))}";
    }

    /// <summary><c>1 trial</c>, <c>2 trials</c>.</summary>
    public static string Many(long count, string one, string? many = null) => count == 1 ? $"1 {one}" : $"{Exact(count)} {many ?? one + "s"}";
}
