namespace NasPlatform.Web.Jobs.Runners;

/// <summary>What a runner may use.</summary>
internal sealed record RunnerLimits
{
    /// <summary>Resident memory, in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>How long a runner may be silent; it beats each second.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long its work may go without a word of progress.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long it has to stop when it is told to.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(20);

    public TimeSpan WatchInterval { get; init; } = TimeSpan.FromSeconds(1);
}
