namespace NasPlatform.Search.Datasets.Images;

/// <summary>An image cannot be read. The message is the reason, a clause of one line without the file's name, which the caller knows.</summary>
#pragma warning disable CA1032 // Without a reason it would be of no use.
public sealed class ImageException(string reason) : Exception(reason);
#pragma warning restore CA1032
