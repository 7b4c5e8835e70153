using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>
/// Brings the queue and the alarm clock into line with the tables, at start and every two seconds, on every node; doing it twice changes nothing. Jobs whose holder is gone go
/// back into the queue, jobs that wait get an alarm, and an experiment that should run gets the job that it lacks.
/// </summary>
internal sealed partial class Reconciler(
    PlatformStore store, NodeIdentity node, QueueSignal signal, AlarmClock alarms, Spool spool, WorkerOptions worker, IEnumerable<IJobWork> works, IHostApplicationLifetime lifetime,
    TimeProvider time, ILogger<Reconciler> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Dictionary<JobKind, IJobWork> _works = works.ToDictionary(work => work.Kind);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A server that shuts down hands its jobs back; it must not take them again while it waits for them.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        var over = stopping.Token;
        var isFirst = true;
        long? failedAt = null;
        while (!over.IsCancellationRequested)
        {
            try
            {
                if (isFirst)
                {
                    await BeginAsync(over);
                    isFirst = false;
                }

                await BeatAsync(over);
                if (failedAt is null || time.GetElapsedTime(failedAt.Value) > worker.Lease)
                {
                    await ExpireAsync(false, over);
                    await TerminalSearches.EndDeadAsync(store, time, over);
                }

                await ProvideJobsAsync(over);
                await SetAlarmsAsync(over);
                await signal.WaitAsync(Interval, over);
            }
            catch (Exception) when (over.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // Whatever it is: the next round may succeed, and without rounds no job would ever be taken again. Where the database was away, nobody could renew a lease: who
                // lives gets the time for it first.
                failedAt = time.GetTimestamp();
                Failed(log, error.Message, Persistence.IsOfTheDatabase(error) ? null : error);
                await signal.WaitAsync(Interval, CancellationToken.None);
            }
        }
    }

    /// <summary>First what an earlier life found and did not get written, then its leases: with the lease goes the right to write it.</summary>
    private async Task BeginAsync(CancellationToken cancellation)
    {
        if (await spool.ReplayAsync(cancellation) is var replayed and > 0)
        {
            Replayed(log, replayed);
        }

        if (!store.IsPostgres)
        {
            // The one server of this database is this process: whatever else holds a lease is dead.
            await ExpireAsync(true, cancellation);
        }
    }

    private Task BeatAsync(CancellationToken cancellation) => store.WriteAsync(
        async (context, again) =>
        {
            var seen = await context.Nodes.Where(row => row.Id == node.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.SeenAt, row => StoreContext.NowMs()), again);
            if (seen == 0)
            {
                context.Nodes.Add(new() { Id = node.Id, Machine = node.Machine, Groups = string.Join(' ', node.Groups), Slots = node.Slots, StartedAt = time.GetUtcNow() });
                await context.SaveChangesAsync(again);
                await context.Nodes.Where(row => row.Id == node.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.SeenAt, row => StoreContext.NowMs()), again);
            }

            await context.Nodes.Where(row => row.SeenAt < StoreContext.NowMs() - 60_000).ExecuteDeleteAsync(again);
        },
        cancellation);

    /// <summary>Puts jobs whose lease has run out back into the queue.</summary>
    /// <param name="others">Those too whose lease is good but another's.</param>
    private async Task ExpireAsync(bool others, CancellationToken cancellation)
    {
        await using var reading = store.Open();
        var lost = await reading.Jobs
            .Where(job => job.State == JobState.Running && job.Group != TerminalSearches.Group && ((others && job.Owner != node.Id) || job.LeaseUntil < StoreContext.NowMs()))
            .ToListAsync(cancellation);
        foreach (var job in lost)
        {
            try
            {
                await store.WriteAsync((context, again) => TakeAwayAsync(context, job, again), cancellation);
            }
            catch (LeaseLostException)
            {
                // Another node's reconciler was faster.
            }
        }
    }

    private async Task TakeAwayAsync(StoreContext context, StoredJob job, CancellationToken cancellation)
    {
        const string Reason = "The node that ran it is gone.";
        if (job.ExperimentId is { } locked)
        {
            await context.LockExperimentAsync(locked, cancellation);
        }

        // Only if it is still as it was read: a renewal or another node's reconciler may have come in between.
        var lease = new JobLease(job);
        if (!await JobQueue.Held(context, lease).AnyAsync(held => held.LeaseUntil == job.LeaseUntil, cancellation))
        {
            return;
        }

        if (!await JobQueue.TryAgainAsync(context, lease, AttemptOutcome.Lost, Reason, time.GetUtcNow(), cancellation))
        {
            await _works[job.Kind].GiveUpAsync(context, job, $"{Reason} That happened {job.AttemptCount} times.", cancellation);
        }
        else if (job.ExperimentId is { } experiment)
        {
            context.Happened(experiment, EventKind.AttemptFailed, $"{Reason} It is taken over.", job.Kind == JobKind.Final ? 0 : job.TrialNumber);
        }
    }

    /// <summary>An experiment that should run and has no job gets one; one that should not is stopped.</summary>
    private async Task ProvideJobsAsync(CancellationToken cancellation)
    {
        await using var reading = store.Open();
        var bare = await reading.Experiments
            .Where(experiment => experiment.Origin == Origin.Platform
                && (experiment.State == ExperimentState.Waiting || experiment.State == ExperimentState.Searching || experiment.State == ExperimentState.Finishing)
                && !reading.Jobs.Any(job => job.ExperimentId == experiment.Id && job.Kind != JobKind.Trial && (job.State == JobState.Waiting || job.State == JobState.Running)))
            .Select(experiment => experiment.Id)
            .ToListAsync(cancellation);
        foreach (var id in bare)
        {
            await store.WriteAsync(
                async (context, again) =>
                {
                    // Of two nodes one comes second here and finds the other's job.
                    var experiment = await context.LockExperimentAsync(id, again);
                    var isBare = !await context.Jobs.AnyAsync(
                        job => job.ExperimentId == id && job.Kind != JobKind.Trial && (job.State == JobState.Waiting || job.State == JobState.Running), again);
                    if (experiment is not { State: ExperimentState.Waiting or ExperimentState.Searching or ExperimentState.Finishing } || !isBare)
                    {
                        return;
                    }

                    if (experiment.Wish is Wish.Pause or Wish.Cancel)
                    {
                        await ExperimentFlow.StopAsync(context, experiment, time.GetUtcNow(), again);
                    }
                    else
                    {
                        await ExperimentFlow.EnqueueAsync(context, experiment, time.GetUtcNow(), again);
                    }
                },
                cancellation);
        }
    }

    private async Task SetAlarmsAsync(CancellationToken cancellation)
    {
        await using var context = store.Open();
        var waiting = await context.Jobs
            .Where(job => job.State == JobState.Waiting && job.NotBefore <= StoreContext.NowMs())
            .OrderBy(job => job.Id)
            .Select(job => new { job.Id, job.Group })
            .ToListAsync(cancellation);
        foreach (var job in waiting)
        {
            await alarms.SetAsync(job.Id, job.Group, cancellation);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A round of the reconciler failed; the next one follows. {Reason}")]
    private static partial void Failed(ILogger log, string reason, Exception? error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Brought in the results of {Attempts} attempts that an earlier process had not written.")]
    private static partial void Replayed(ILogger log, int attempts);
}
