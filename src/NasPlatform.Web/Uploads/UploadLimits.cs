namespace NasPlatform.Web.Uploads;

/// <summary>What people may send; set in <c>appsettings.json</c> under <c>Uploads</c>.</summary>
internal sealed record UploadLimits
{
    /// <summary>The largest chunk, in bytes: what is sent again when a connection drops.</summary>
    public const int LargestChunk = 8 << 20;

    /// <summary>The largest file, in bytes. Default 32 GiB.</summary>
    public long LargestFileBytes { get; init; } = 32L << 30;

    /// <summary>What one person's files that are not datasets yet may take together, in bytes. Default 64 GiB.</summary>
    public long BytesAPerson { get; init; } = 64L << 30;

    /// <summary>Bytes of the disk that uploads leave free. Default 1 GiB.</summary>
    public long FreeBytes { get; init; } = 1L << 30;

    /// <summary>Days after which a file that nobody went on with is removed. Default 7.</summary>
    public int AbandonedDays { get; init; } = 7;
}
