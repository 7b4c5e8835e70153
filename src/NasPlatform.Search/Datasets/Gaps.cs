namespace NasPlatform.Search.Datasets;

/// <summary>Fills values that are missing in a series.</summary>
internal static class Gaps
{
    /// <summary>
    /// Puts in place of each NaN what lies on the straight line between its neighbours; before the first value and after the last these themselves. Where there is no value, nothing changes.
    /// </summary>
    /// <returns>How many were filled.</returns>
    public static int Interpolate(Span<float> values)
    {
        var (filled, last) = (0, -1);
        for (var i = 0; i < values.Length; i++)
        {
            if (float.IsNaN(values[i]))
                continue;
            for (var gap = last + 1; gap < i; gap++, filled++)
                values[gap] = last < 0 ? values[i] : (float)(values[last] + (double)(values[i] - values[last]) * (gap - last) / (i - last));
            last = i;
        }
        if (last < 0)
            return filled;
        filled += values.Length - 1 - last;
        values[(last + 1)..].Fill(values[last]);
        return filled;
    }
}
