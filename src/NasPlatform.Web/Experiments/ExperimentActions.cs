using Microsoft.EntityFrameworkCore;
using NasPlatform.Search;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Jobs;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Experiments;

/// <summary>
/// What people do with experiments, for pages, REST and the terminal alike. Each action checks the caller's right, changes the store in one transaction
/// and leaves a line in the audit; the jobs see within a second what is wanted of them.
/// </summary>
internal sealed class ExperimentActions(PlatformStore store, QueueSignal signal, DataFolders folders, TimeProvider time)
{
    public const int LongestName = 200;

    /// <summary>Starts an experiment.</summary>
    /// <param name="name">Null: made of the dataset, the space and the strategy.</param>
    /// <param name="id">The client's own, so that a repeated request starts nothing twice; null for a new one.</param>
    /// <exception cref="UserErrorException">The spec is not valid; the message names every problem.</exception>
    /// <exception cref="RefusedException">The caller may not, or there is no such dataset.</exception>
    public async Task<Guid> StartAsync(Caller caller, ExperimentSpec spec, string? name, Visibility visibility, Guid? id, CancellationToken cancellation)
    {
        caller.Demand(Role.Member);
        spec.Validate();
        var task = folders.Report(spec.Dataset)?.Task;
        if (task is { } kind)
        {
            spec.CreateSpace().Demand(kind);
        }

        var experimentId = id ?? Guid.CreateVersion7(time.GetUtcNow());
        await store.WriteAsync(
            async (context, again) =>
            {
                if (await context.Experiments.AnyAsync(experiment => experiment.Id == experimentId, again))
                {
                    return;
                }

                var dataset = await context.Datasets.VisibleTo(caller).SingleOrDefaultAsync(dataset => dataset.Name == spec.Dataset, again)
                    ?? throw RefusedException.NotFound($"dataset '{spec.Dataset}'");
                if (dataset.State == DatasetState.Failed)
                {
                    throw RefusedException.Conflict($"The dataset '{spec.Dataset}' could not be taken in: {dataset.Reason}");
                }

                var now = time.GetUtcNow();
                var experiment = new StoredExperiment
                {
                    Id = experimentId,
                    Name = CheckedName(name ?? $"{spec.Dataset}, {spec.Space}, {spec.Strategy}"),
                    OwnerId = caller.UserId,
                    Visibility = visibility,
                    Spec = SpecJson.Write(spec),
                    Dataset = spec.Dataset,
                    Task = task,
                    Space = spec.Space,
                    Strategy = spec.Strategy,
                    Origin = Origin.Platform,
                    State = ExperimentState.Waiting,
                    CreatedAt = now,
                };
                context.Experiments.Add(experiment);
                await context.SaveChangesAsync(again);
                await ExperimentFlow.EnqueueAsync(context, experiment, now, again);
                context.Happened(experiment.Id, EventKind.Changed, $"{caller.Name} started it.");
                context.Audit(caller, "experiment.start", experimentId, $"Started '{experiment.Name}'.", now);
            },
            cancellation);
        signal.Wake();
        return experimentId;
    }

    /// <summary>Stops the work, to go on later: the trials that run are stopped and tried again then.</summary>
    public Task PauseAsync(Caller caller, Guid id, CancellationToken cancellation) => ChangeAsync(
        caller, id, "experiment.pause", "Paused", (context, experiment, again) => WantAsync(context, experiment, Wish.Pause, $"{caller.Name} pauses it.", again), cancellation);

    /// <summary>Stops the work for good; what was found is kept.</summary>
    public Task CancelAsync(Caller caller, Guid id, CancellationToken cancellation) => ChangeAsync(
        caller, id, "experiment.cancel", "Cancelled", (context, experiment, again) => WantAsync(context, experiment, Wish.Cancel, $"{caller.Name} cancels it.", again), cancellation);

    /// <summary>Ends the search now and trains the best in full.</summary>
    public Task FinishAsync(Caller caller, Guid id, CancellationToken cancellation) => ChangeAsync(
        caller,
        id,
        "experiment.finish",
        "Asked to finish",
        (context, experiment, again) =>
        {
            if (experiment is not { State: ExperimentState.Waiting or ExperimentState.Searching, Wish: Wish.Run })
            {
                throw RefusedException.Conflict($"The experiment is {Word(experiment.State)}; only a search that runs can be finished early.");
            }

            experiment.Wish = Wish.Finish;
            context.Happened(id, EventKind.Changed, $"{caller.Name} wants the search to end now.");
            return Task.CompletedTask;
        },
        cancellation);

    /// <summary>Goes on with a paused, failed or cancelled experiment.</summary>
    public Task ResumeAsync(Caller caller, Guid id, CancellationToken cancellation) => ChangeAsync(
        caller,
        id,
        "experiment.resume",
        "Resumed",
        (context, experiment, again) =>
        {
            if (experiment.State is not (ExperimentState.Paused or ExperimentState.Failed or ExperimentState.Cancelled))
            {
                throw RefusedException.Conflict($"The experiment is {Word(experiment.State)}; only one that is paused, failed or cancelled can be resumed.");
            }

            context.Happened(id, EventKind.Changed, $"{caller.Name} resumed it.");
            return RestartAsync(context, experiment, "It goes on.", again);
        },
        cancellation);

    /// <summary>Gives more trials or time; one that had ended goes on.</summary>
    /// <param name="trials">More trials; null for none.</param>
    /// <param name="minutes">More minutes; null for none.</param>
    /// <exception cref="UserErrorException">Neither is above 0.</exception>
    public Task ExtendAsync(Caller caller, Guid id, int? trials, double? minutes, CancellationToken cancellation)
    {
        if (trials is null && minutes is null)
        {
            throw new UserErrorException("Say how many trials or minutes to add.");
        }

        if (trials is < 1 or > 1_000_000 || minutes is not null && !(minutes > 0 && minutes <= 1e6))
        {
            throw new UserErrorException("What is added must be above 0, and at most a million trials or minutes.");
        }

        return ChangeAsync(
            caller,
            id,
            "experiment.extend",
            $"Added {(trials is null ? "" : $"{trials} trials")}{(trials is not null && minutes is not null ? " and " : "")}{(minutes is null ? "" : $"{minutes:0.##} minutes")} to",
            (context, experiment, again) =>
            {
                if (experiment.State == ExperimentState.Finishing)
                {
                    throw RefusedException.Conflict("The winner is being trained in full; wait until that is done, or pause the experiment first.");
                }

                var spec = experiment.ReadSpec();
                spec = spec with { Budget = Extended(spec, experiment, trials, minutes) };
                spec.Validate();
                experiment.Spec = SpecJson.Write(spec);
                context.Happened(id, EventKind.Changed, $"{caller.Name} added {(trials is null ? $"{minutes:0.##} minutes" : minutes is null ? $"{trials} trials" : $"{trials} trials and {minutes:0.##} minutes")}.");
                if (experiment.State is ExperimentState.Paused)
                {
                    experiment.IsSearched = false;
                }
                else if (experiment.State is ExperimentState.Completed or ExperimentState.Failed or ExperimentState.Cancelled)
                {
                    experiment.IsSearched = false;
                    return RestartAsync(context, experiment, "The search goes on.", again);
                }

                return Task.CompletedTask;
            },
            cancellation);
    }

    /// <exception cref="UserErrorException">The name is empty or too long.</exception>
    public Task RenameAsync(Caller caller, Guid id, string name, CancellationToken cancellation)
    {
        var given = CheckedName(name);
        return ChangeAsync(
            caller,
            id,
            "experiment.rename",
            "Renamed",
            (context, experiment, again) =>
            {
                context.Happened(id, EventKind.Changed, $"{caller.Name} renamed it from '{experiment.Name}' to '{given}'.");
                experiment.Name = given;
                return Task.CompletedTask;
            },
            cancellation);
    }

    public Task SetVisibilityAsync(Caller caller, Guid id, Visibility visibility, CancellationToken cancellation) => ChangeAsync(
        caller,
        id,
        "experiment.visibility",
        "Changed who sees",
        (context, experiment, again) =>
        {
            experiment.Visibility = visibility;
            context.Happened(id, EventKind.Changed, visibility == Visibility.Team ? "Everybody with an account sees it now." : "Only its owner and administrators see it now.");
            return Task.CompletedTask;
        },
        cancellation);

    /// <summary>Deletes an experiment with everything that belongs to it, once nothing of it runs any more.</summary>
    public Task DeleteAsync(Caller caller, Guid id, CancellationToken cancellation) => ChangeAsync(
        caller,
        id,
        "experiment.delete",
        "Deleted",
        async (context, experiment, again) =>
        {
            await ExperimentFlow.CancelJobsAsync(context, id, null, "The experiment was deleted.", time.GetUtcNow(), again);
            await context.Attempts.Where(attempt => context.Jobs.Any(job => job.Id == attempt.JobId && job.ExperimentId == id)).ExecuteDeleteAsync(again);
            await context.Jobs.Where(job => job.ExperimentId == id).ExecuteDeleteAsync(again);
            await context.Artifacts.Where(artifact => context.Models.Any(model => model.Id == artifact.ModelId && model.ExperimentId == id)).ExecuteDeleteAsync(again);
            await context.Models.Where(model => model.ExperimentId == id).ExecuteDeleteAsync(again);
            await context.ShareLinks.Where(link => link.ExperimentId == id).ExecuteDeleteAsync(again);
            await context.MetricPoints.Where(point => point.ExperimentId == id).ExecuteDeleteAsync(again);
            await context.SupernetEpochs.Where(epoch => epoch.ExperimentId == id).ExecuteDeleteAsync(again);
            await context.Events.Where(happened => happened.ExperimentId == id).ExecuteDeleteAsync(again);
            await context.Trials.Where(trial => trial.ExperimentId == id).ExecuteDeleteAsync(again);
            context.Experiments.Remove(experiment);
        },
        cancellation);

    private static string CheckedName(string name)
    {
        name = name.Trim();
        return name.Length is > 0 and <= LongestName && !name.Any(char.IsControl)
            ? name
            : throw new UserErrorException($"An experiment's name has 1 to {LongestName} characters, none of them control characters.");
    }

    /// <summary>
    /// A budget with more trials or time. What is added is had: where the other limit is spent already it gives way, a limit of time by the time that the trials before took.
    /// </summary>
    private static Budget Extended(ExperimentSpec spec, StoredExperiment experiment, int? trials, double? minutes)
    {
        var (budget, share) = (spec.Budget, spec.FinalEpochs == 0 ? 1 : spec.Budget.SearchShare);
        if (trials is not null)
        {
            budget = budget with { Trials = budget.Trials + trials };
            if (minutes is null && (budget.Trials is null || experiment.SearchSeconds >= budget.Minutes * 60 * share))
            {
                minutes = trials * experiment.SearchSeconds / Math.Max(1, experiment.EndedCount) / 60 / share;
            }
        }

        if (minutes is not null)
        {
            budget = budget with
            {
                Trials = trials is null && experiment.TrialCount >= budget.Trials ? null : budget.Trials,
                Minutes = (budget.Minutes ?? (experiment.SearchSeconds / 60 / share)) + minutes,
            };
        }

        return budget;
    }

    private static string Word(ExperimentState state) => state.ToString().ToLowerInvariant();

    private Task ChangeAsync(
        Caller caller, Guid id, string action, string did, Func<StoreContext, StoredExperiment, CancellationToken, Task> change, CancellationToken cancellation) =>
        WokenAfter(store.WriteAsync(
            async (context, again) =>
            {
                var experiment = await context.LockExperimentAsync(id, again);
                if (experiment is null || !await context.Experiments.VisibleTo(caller).AnyAsync(visible => visible.Id == id, again))
                {
                    throw RefusedException.NotFound("experiment");
                }

                caller.DemandChange(experiment);
                context.Audit(caller, action, id, $"{did} '{experiment.Name}'.", time.GetUtcNow());
                await change(context, experiment, again);
            },
            cancellation));

    private async Task WokenAfter(Task change)
    {
        await change;
        signal.Wake();
    }

    private async Task WantAsync(StoreContext context, StoredExperiment experiment, Wish wish, string text, CancellationToken cancellation)
    {
        if (experiment.State is ExperimentState.Paused && wish == Wish.Cancel)
        {
            experiment.Wish = wish;
            await ExperimentFlow.StopAsync(context, experiment, time.GetUtcNow(), cancellation);
            return;
        }

        if (experiment.State is not (ExperimentState.Waiting or ExperimentState.Searching or ExperimentState.Finishing))
        {
            throw RefusedException.Conflict($"The experiment is {Word(experiment.State)} already.");
        }

        experiment.Wish = wish;
        context.Happened(experiment.Id, EventKind.Changed, text);

        // Work that nobody has begun is stopped here; whoever holds a job stops it and says so.
        var isHeld = experiment.Origin == Origin.Terminal
            || await context.Jobs.AnyAsync(job => job.ExperimentId == experiment.Id && job.Kind != JobKind.Trial && job.State == JobState.Running, cancellation);
        if (!isHeld)
        {
            await ExperimentFlow.StopAsync(context, experiment, time.GetUtcNow(), cancellation);
        }
    }

    private Task RestartAsync(StoreContext context, StoredExperiment experiment, string text, CancellationToken cancellation)
    {
        if (experiment.Origin == Origin.Terminal)
        {
            throw RefusedException.Conflict("It was started in a terminal and is resumed there: nas search --resume --out <its folder>.");
        }

        experiment.Wish = Wish.Run;
        experiment.EndedAt = null;
        ExperimentFlow.Move(context, experiment, ExperimentState.Waiting, null, text, time.GetUtcNow());
        return ExperimentFlow.EnqueueAsync(context, experiment, time.GetUtcNow(), cancellation);
    }
}
