namespace NasPlatform.Search.Spaces.Eas;

/// <summary>
/// What is done to an architecture in one step. EAS's actors make layers wider and put some in (Cai et al. 2018, arXiv 1707.04873), after which the network can compute the same; RENA's policy scales in both directions,
/// inserts and removes (Zhou et al. 2018, arXiv 1806.07912). Blocks and layers are counted from 0.
/// </summary>
/// <param name="Block">The block, between two poolings.</param>
/// <param name="Layer">The layer within the block.</param>
public abstract record EasEdit(int Block, int Layer)
{
    /// <summary>The layer gets the next width of its list.</summary>
    public sealed record Wider(int Block, int Layer) : EasEdit(Block, Layer);

    /// <summary>A layer as wide as this one is put in after it.</summary>
    /// <param name="Block">As above.</param>
    /// <param name="Layer">The layer that it comes after.</param>
    /// <param name="Kernel">Which of the kernel sides the new layer has, by its place in their list; 0 where layers have none.</param>
    public sealed record Deeper(int Block, int Layer, int Kernel) : EasEdit(Block, Layer);

    /// <summary>The layer gets the width before its own in the list.</summary>
    public sealed record Narrower(int Block, int Layer) : EasEdit(Block, Layer);

    /// <summary>The layer gets another kernel side.</summary>
    /// <param name="Block">As above.</param>
    /// <param name="Layer">As above.</param>
    /// <param name="Kernel">Which, by its place in their list.</param>
    public sealed record Reshaped(int Block, int Layer, int Kernel) : EasEdit(Block, Layer);

    /// <summary>The layer is taken out; others of its block are left.</summary>
    public sealed record Shallower(int Block, int Layer) : EasEdit(Block, Layer);
}
