using System.Globalization;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>What a cell of a table holds.</summary>
internal static class Cell
{
    /// <summary>Whether a value is missing: nothing, <c>?</c>, <c>NA</c>, <c>N/A</c>, <c>NaN</c> or <c>null</c>.</summary>
    public static bool IsMissing(string text) => text.Length <= 4 && text.ToUpperInvariant() is "" or "?" or "NA" or "N/A" or "NAN" or "NULL";

    /// <summary>Whether it is a finite number, as far as a single-precision one can hold it.</summary>
    /// <param name="hasDecimalCommas">Whether a comma may stand for the point.</param>
    public static bool IsNumber(string text, bool hasDecimalCommas, out double value)
    {
        if (hasDecimalCommas && text.Contains(',') && !text.Contains('.'))
            text = text.Replace(',', '.');
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && Math.Abs(value) <= float.MaxValue;
    }
}
