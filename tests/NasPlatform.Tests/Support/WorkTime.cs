namespace NasPlatform.Tests.Support;

/// <summary>
/// A clock that a training's own looking at it moves on: each look costs a tick, so that an epoch of so many steps takes the same time on every
/// machine. The tick may be changed meanwhile, as when a machine becomes busy.
/// </summary>
internal sealed class WorkTime(TimeSpan tick) : TimeProvider
{
    private long _now;

    public TimeSpan Tick { get; set; } = tick;

    /// <summary>What has passed since the beginning.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(_now);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now += Tick.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Elapsed;
}
