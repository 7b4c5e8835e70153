using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Experiments;
using NasPlatform.Web.Jobs.Runners;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>
/// Runs an experiment's search: the strategy lives in a runner, its trials live in the store, and each trial is a job of its own that any node may take. A
/// strategy's state is what it gets when the told trials are told again, so a new attempt begins with them and repeats nothing.
/// </summary>
internal sealed class SearchWork(PlatformStore store, JobQueue queue, RunnerPool runners, QueueSignal signal, DataFolders folders, TimeProvider time) : IJobWork
{
    public JobKind Kind => JobKind.Search;

    public async Task RunAsync(AttemptContext attempt)
    {
        var (experiment, trials) = await BeginAsync(attempt);
        await using var rent = await runners.RentAsync(JobGroups.Search, 1, null, attempt.Stop);
        using var over = new CancellationTokenSource();
        using var run = new SearchRun(store, queue, signal, time, attempt, rent.Runner, experiment);
        var watching = run.WatchAsync(over.Token);
        try
        {
            await foreach (var message in rent.Runner.WorkAsync(new RunnerOrder.RunSearch(run.Spec, trials, experiment.ReadDerived(), experiment.SearchSeconds), attempt.Stop))
            {
                await run.HearAsync(message);
            }
        }
        finally
        {
            await over.CancelAsync();
            await watching;
        }
    }

    public async Task GiveUpAsync(StoreContext context, StoredJob job, string reason, CancellationToken cancellation)
    {
        var experiment = await context.Experiments.SingleAsync(experiment => experiment.Id == job.ExperimentId, cancellation);
        await ExperimentFlow.FailAsync(context, experiment, "search", reason, time.GetUtcNow(), cancellation);
    }

    private async Task<(StoredExperiment Experiment, List<Trial> Trials)> BeginAsync(AttemptContext attempt)
    {
        StoredExperiment? begun = null;
        List<Trial> trials = [];
        await queue.WriteAsync(attempt.Lease, async (context, experiment, again) =>
        {
            if (experiment.State != ExperimentState.Searching)
            {
                experiment.StartedAt ??= time.GetUtcNow();
                experiment.Task = folders.Report(experiment.Dataset)?.Task ?? experiment.Task;
                ExperimentFlow.Move(context, experiment, ExperimentState.Searching, null, experiment.TrialCount == 0 ? "The search began." : "The search goes on.", time.GetUtcNow());
            }

            var stored = await context.Trials.AsNoTracking().Where(trial => trial.ExperimentId == experiment.Id).OrderBy(trial => trial.Number).ToListAsync(again);
            (begun, trials) = (experiment, stored.ConvertAll(trial => trial.ToTrial()));
        });
        return (begun!, trials); // not null: the unit of work has run
    }
}
