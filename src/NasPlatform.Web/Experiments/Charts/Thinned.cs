namespace NasPlatform.Web.Experiments.Charts;

/// <summary>Long series made short enough to draw.</summary>
internal static class Thinned
{
    /// <summary>At most <paramref name="most"/> (at least 2) of the items, evenly spread, the first and the last among them.</summary>
    public static IReadOnlyList<T> Evenly<T>(IReadOnlyList<T> items, int most) => items.Count <= most
        ? items
        : [.. Enumerable.Range(0, most).Select(place => items[(int)((long)place * (items.Count - 1) / (most - 1))])];
}
