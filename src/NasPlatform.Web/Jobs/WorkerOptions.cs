using NasPlatform.Web.Jobs.Runners;

namespace NasPlatform.Web.Jobs;

/// <summary>What this node does of the queue.</summary>
/// <param name="Groups">The groups of jobs that it takes.</param>
/// <param name="CpuSlots">Threads that training on the CPU may use at once.</param>
/// <param name="CudaSlots">Trials side by side on GPUs.</param>
/// <param name="Limits">What one runner may use.</param>
internal sealed record WorkerOptions(IReadOnlyList<string> Groups, int CpuSlots, int CudaSlots, RunnerLimits Limits)
{
    /// <summary>How long a lease holds without a renewal: a node that dies is noticed after this time.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// All of this machine. A slot is a core, because trials side by side on one core each train more images per second than one on all (benchmarks/README.md); there are no more than the memory has gibibytes
    /// for. No runner may be larger than its share of the memory.
    /// </summary>
    public static WorkerOptions OfThisMachine()
    {
        var memory = (long)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * 0.8);
        var slots = (int)Math.Clamp(memory >> 30, 1, Environment.ProcessorCount);
        return new(JobGroups.All, slots, 1, new() { Bytes = Math.Max(2L << 30, memory / Math.Min(slots, 4)) });
    }
}
