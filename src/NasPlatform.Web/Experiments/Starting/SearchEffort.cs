namespace NasPlatform.Web.Experiments.Starting;

/// <summary>What to choose so that a search fits the time on the machine: enough trials to learn from, each thorough enough to tell good from bad.</summary>
internal static class SearchEffort
{
    /// <summary>
    /// Training images times their pixels that one trial sees in a 20-minute search with the smallest cells: a fifth of Fashion-MNIST, which makes some 45 trials on two
    /// cores (README).
    /// </summary>
    private const double UsualPixels = 0.2 * 54_000 * 28 * 28;

    private const double UsualMinutes = 20;

    /// <summary>The share of the training images for a trial of one epoch.</summary>
    /// <param name="minutes">The time for all; null where trials are counted.</param>
    /// <param name="trainingImages">Images in the training split.</param>
    /// <param name="pixels">Rows times columns of an image.</param>
    /// <param name="size">How large the networks are.</param>
    public static double Fraction(double? minutes, int trainingImages, int pixels, NetworkSize size)
    {
        // Twice the time goes in equal parts into more trials and more thorough ones.
        var pixelsPerTrial = UsualPixels * Math.Sqrt((minutes ?? UsualMinutes) / UsualMinutes) / CostOf(size);
        var share = pixelsPerTrial / Math.Max(1.0, (double)trainingImages * pixels);
        return share >= 1 ? 1 : Math.Max(0.01, Math.Round(share, share < 0.1 ? 3 : 2));
    }

    /// <summary>How much longer a network of a size trains than one of the smallest.</summary>
    private static double CostOf(NetworkSize size) => size switch
    {
        NetworkSize.Small => 1,
        NetworkSize.Medium => 1.7,
        NetworkSize.Large => 3.7,
    };

    /// <summary>Settings of the space <c>nasbench201</c> for a size.</summary>
    public static IReadOnlyDictionary<string, string> Cells(NetworkSize size) => new Dictionary<string, string>
    {
        ["channels"] = "16",
        ["cells"] = size switch
        {
            NetworkSize.Small => "1",
            NetworkSize.Medium => "2",
            NetworkSize.Large => "5",
        },
    };
}

/// <summary>What matters: a small, fast network or the last bit of accuracy.</summary>
public enum NetworkSize
{
    Small,
    Medium,
    Large,
}
