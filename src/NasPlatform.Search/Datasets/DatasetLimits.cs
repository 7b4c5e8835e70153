namespace NasPlatform.Search.Datasets;

/// <summary>
/// What a dataset that is brought in may ask of this machine, checked before the memory or disk is used. The section
/// "Datasets:Limits" of appsettings.json; one who brings in larger data raises them there.
/// </summary>
public sealed record DatasetLimits
{
    /// <summary>Entries in an archive; default 200,000.</summary>
    public int MaxEntries { get; init; } = 200_000;

    /// <summary>Bytes of one entry of an archive, unpacked; default 4 GiB.</summary>
    public long MaxEntryBytes { get; init; } = 4L << 30;

    /// <summary>Bytes of a whole archive, unpacked; default 32 GiB.</summary>
    public long MaxArchiveBytes { get; init; } = 32L << 30;

    /// <summary>Unpacked bytes for each packed byte, looked at where more than 1 MiB comes out; default 200.</summary>
    public int MaxCompressionRatio { get; init; } = 200;

    /// <summary>Bytes of one image file; default 64 MiB.</summary>
    public int MaxImageBytes { get; init; } = 64 << 20;

    /// <summary>Width times height of an image; default 50 million.</summary>
    public long MaxImagePixels { get; init; } = 50_000_000;

    /// <summary>Width, and height, of an image; default 16,384.</summary>
    public int MaxImageSide { get; init; } = 16_384;

    /// <summary>Bytes of memory that decoding one image may need; default 1 GiB. As many images as there are cores are decoded at once.</summary>
    public long MaxImageMemory { get; init; } = 1L << 30;

    /// <summary>Bytes of a text, a table or a file of series, unpacked; default 1 GiB.</summary>
    public long MaxTextBytes { get; init; } = 1L << 30;

    /// <summary>Tokens of a text, cells of a table, numbers of all series at their common length: what is held in memory, 4 bytes each; default 100 million.</summary>
    public long MaxValues { get; init; } = 100_000_000;
}
