using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>
/// Searches that a terminal runs. Their jobs belong to a group that no node serves: the terminal itself holds the leases and renews them, and when it has died the
/// experiment is paused, since only its folder can go on with it.
/// </summary>
internal static class TerminalSearches
{
    /// <summary>The group of the jobs.</summary>
    public const string Group = "terminal";

    /// <summary>How long a terminal may be silent, in milliseconds; certifying a large model takes it some seconds.</summary>
    public const int LeaseMs = 60_000;

    /// <summary>For people whose experiment stopped with its terminal.</summary>
    public const string GoOn = "nas search --resume --out <its folder> goes on with it.";

    /// <summary>Pauses experiments whose terminal is gone, or ends them where that was wanted.</summary>
    public static async Task EndDeadAsync(PlatformStore store, TimeProvider time, CancellationToken cancellation)
    {
        await using var reading = store.Open();
        foreach (var id in await Dead(reading).Select(experiment => experiment.Id).ToListAsync(cancellation))
        {
            await store.WriteAsync(
                async (context, again) =>
                {
                    await context.LockExperimentAsync(id, again);
                    if (await Dead(context).SingleOrDefaultAsync(experiment => experiment.Id == id, again) is not { } experiment)
                    {
                        return;
                    }

                    var now = time.GetUtcNow();
                    if (experiment.Wish == Wish.Cancel)
                    {
                        await ExperimentFlow.StopAsync(context, experiment, now, again);
                        return;
                    }

                    const string Reason = $"The terminal that ran it has ended. {GoOn}";
                    await ExperimentFlow.CancelJobsAsync(context, id, null, Reason, now, again);
                    ExperimentFlow.Move(context, experiment, ExperimentState.Paused, Reason, Reason, now);
                },
                cancellation);
        }
    }

    private static IQueryable<StoredExperiment> Dead(StoreContext context) => context.Experiments.Where(experiment =>
        experiment.Origin == Origin.Terminal
        && (experiment.State == ExperimentState.Waiting || experiment.State == ExperimentState.Searching || experiment.State == ExperimentState.Finishing)
        && !context.Jobs.Any(job => job.ExperimentId == experiment.Id && job.Group == Group && job.State == JobState.Running && job.LeaseUntil >= StoreContext.NowMs()));
}
