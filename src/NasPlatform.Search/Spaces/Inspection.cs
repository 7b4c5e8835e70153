using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces;

/// <summary>What a text denotes in a space, or why it denotes nothing.</summary>
/// <param name="Reason">Why it is not valid, a sentence for people; null where it is.</param>
/// <param name="Genotype">The genotype; null where the text is none.</param>
/// <param name="Text">The genotype in canonical spelling.</param>
/// <param name="Key">Equal for equal networks.</param>
/// <param name="Graph">The network for the task; null where it does not fit.</param>
public sealed record Inspection(string? Reason, Genotype? Genotype, string? Text, ArchitectureKey? Key, LayerGraph? Graph)
{
    /// <param name="space">The space.</param>
    /// <param name="text">A genotype in the space's text form, or the name of a published one.</param>
    /// <param name="task">What the network is for.</param>
    public static Inspection Of(SearchSpace space, string text, TaskShape task)
    {
        Genotype genotype;
        try
        {
            genotype = space.Find(text);
        }
        catch (UserErrorException error)
        {
            return new(error.Message, null, null, null, null);
        }

        try
        {
            return new(null, genotype, space.Format(genotype), space.Key(genotype), space.Build(genotype, task));
        }
        catch (UserErrorException error)
        {
            return new(error.Message, genotype, space.Format(genotype), null, null);
        }
    }
}
