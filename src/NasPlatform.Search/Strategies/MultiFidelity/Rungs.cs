namespace NasPlatform.Search.Strategies.MultiFidelity;

/// <summary>Lengths of training, each η times the one before: r, r·η, r·η², ... up to R. Counted in whole numbers: the floating-point log(243) / log(3) is below 5 and would lose a rung.</summary>
/// <param name="least">r, in epochs, at least 1.</param>
/// <param name="most">R, in epochs.</param>
/// <param name="eta">η, at least 2.</param>
internal sealed class Rungs(int least, int most, int eta)
{
    private readonly int[] _epochs = [.. Of(least, most, eta)];

    public int Count => _epochs.Length;

    /// <summary>Hyperband's s_max = ⌊log η (R / r)⌋.</summary>
    public int Last => Count - 1;

    /// <summary>Epochs of a rung, 0-based.</summary>
    public int this[int rung] => _epochs[rung];

    private static IEnumerable<int> Of(int least, int most, int eta)
    {
        for (long epochs = least; epochs <= most; epochs *= eta)
        {
            yield return (int)epochs;
        }
    }
}
