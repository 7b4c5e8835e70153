using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Jobs.Runners;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>
/// One attempt at a job from claim to end. It holds the lease while the work runs and ends the work when the lease is lost, the node shuts down, or the
/// experiment is to do something else.
/// </summary>
internal sealed partial class JobWorker(PlatformStore store, JobQueue queue, IEnumerable<IJobWork> works, TimeProvider time, ILogger<JobWorker> log)
{
    private static readonly TimeSpan RenewInterval = TimeSpan.FromMilliseconds(JobQueue.LeaseMs / 4);

    private readonly Dictionary<JobKind, IJobWork> _works = works.ToDictionary(work => work.Kind);

    /// <summary>Does the job if it can be claimed; a job that somebody else has, or that is over, is nothing to do.</summary>
    /// <param name="id">The job's.</param>
    /// <param name="shutdown">The node is shutting down.</param>
    public async Task RunAsync(Guid id, CancellationToken shutdown)
    {
        if (await queue.ClaimAsync(id, shutdown) is not { } lease)
        {
            return;
        }

        // From here on: if the process dies, the lease runs out and the reconciler of any node puts the job back into the queue.
        using var logged = log.BeginScope("{Kind} job {Job}, attempt {Attempt}", lease.Kind, lease.JobId, lease.Token);
        using var stop = new CancellationTokenSource();
        var why = StopReason.None;
        using var shuttingDown = shutdown.Register(() => StopFor(StopReason.Shutdown));
        using var over = new CancellationTokenSource();
        var keeping = KeepAsync(lease, StopFor, over.Token);
        Began(log);
        try
        {
            await _works[lease.Kind].RunAsync(new(lease, () => why, stop.Token));
            Ended(log);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            StoppedFor(log, why);
            if (why == StopReason.Shutdown)
            {
                await FailAsync(lease, AttemptOutcome.Lost, "The server was stopped; the job goes on elsewhere or after its restart.");
            }
        }
        catch (RunnerFailureException failure)
        {
            Failed(log, failure.Message);
            if (why == StopReason.None || (why == StopReason.Wish && failure.Outcome != AttemptOutcome.Cancelled))
            {
                await FailAsync(lease, failure.Outcome, failure.Message);
            }
        }
        catch (Exception error) when (why != StopReason.Lost)
        {
            Broke(log, error);
            await FailAsync(lease, AttemptOutcome.Failed, $"An error that was not foreseen: {error.Message}");
        }
        finally
        {
            await over.CancelAsync();
            await keeping;
        }

        void StopFor(StopReason reason)
        {
            if (why == StopReason.None)
            {
                why = reason;
                stop.Cancel();
            }
        }
    }

    /// <summary>Renews the lease and looks what is wanted, at once when something happened in the experiment, else at each renewal.</summary>
    private async Task KeepAsync(JobLease lease, Action<StopReason> stopFor, CancellationToken over)
    {
        using var woken = new SemaphoreSlim(0);
        store.Changed += Wake;
        try
        {
            var renewed = time.GetTimestamp();
            while (!over.IsCancellationRequested)
            {
                var isDue = !await woken.WaitAsync(RenewInterval, over) || time.GetElapsedTime(renewed) >= RenewInterval;
                try
                {
                    if (isDue)
                    {
                        renewed = time.GetTimestamp();
                        if (!await queue.RenewAsync(lease, over))
                        {
                            stopFor(StopReason.Lost);
                            return;
                        }
                    }

                    await LookAsync(lease, stopFor, over);
                }
                catch (Exception error) when (Persistence.IsOfTheDatabase(error))
                {
                    // The work goes on: whether the lease is still ours is for the database to say when it is back.
                    NotRenewed(log, error.Message);
                }
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The attempt is over.
        }
        finally
        {
            store.Changed -= Wake;
        }

        void Wake(Guid experiment)
        {
            if (experiment == lease.ExperimentId && woken.CurrentCount == 0)
            {
                woken.Release();
            }
        }
    }

    private async Task LookAsync(JobLease lease, Action<StopReason> stopFor, CancellationToken cancellation)
    {
        await using var context = store.Open();
        if (!await JobQueue.Held(context, lease).AnyAsync(cancellation))
        {
            stopFor(StopReason.Lost);
        }
        else if (lease.ExperimentId is { } id && lease.Kind != JobKind.Trial)
        {
            // A trial is stopped by its search, which cancels its job.
            var wish = await context.Experiments.Where(experiment => experiment.Id == id).Select(experiment => (Wish?)experiment.Wish).SingleOrDefaultAsync(cancellation);
            if (wish is null)
            {
                stopFor(StopReason.Lost);
            }
            else if (wish is Wish.Pause or Wish.Cancel)
            {
                stopFor(StopReason.Wish);
            }
        }
    }

    private Task FailAsync(JobLease lease, AttemptOutcome outcome, string reason) => Persistence.UntilDoneAsync(
        again => store.WriteAsync(
            async (context, once) =>
            {
                if (!await JobQueue.TryAgainAsync(context, lease, outcome, reason, time.GetUtcNow(), once))
                {
                    var job = await context.Jobs.AsNoTracking().SingleOrDefaultAsync(job => job.Id == lease.JobId, once);
                    if (job is { State: JobState.Failed } && job.Token == lease.Token)
                    {
                        await _works[lease.Kind].GiveUpAsync(context, job, reason, once);
                    }
                }
                else if (lease.ExperimentId is { } experiment && outcome != AttemptOutcome.Lost)
                {
                    context.Happened(experiment, EventKind.AttemptFailed, $"{reason} It is tried again.", lease.Kind == JobKind.Final ? 0 : lease.TrialNumber);
                }
            },
            again),
        log,
        time,
        CancellationToken.None);

    [LoggerMessage(Level = LogLevel.Information, Message = "Began.")]
    private static partial void Began(ILogger log);

    [LoggerMessage(Level = LogLevel.Information, Message = "Ended.")]
    private static partial void Ended(ILogger log);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped: {Reason}.")]
    private static partial void StoppedFor(ILogger log, StopReason reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The attempt failed: {Reason}")]
    private static partial void Failed(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The attempt broke off.")]
    private static partial void Broke(ILogger log, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease could not be renewed: {Error}")]
    private static partial void NotRenewed(ILogger log, string error);
}
