namespace NasPlatform.Search.Spaces.Mobile;

/// <summary>How the networks for phones round a number of filters that was multiplied by a width.</summary>
internal static class MobileWidth
{
    private const int Divisor = 8;

    /// <summary>To the nearest multiple of 8, at least 8, and one more where that would take away more than a tenth.</summary>
    public static int Round(int filters, double width)
    {
        var wanted = filters * width;
        var rounded = Math.Max(Divisor, (int)(wanted + (Divisor / 2)) / Divisor * Divisor);
        return rounded < 0.9 * wanted ? rounded + Divisor : rounded;
    }
}
