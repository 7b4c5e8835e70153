namespace NasPlatform.Search.Spaces.Eas;

/// <summary>What EAS's actors do to an architecture in one step (Cai et al. 2018, arXiv 1707.04873). Blocks and layers are counted from 0.</summary>
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
}
