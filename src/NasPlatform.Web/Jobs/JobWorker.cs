using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Jobs.Runners;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>
/// One attempt at a job from claim to end. It holds the lease while the work runs and ends the work when the lease is lost, the node shuts down, or the
/// experiment is to do something else.
/// </summary>
internal sealed partial class JobWorker(
    PlatformStore store, JobQueue queue, WorkerOptions worker, IEnumerable<IJobWork> works, TimeProvider time, ILogger<JobWorker> log)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _renewInterval = worker.Lease / 4;
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
        using var request = new StopRequest();
        using var shuttingDown = shutdown.Register(() => request.Ask(StopReason.Shutdown));
        using var over = new CancellationTokenSource();
        var keeping = KeepAsync(lease, request, over.Token);
        try
        {
            Began(log, lease);
            await EndingAsync(lease, request);
        }
        catch (LeaseLostException)
        {
            StoppedFor(log, lease, "its result is not wanted any more");
        }
        finally
        {
            await over.CancelAsync();
            await keeping;
        }
    }

    private async Task EndingAsync(JobLease lease, StopRequest request)
    {
        try
        {
            await _works[lease.Kind].RunAsync(new(lease, request));
            Ended(log, lease);
        }
        catch (Exception error) when (error is not LeaseLostException && request.Why != StopReason.Lost)
        {
            switch (request.Why, error)
            {
                case (StopReason.Shutdown, _):
                    StoppedFor(log, lease, "the server stops");
                    await FailAsync(lease, AttemptOutcome.Lost, "The server was stopped; the job goes on elsewhere or after its restart.");
                    break;
                case (StopReason.Wish, OperationCanceledException or RunnerFailureException { Outcome: AttemptOutcome.Cancelled }):
                    StoppedFor(log, lease, "somebody paused or cancelled it");
                    await queue.WriteAsync(lease, async (context, experiment, again) =>
                    {
                        await JobQueue.EndAsync(context, lease, JobState.Cancelled, AttemptOutcome.Cancelled, null, time.GetUtcNow(), again);
                        await ExperimentFlow.StopAsync(context, experiment, time.GetUtcNow(), again);
                    });
                    break;
                case (_, RunnerFailureException failure):
                    Failed(log, lease, failure.Message);
                    await FailAsync(lease, failure.Outcome, failure.Message);
                    break;
                case (_, var fault) when Persistence.IsOfTheDatabase(fault):
                    Failed(log, lease, fault.Message);
                    await FailAsync(lease, AttemptOutcome.Lost, "The database did not answer.");
                    break;
                default:
                    Broke(log, lease, error);
                    await FailAsync(lease, AttemptOutcome.Failed, $"An error that was not foreseen: {error.Message}");
                    break;
            }
        }
        catch (Exception error) when (error is not LeaseLostException)
        {
            // Whatever it was, nobody wants this attempt any more.
            throw new LeaseLostException();
        }
    }

    /// <summary>Renews the lease and looks what is wanted, at once when something happened in the experiment, else at each renewal.</summary>
    private async Task KeepAsync(JobLease lease, StopRequest request, CancellationToken over)
    {
        using var woken = new ExperimentSignal(store, lease.ExperimentId);
        var renewed = time.GetTimestamp();
        var wait = _renewInterval;
        try
        {
            while (request.Why != StopReason.Lost)
            {
                await woken.WaitAsync(wait, over);
                try
                {
                    if (time.GetElapsedTime(renewed) >= _renewInterval)
                    {
                        if (!await queue.RenewAsync(lease, over))
                        {
                            request.Ask(StopReason.Lost);
                            return;
                        }

                        renewed = time.GetTimestamp();
                    }

                    await LookAsync(lease, request, over);
                    wait = _renewInterval;
                }
                catch (Exception error) when (!over.IsCancellationRequested)
                {
                    // The work goes on: whether the lease is still ours is for the database to say when it is back.
                    NotRenewed(log, lease, error.Message);
                    wait = RetryInterval;
                }
            }
        }
        catch (Exception) when (over.IsCancellationRequested)
        {
            // The attempt is over.
        }
    }

    private async Task LookAsync(JobLease lease, StopRequest request, CancellationToken cancellation)
    {
        await using var context = store.Open();
        if (!await JobQueue.Held(context, lease).AnyAsync(cancellation))
        {
            request.Ask(StopReason.Lost);
        }
        else if (lease.ExperimentId is { } id && lease.Kind != JobKind.Trial)
        {
            // A trial is stopped by its search, which cancels its job.
            var wish = await context.Experiments.Where(experiment => experiment.Id == id).Select(experiment => (Wish?)experiment.Wish).SingleOrDefaultAsync(cancellation);
            if (wish is Wish.Pause or Wish.Cancel)
            {
                request.Ask(StopReason.Wish);
            }
        }
    }

    /// <exception cref="LeaseLostException">The job is another's by now.</exception>
    private Task FailAsync(JobLease lease, AttemptOutcome outcome, string reason) => Persistence.UntilDoneAsync(
        again => store.WriteAsync(
            async (context, once) =>
            {
                if (lease.ExperimentId is { } locked)
                {
                    await context.LockExperimentAsync(locked, once);
                }

                if (!await JobQueue.TryAgainAsync(context, lease, outcome, reason, time.GetUtcNow(), once))
                {
                    await _works[lease.Kind].GiveUpAsync(context, await context.Jobs.AsNoTracking().SingleAsync(job => job.Id == lease.JobId, once), reason, once);
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

    [LoggerMessage(Level = LogLevel.Information, Message = "{Job} began.")]
    private static partial void Began(ILogger log, JobLease job);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Job} ended.")]
    private static partial void Ended(ILogger log, JobLease job);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Job} was stopped: {Reason}.")]
    private static partial void StoppedFor(ILogger log, JobLease job, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Job} failed: {Reason}")]
    private static partial void Failed(ILogger log, JobLease job, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Job} broke off.")]
    private static partial void Broke(ILogger log, JobLease job, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease of {Job} could not be renewed: {Error}")]
    private static partial void NotRenewed(ILogger log, JobLease job, string error);
}
