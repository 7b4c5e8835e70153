using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Experiments;
using NasPlatform.Web.Jobs.Runners;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>One attempt at a search: what the runner says is written down, and what happens to its trials and its budget is told to it.</summary>
internal sealed class SearchRun(
    PlatformStore store, JobQueue queue, QueueSignal signal, TimeProvider time, AttemptContext attempt, RunnerProcess runner, StoredExperiment experiment) : IDisposable
{
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    private readonly Guid _id = experiment.Id;
    private readonly ConcurrentDictionary<int, bool> _asked = [];
    private readonly ExperimentSignal _changed = new(store, experiment.Id);
    private Budget _budget = experiment.ReadSpec().Budget;
    private bool _isFinishing;

    public ExperimentSpec Spec { get; } = experiment.ReadSpec();

    public async Task HearAsync(RunnerMessage message)
    {
        switch (message)
        {
            case RunnerMessage.Keep(var trial):
                await queue.WriteAsync(attempt.Lease, (context, row, again) => KeepAsync(context, row, trial, again));
                runner.Send(new RunnerOrder.Kept());
                break;
            case RunnerMessage.Try(var number):
                await queue.WriteAsync(attempt.Lease, (context, _, again) => AskAsync(context, number, again));
                _asked[number] = true;
                signal.Wake();
                _changed.Wake();
                break;
            case RunnerMessage.Told(var number, var diagnostics):
                await queue.WriteAsync(attempt.Lease, (context, _, again) => ToldAsync(context, number, diagnostics, again));
                break;
            case RunnerMessage.SearchEnded ended:
                await queue.WriteAsync(attempt.Lease, (context, row, again) => EndAsync(context, row, ended, again));
                signal.Wake();
                break;
            case RunnerMessage.Refused(var reason):
                await queue.WriteAsync(attempt.Lease, (context, row, again) => RefuseAsync(context, row, reason, again));
                break;
            case RunnerMessage.Broke(var reason, var isOutOfMemory):
                throw new RunnerFailureException(isOutOfMemory ? AttemptOutcome.OutOfMemory : AttemptOutcome.Failed, reason);
            case RunnerMessage.Stopped:
                throw new OperationCanceledException(attempt.Stop);
        }
    }

    /// <summary>Tells the runner of trials that ended and of a changed budget: at once when this process hears of it, else within a second.</summary>
    public async Task WatchAsync(CancellationToken over)
    {
        try
        {
            while (true)
            {
                try
                {
                    await LookAsync(over);
                }
                catch (Exception error) when (Persistence.IsOfTheDatabase(error))
                {
                    // Looked at again in a second.
                }

                await _changed.WaitAsync(Glance, over);
            }
        }
        catch (Exception) when (over.IsCancellationRequested)
        {
            // The search is over.
        }
    }

    public void Dispose() => _changed.Dispose();

    private async Task LookAsync(CancellationToken cancellation)
    {
        await using var context = store.Open();
        int[] asked = [.. _asked.Keys];
        var ended = asked.Length == 0
            ? []
            : await context.Trials
                .Where(trial => trial.ExperimentId == _id && asked.Contains(trial.Number) && (trial.State == StoredTrialState.Completed || trial.State == StoredTrialState.Failed))
                .ToListAsync(cancellation);
        foreach (var trial in ended)
        {
            if (_asked.TryRemove(trial.Number, out _))
            {
                runner.Send(new RunnerOrder.Tried(trial.Number, trial.ToTrial().Evaluation!)); // not null: it has ended
            }
        }

        var now = await context.Experiments.Where(row => row.Id == _id).Select(row => new { row.Spec, row.Wish }).SingleOrDefaultAsync(cancellation);
        if (now is not null && SpecJson.Read(now.Spec).Budget is var budget && budget != _budget)
        {
            _budget = budget;
            runner.Send(new RunnerOrder.Amend(budget));
        }

        if (now?.Wish == Wish.Finish && !_isFinishing)
        {
            _isFinishing = true;
            runner.Send(new RunnerOrder.FinishSearch());
        }
    }

    private async Task KeepAsync(StoreContext context, StoredExperiment row, Trial trial, CancellationToken cancellation)
    {
        var stored = await context.Trials.SingleOrDefaultAsync(stored => stored.ExperimentId == _id && stored.Number == trial.Number, cancellation);
        if (stored is null)
        {
            stored = StoredTrial.Proposed(_id, trial);
            context.Trials.Add(stored);
            row.TrialCount++;
            context.Happened(_id, EventKind.TrialProposed, $"Trial {trial.Number} was proposed: {trial.Genotype}", trial.Number);
        }

        var hasEnded = stored.State is StoredTrialState.Completed or StoredTrialState.Failed;
        if (trial.State == TrialState.Cancelled)
        {
            // Where this attempt only makes room for another, the trial's own job goes on, and the next attempt hears of it.
            if (!hasEnded && attempt.Request.Why is StopReason.None or StopReason.Wish)
            {
                stored.State = StoredTrialState.Cancelled;
                stored.Reason = attempt.Request.Why == StopReason.Wish ? "The experiment was stopped." : "The time of the search was up.";
                await ExperimentFlow.CancelJobsAsync(context, _id, trial.Number, stored.Reason, time.GetUtcNow(), cancellation);
                context.Happened(_id, EventKind.TrialEnded, $"Trial {trial.Number} was cancelled: {stored.Reason}", trial.Number);
            }
        }
        else if (trial.Evaluation is { } evaluation && !hasEnded)
        {
            ExperimentFlow.EndTrial(context, row, stored, evaluation, time.GetUtcNow());
        }
        else if (stored.State == StoredTrialState.Cancelled)
        {
            (stored.State, stored.Reason) = (StoredTrialState.Waiting, null);
            context.Happened(_id, EventKind.TrialProposed, $"Trial {trial.Number} is tried again.", trial.Number);
        }

        if (trial.ElapsedSeconds is { } elapsed)
        {
            stored.ElapsedSeconds ??= elapsed;
            row.SearchSeconds = Math.Max(row.SearchSeconds, elapsed);
        }
    }

    private async Task AskAsync(StoreContext context, int number, CancellationToken cancellation)
    {
        var isThere = await context.Jobs.AnyAsync(
            job => job.ExperimentId == _id && job.Kind == JobKind.Trial && job.TrialNumber == number && (job.State == JobState.Waiting || job.State == JobState.Running),
            cancellation);
        var hasEnded = await context.Trials.AnyAsync(
            trial => trial.ExperimentId == _id && trial.Number == number && (trial.State == StoredTrialState.Completed || trial.State == StoredTrialState.Failed),
            cancellation);
        if (!isThere && !hasEnded)
        {
            await ExperimentFlow.EnqueueAsync(context, _id, JobKind.Trial, number, JobGroups.Of(Spec.Device), time.GetUtcNow(), cancellation);
        }
    }

    private async Task ToldAsync(StoreContext context, int number, IReadOnlyDictionary<string, double> diagnostics, CancellationToken cancellation)
    {
        var trial = await context.Trials.SingleAsync(trial => trial.ExperimentId == _id && trial.Number == number, cancellation);
        if (trial.ToldAt is not null)
        {
            return; // told again after a restart: the strategy has forgotten, the store has not
        }

        trial.ToldAt = time.GetUtcNow();
        trial.Diagnostics = diagnostics.Count == 0 ? null : JsonSerializer.Serialize(diagnostics.Where(pair => double.IsFinite(pair.Value)).ToDictionary());
        context.Happened(_id, EventKind.StrategyTold, $"The strategy was told of trial {number}.", number);
    }

    private async Task EndAsync(StoreContext context, StoredExperiment row, RunnerMessage.SearchEnded ended, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await JobQueue.EndAsync(context, attempt.Lease, JobState.Completed, AttemptOutcome.Completed, null, now, cancellation);
        await ExperimentFlow.CancelJobsAsync(context, _id, null, "The search is over.", now, cancellation);
        row.SearchSeconds = Math.Max(row.SearchSeconds, ended.Seconds);
        var spec = row.ReadSpec();
        if (row.Wish != Wish.Finish && !ended.IsExhausted && !IsSpent(spec, row))
        {
            // More was given in the moment in which the search ended.
            await ExperimentFlow.EnqueueAsync(context, row, now, cancellation);
            return;
        }

        row.IsSearched = true;
        if (row.Wish == Wish.Finish)
        {
            row.Wish = Wish.Run;
        }

        // By the store: it may know of a trial that ended in the moment in which the runner stopped waiting for it.
        if (row.BestTrial is not { } winner)
        {
            ExperimentFlow.Move(context, row, ExperimentState.Failed, ended.Problem, $"The search ended without a winner. {ended.Problem}", now);
        }
        else if (spec.FinalEpochs == 0)
        {
            ExperimentFlow.Move(context, row, ExperimentState.Completed, null, $"The search ended; trial {winner} is the best. No final training was asked for.", now);
        }
        else
        {
            ExperimentFlow.Move(context, row, ExperimentState.Finishing, null, $"The search ended; trial {winner} is trained in full.", now);
            await ExperimentFlow.EnqueueAsync(context, row, now, cancellation);
        }
    }

    private async Task RefuseAsync(StoreContext context, StoredExperiment row, string reason, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await JobQueue.EndAsync(context, attempt.Lease, JobState.Failed, AttemptOutcome.Failed, reason, now, cancellation);
        await ExperimentFlow.FailAsync(context, row, "search", reason, now, cancellation);
    }

    /// <summary>Whether the budget leaves nothing to search with.</summary>
    private static bool IsSpent(ExperimentSpec spec, StoredExperiment row) =>
        row.TrialCount >= spec.Budget.Trials
        || row.SearchSeconds >= spec.Budget.Minutes * 60 * (spec.FinalEpochs == 0 ? 1 : spec.Budget.SearchShare);
}
