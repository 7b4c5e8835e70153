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

    /// <summary>All of this machine: a slot a core, and no runner larger than its share of the memory.</summary>
    public static WorkerOptions OfThisMachine()
    {
        var cores = Environment.ProcessorCount;
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return new(JobGroups.All, cores, 1, new() { Bytes = Math.Max(2L << 30, (long)(memory * 0.8 / Math.Min(cores, 4))) });
    }
}
