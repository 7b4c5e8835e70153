using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>
/// The queue: claims, renews and ends jobs, each in one statement that names the holder and the fencing token and is judged by the database's clock. What
/// an earlier holder still sends after that changes nothing (docs/decisions/0008).
/// </summary>
internal sealed class JobQueue(PlatformStore store, NodeIdentity node, TimeProvider time)
{
    /// <summary>How long a lease holds without a renewal, in milliseconds.</summary>
    public const int LeaseMs = 20_000;

    /// <summary>Failures of its own that a job is allowed before it is given up; a node that died is nobody's fault.</summary>
    public const int MostFailures = 3;

    /// <summary>Attempts in all, after which something is wrong whatever the reasons were.</summary>
    public const int MostAttempts = 12;

    /// <summary>Takes a job that waits; null when another was faster or there is nothing to take.</summary>
    public Task<JobLease?> ClaimAsync(Guid id, CancellationToken cancellation) => store.WriteAsync(
        async (context, again) =>
        {
            var taken = await context.Jobs
                .Where(job => job.Id == id && job.State == JobState.Waiting && job.NotBefore <= StoreContext.NowMs())
                .ExecuteUpdateAsync(
                    set => set
                        .SetProperty(job => job.State, JobState.Running)
                        .SetProperty(job => job.Owner, node.Id)
                        .SetProperty(job => job.Token, job => job.Token + 1)
                        .SetProperty(job => job.LeaseUntil, job => StoreContext.NowMs() + LeaseMs)
                        .SetProperty(job => job.AttemptCount, job => job.AttemptCount + 1)
                        .SetProperty(job => job.Progress, (string?)null)
                        .SetProperty(job => job.Reason, (string?)null),
                    again);
            if (taken == 0)
            {
                return null;
            }

            var job = await context.Jobs.AsNoTracking().SingleAsync(job => job.Id == id, again);
            context.Attempts.Add(new() { JobId = id, Token = job.Token, Node = node.Id, StartedAt = time.GetUtcNow() });
            return new JobLease(job);
        },
        cancellation);

    /// <summary>Holds the lease longer; false when it is another's by now, and then the work must stop and say nothing more.</summary>
    public Task<bool> RenewAsync(JobLease lease, CancellationToken cancellation) => store.WriteAsync(
        async (context, again) => await Held(context, lease)
            .ExecuteUpdateAsync(set => set.SetProperty(job => job.LeaseUntil, job => StoreContext.NowMs() + LeaseMs), again) == 1,
        cancellation);

    /// <summary>Says how far the work has come: a word for those who watch, lost without harm when the database is away.</summary>
    /// <param name="progress">A <c>TrainingProgress</c> or <c>IngestProgress</c>.</param>
    public async Task ReportAsync<T>(JobLease lease, T progress)
    {
        var json = JsonSerializer.Serialize(progress, JsonSerializerOptions.Web);
        try
        {
            await store.WriteAsync(
                async (context, again) => await Held(context, lease).ExecuteUpdateAsync(set => set.SetProperty(job => job.Progress, json), again),
                CancellationToken.None);
        }
        catch (Exception error) when (Persistence.IsOfTheDatabase(error))
        {
            // The next word says more.
        }
    }

    /// <summary>The job, if the lease is still good: every write of an attempt begins with this, within its transaction.</summary>
    public static IQueryable<StoredJob> Held(StoreContext context, JobLease lease)
    {
        var (id, token) = (lease.JobId, lease.Token);
        return context.Jobs.Where(job => job.Id == id && job.Token == token && job.State == JobState.Running);
    }

    /// <summary>Ends the job within a unit of work; false when the lease is no longer good, and then the unit of work must write nothing.</summary>
    public static async Task<bool> EndAsync(
        StoreContext context, JobLease lease, JobState state, AttemptOutcome outcome, string? reason, DateTimeOffset now, CancellationToken cancellation)
    {
        var ended = await Held(context, lease).ExecuteUpdateAsync(
            set => set
                .SetProperty(job => job.State, state)
                .SetProperty(job => job.Reason, reason)
                .SetProperty(job => job.EndedAt, now)
                .SetProperty(job => job.Owner, (string?)null)
                .SetProperty(job => job.Progress, (string?)null),
            cancellation);
        if (ended == 1)
        {
            await EndAttemptAsync(context, lease.JobId, lease.Token, outcome, reason, now, cancellation);
        }

        return ended == 1;
    }

    /// <summary>
    /// Puts a failed attempt's job back into the queue, after a pause that doubles with each failure. False when it has failed too often (it is then
    /// <see cref="JobState.Failed"/>) or the lease is no longer good.
    /// </summary>
    public static async Task<bool> TryAgainAsync(
        StoreContext context, JobLease lease, AttemptOutcome outcome, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        var failures = outcome is AttemptOutcome.Lost or AttemptOutcome.Cancelled ? 0 : 1;
        var pauseMs = failures == 0 ? 0 : 1000L << Math.Min(lease.FailureCount, 5);
        var isLast = lease.FailureCount + failures >= MostFailures || lease.AttemptCount >= MostAttempts;
        if (isLast)
        {
            await EndAsync(context, lease, JobState.Failed, outcome, reason, now, cancellation);
            return false;
        }

        var back = await Held(context, lease).ExecuteUpdateAsync(
            set => set
                .SetProperty(job => job.State, JobState.Waiting)
                .SetProperty(job => job.Reason, reason)
                .SetProperty(job => job.Owner, (string?)null)
                .SetProperty(job => job.Progress, (string?)null)
                .SetProperty(job => job.FailureCount, job => job.FailureCount + failures)
                .SetProperty(job => job.NotBefore, job => StoreContext.NowMs() + pauseMs),
            cancellation);
        if (back == 0)
        {
            return false;
        }

        await EndAttemptAsync(context, lease.JobId, lease.Token, outcome, reason, now, cancellation);
        return true;
    }

    public static Task EndAttemptAsync(
        StoreContext context, Guid jobId, long token, AttemptOutcome outcome, string? reason, DateTimeOffset now, CancellationToken cancellation) =>
        context.Attempts.Where(attempt => attempt.JobId == jobId && attempt.Token == token && attempt.EndedAt == null).ExecuteUpdateAsync(
            set => set
                .SetProperty(attempt => attempt.EndedAt, now)
                .SetProperty(attempt => attempt.Outcome, outcome)
                .SetProperty(attempt => attempt.Reason, reason),
            cancellation);
}

/// <summary>A job as it was when it was claimed; its token marks everything that this attempt writes.</summary>
internal sealed class JobLease(StoredJob job)
{
    public Guid JobId { get; } = job.Id;

    public long Token { get; } = job.Token;

    public JobKind Kind { get; } = job.Kind;

    public string Group { get; } = job.Group;

    public int AttemptCount { get; } = job.AttemptCount;

    public int FailureCount { get; } = job.FailureCount;

    public Guid? ExperimentId { get; } = job.ExperimentId;

    public int? TrialNumber { get; } = job.TrialNumber;

    public Guid? DatasetId { get; } = job.DatasetId;
}

/// <summary>This process among those that take jobs.</summary>
/// <param name="Id">New with every start: what an earlier life of the process held is never taken for its own.</param>
/// <param name="Machine">For people.</param>
/// <param name="Groups">The groups that it serves.</param>
/// <param name="Slots">Threads that its runners may use at once.</param>
internal sealed record NodeIdentity(string Id, string Machine, IReadOnlyList<string> Groups, int Slots)
{
    public static NodeIdentity New(IReadOnlyList<string> groups, int slots) =>
        new($"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}"[..Math.Min(100, $"{Environment.MachineName}-{Environment.ProcessId}-".Length + 8)], Environment.MachineName, groups, slots);
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
