using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Jobs;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Support;

/// <summary>Waits for what happens to an experiment in a store, whichever process does it.</summary>
internal static class ExperimentWatch
{
    /// <summary>Waits until an experiment is as wanted, and gives it; fails with its log when that takes too long. A database that is away is waited for.</summary>
    public static async Task<StoredExperiment> WaitAsync(PlatformStore store, Guid id, Predicate<StoredExperiment> isThere, int seconds)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var isLate = TimeProvider.System.GetElapsedTime(started).TotalSeconds > seconds;
            try
            {
                await using var context = store.Open();
                var experiment = await context.Experiments.SingleAsync(experiment => experiment.Id == id, TestContext.Current.CancellationToken);
                if (isThere(experiment))
                {
                    return experiment;
                }

                if (isLate)
                {
                    Assert.Fail($"After {seconds} s the experiment is {experiment.State}, wish {experiment.Wish}.\n{await LogAsync(context, id)}");
                }
            }
            catch (Exception error) when (Persistence.IsOfTheDatabase(error) && !isLate)
            {
                // Not yet.
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>What happened in it, one line each.</summary>
    public static async Task<string> LogAsync(StoreContext context, Guid id)
    {
        var events = await context.Events.Where(happened => happened.ExperimentId == id).OrderBy(happened => happened.Sequence).ToListAsync(TestContext.Current.CancellationToken);
        return string.Join('\n', events.Select(happened => $"{happened.At:HH:mm:ss.fff} {happened.Text}"));
    }
}
