using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>
/// The queue: claims, renews and ends jobs, each in one statement that names the holder and the fencing token and is judged by the database's clock. What
/// an earlier holder still sends after that changes nothing (docs/decisions/0008).
/// </summary>
internal sealed class JobQueue(PlatformStore store, NodeIdentity node, WorkerOptions worker, TimeProvider time, ILogger<JobQueue> log)
{
    /// <summary>Failures of its own that a job is allowed before it is given up; a node that died is nobody's fault.</summary>
    public const int MostFailures = 3;

    /// <summary>Attempts in all, after which something is wrong whatever the reasons were.</summary>
    public const int MostAttempts = 12;

    private readonly long _leaseMs = (long)worker.Lease.TotalMilliseconds;

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
                        .SetProperty(job => job.LeaseUntil, job => StoreContext.NowMs() + _leaseMs)
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
            .ExecuteUpdateAsync(set => set.SetProperty(job => job.LeaseUntil, job => StoreContext.NowMs() + _leaseMs), again) == 1,
        cancellation);

    /// <summary>Says how far the work has come: a word for those who watch, lost without harm when the database is away.</summary>
    /// <param name="progress">A <c>TrainingProgress</c> or <c>IngestProgress</c>.</param>
    public async Task ReportAsync<T>(JobLease lease, T progress)
    {
        try
        {
            var json = JsonSerializer.Serialize(progress, JsonSerializerOptions.Web);
            await store.WriteAsync(
                async (context, again) => await Held(context, lease).ExecuteUpdateAsync(set => set.SetProperty(job => job.Progress, json), again),
                CancellationToken.None);
        }
        catch (Exception error) when (Persistence.IsOfTheDatabase(error) || error is ArgumentException)
        {
            // The next word says more; or it has a number that is not finite, and then the work's end will say so.
        }
    }

    /// <summary>
    /// A unit of work of an attempt at an experiment's job, under its lease, repeated until the database takes it however long that is away: what was found must not be lost.
    /// </summary>
    /// <exception cref="LeaseLostException">The lease is no longer good; nothing was written.</exception>
    public Task WriteAsync(JobLease lease, Func<StoreContext, StoredExperiment, CancellationToken, Task> change) => Persistence.UntilDoneAsync(
        again => store.WriteAsync(
            async (context, once) => await change(context, await EnterAsync(context, lease, once), once),
            again),
        log,
        time,
        CancellationToken.None);

    /// <summary>
    /// Begins a unit of work of an attempt at an experiment's job: the experiment's row is locked, and while it is, nobody takes the lease away.
    /// </summary>
    /// <exception cref="LeaseLostException">The lease is no longer good.</exception>
    public static async Task<StoredExperiment> EnterAsync(StoreContext context, JobLease lease, CancellationToken cancellation)
    {
        var experiment = await context.LockExperimentAsync(lease.ExperimentId!.Value, cancellation); // not null: an experiment's job
        return experiment is not null && await Held(context, lease).AnyAsync(cancellation) ? experiment : throw new LeaseLostException();
    }

    /// <summary>The job, if the lease is still good.</summary>
    public static IQueryable<StoredJob> Held(StoreContext context, JobLease lease)
    {
        var (id, token) = (lease.JobId, lease.Token);
        return context.Jobs.Where(job => job.Id == id && job.Token == token && job.State == JobState.Running);
    }

    /// <summary>Ends the job within a unit of work.</summary>
    /// <exception cref="LeaseLostException">The lease is no longer good; the unit of work must write nothing.</exception>
    public static async Task EndAsync(
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
        if (ended == 0)
        {
            throw new LeaseLostException();
        }

        await EndAttemptAsync(context, lease.JobId, lease.Token, outcome, reason, now, cancellation);
    }

    /// <summary>
    /// Puts a failed attempt's job back into the queue, after a pause that doubles with each failure.
    /// </summary>
    /// <returns>False when it has failed too often: it is then <see cref="JobState.Failed"/>.</returns>
    /// <exception cref="LeaseLostException">The lease is no longer good.</exception>
    public static async Task<bool> TryAgainAsync(
        StoreContext context, JobLease lease, AttemptOutcome outcome, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        var failures = outcome is AttemptOutcome.Lost or AttemptOutcome.Cancelled ? 0 : 1;
        if (lease.FailureCount + failures >= MostFailures || lease.AttemptCount >= MostAttempts)
        {
            await EndAsync(context, lease, JobState.Failed, outcome, reason, now, cancellation);
            return false;
        }

        var pauseMs = failures == 0 ? 0 : 1000L << Math.Min(lease.FailureCount, 5);
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
            throw new LeaseLostException();
        }

        await EndAttemptAsync(context, lease.JobId, lease.Token, outcome, reason, now, cancellation);
        return true;
    }

    private static Task<int> EndAttemptAsync(
        StoreContext context, Guid jobId, long token, AttemptOutcome outcome, string? reason, DateTimeOffset now, CancellationToken cancellation) =>
        context.Attempts.Where(attempt => attempt.JobId == jobId && attempt.Token == token && attempt.EndedAt == null).ExecuteUpdateAsync(
            set => set
                .SetProperty(attempt => attempt.EndedAt, now)
                .SetProperty(attempt => attempt.Outcome, outcome)
                .SetProperty(attempt => attempt.Reason, reason),
            cancellation);
}
