namespace NasPlatform.Web.Jobs;

/// <summary>This process among those that take jobs.</summary>
/// <param name="Id">New with every start: what an earlier life of the process held is never taken for its own.</param>
/// <param name="Machine">For people.</param>
/// <param name="Groups">The groups that it serves.</param>
/// <param name="Slots">Threads that its runners may use at once.</param>
internal sealed record NodeIdentity(string Id, string Machine, IReadOnlyList<string> Groups, int Slots)
{
    public static NodeIdentity New(IReadOnlyList<string> groups, int slots)
    {
        const int LongestMachine = 64;
        var machine = Environment.MachineName[..Math.Min(LongestMachine, Environment.MachineName.Length)];
        return new($"{machine}-{Environment.ProcessId}-{Guid.NewGuid():N}"[..(machine.Length + 20)], machine, groups, slots);
    }
}

/// <summary>The names of the groups of jobs, by which nodes choose what they take.</summary>
internal static class JobGroups
{
    public const string Search = "search";
    public const string Cpu = "cpu";
    public const string Cuda = "cuda";
    public const string Ingest = "ingest";

    public static readonly IReadOnlyList<string> All = [Search, Cpu, Cuda, Ingest];

    /// <summary>Where work on a device is done.</summary>
    /// <param name="device"><c>cpu</c>, <c>cuda:0</c>, ...</param>
    public static string Of(string device) => device.StartsWith("cuda", StringComparison.Ordinal) ? Cuda : Cpu;
}
