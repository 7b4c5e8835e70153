namespace NasPlatform.Benchmarks.Cases;

/// <summary>A case under way on our side.</summary>
internal abstract class Work : IDisposable
{
    /// <summary>Does it once. What a step is paid for is timed around it.</summary>
    public abstract void Step();

    /// <summary>The sum of the losses of all steps so far, by which the sides are compared.</summary>
    public abstract double LossSum { get; }

    public abstract void Dispose();
}
