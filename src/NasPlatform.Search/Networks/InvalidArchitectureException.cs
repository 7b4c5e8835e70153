namespace NasPlatform.Search.Networks;

/// <summary>A layer cannot be applied to what it is given: the architecture does not fit the images, or is not an architecture at all.</summary>
public sealed class InvalidArchitectureException(string layer, string reason)
    : UserErrorException($"Layer '{layer}': {reason}")
{
    /// <summary>The name of the layer that does not fit.</summary>
    public string Layer { get; } = layer;
}
