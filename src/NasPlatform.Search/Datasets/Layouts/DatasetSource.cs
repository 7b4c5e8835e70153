using NasPlatform.Search.Datasets.Files;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>What a person hands in, understood but not yet read.</summary>
internal abstract class DatasetSource(SourceFiles files) : IDisposable
{
    protected SourceFiles Source { get; } = files;

    /// <summary>What it is, for people: "zip archive of class folders".</summary>
    public required string Kind { get; init; }

    /// <summary>What a person should know of how the source was understood.</summary>
    public List<string> Notes { get; } = [.. files.Notes];

    /// <summary>Reads it all. The content is good until this source is disposed.</summary>
    /// <exception cref="UserErrorException">It cannot be used; the message says why and what to do.</exception>
    public abstract DatasetContent Take(IngestJob job);

    public void Dispose()
    {
        Source.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A dataset that is ready to be written.</summary>
/// <param name="Report">What was found.</param>
/// <param name="Tensors">As <see cref="Dataset"/> has them for its task; their bytes may still lie in a temporary file.</param>
/// <param name="Temporary">What is to be disposed once they are written.</param>
internal sealed record DatasetContent(DatasetReport Report, IReadOnlyList<TensorEntry> Tensors, IDisposable? Temporary = null) : IDisposable
{
    public void Dispose() => Temporary?.Dispose();
}
