using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Experiments;
using NasPlatform.Web.Jobs.Runners;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>
/// Runs an experiment's search: the strategy lives in a runner, its trials live in the store, and each trial is a job of its own that any node may take. A
/// strategy's state is what it gets when the told trials are told again, so a new attempt begins with them and repeats nothing.
/// </summary>
internal sealed class SearchWork(PlatformStore store, RunnerPool runners, QueueSignal signal, TimeProvider time, ILogger<SearchWork> log) : IJobWork
{
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    public JobKind Kind => JobKind.Search;

    public async Task RunAsync(AttemptContext attempt)
    {
        var (experiment, trials) = await BeginAsync(attempt);
        await using var rent = await runners.RentAsync(JobGroups.Search, 1, null, attempt.Stop);
        var run = new Run(store, signal, time, log, attempt, rent.Runner, experiment);
        using var over = new CancellationTokenSource();
        var watching = run.WatchAsync(over.Token);
        try
        {
            await foreach (var message in rent.Runner.WorkAsync(new RunnerOrder.RunSearch(run.Spec, trials), attempt.Stop))
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
        var now = time.GetUtcNow();
        var experiment = await context.Experiments.SingleAsync(experiment => experiment.Id == job.ExperimentId, cancellation);
        await ExperimentFlow.CancelJobsAsync(context, experiment.Id, job.Id, "The search failed.", now, cancellation);
        ExperimentFlow.Move(context, experiment, ExperimentState.Failed, reason, $"The search failed: {reason}", now);
    }

    private Task<(StoredExperiment Experiment, List<Trial> Trials)> BeginAsync(AttemptContext attempt) => store.WriteAsync(
        async (context, again) =>
        {
            await DemandLeaseAsync(context, attempt, again);
            var experiment = await context.Experiments.SingleAsync(experiment => experiment.Id == attempt.Lease.ExperimentId, again);
            if (experiment.State != ExperimentState.Searching)
            {
                experiment.StartedAt ??= time.GetUtcNow();
                ExperimentFlow.Move(context, experiment, ExperimentState.Searching, null, experiment.TrialCount == 0 ? "The search began." : "The search goes on.", time.GetUtcNow());
            }

            var trials = await context.Trials.AsNoTracking().Where(trial => trial.ExperimentId == experiment.Id).OrderBy(trial => trial.Number).ToListAsync(again);
            return (experiment, trials.ConvertAll(trial => trial.ToTrial()));
        },
        attempt.Stop);

    /// <exception cref="OperationCanceledException">The lease is no longer good.</exception>
    private static async Task DemandLeaseAsync(StoreContext context, AttemptContext attempt, CancellationToken cancellation)
    {
        if (!await JobQueue.Held(context, attempt.Lease).AnyAsync(cancellation))
        {
            throw new OperationCanceledException("The lease is another's.");
        }
    }

    /// <summary>One run of the search.</summary>
    private sealed class Run(
        PlatformStore store, QueueSignal signal, TimeProvider time, ILogger log, AttemptContext attempt, RunnerProcess runner, StoredExperiment experiment)
    {
        private readonly Guid _id = experiment.Id;
        private readonly ConcurrentDictionary<int, bool> _asked = [];
        private Budget _budget = experiment.ReadSpec().Budget;
        private bool _isFinishing;

        public ExperimentSpec Spec { get; } = experiment.ReadSpec();

        public async Task HearAsync(RunnerMessage message)
        {
            switch (message)
            {
                case RunnerMessage.Keep(var trial):
                    await WriteAsync((context, again) => KeepAsync(context, trial, again));
                    runner.Send(new RunnerOrder.Kept());
                    break;
                case RunnerMessage.Try(var number):
                    await WriteAsync((context, again) => AskAsync(context, number, again));
                    _asked[number] = true;
                    signal.Wake();
                    break;
                case RunnerMessage.Told(var number, var diagnostics):
                    await WriteAsync((context, again) => ToldAsync(context, number, diagnostics, again));
                    break;
                case RunnerMessage.SearchEnded ended:
                    await WriteAsync((context, again) => EndAsync(context, ended, again));
                    signal.Wake();
                    break;
                case RunnerMessage.Stopped when attempt.Why() == StopReason.Wish:
                    await WriteAsync(WishAsync);
                    break;
                case RunnerMessage.Stopped:
                    throw new OperationCanceledException(attempt.Stop);
                case RunnerMessage.Refused(var reason):
                    await WriteAsync((context, again) => RefuseAsync(context, reason, again));
                    break;
                case RunnerMessage.Broke(var reason, var isOutOfMemory):
                    throw new RunnerFailureException(isOutOfMemory ? AttemptOutcome.OutOfMemory : AttemptOutcome.Failed, reason);
            }
        }

        /// <summary>Tells the runner of trials that ended and of a changed budget: at once when this process saw it, else within a second.</summary>
        public async Task WatchAsync(CancellationToken over)
        {
            using var woken = new SemaphoreSlim(0);
            store.Changed += Wake;
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

                    await woken.WaitAsync(Glance, over);
                }
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                // The search is over.
            }
            finally
            {
                store.Changed -= Wake;
            }

            void Wake(Guid experiment)
            {
                if (experiment == _id && woken.CurrentCount == 0)
                {
                    woken.Release();
                }
            }
        }

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

            var now = await context.Experiments.Where(experiment => experiment.Id == _id).Select(experiment => new { experiment.Spec, experiment.Wish }).SingleOrDefaultAsync(cancellation);
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

        /// <summary>A unit of work under the lease, repeated until the database takes it; what was found must not be lost.</summary>
        private Task WriteAsync(Func<StoreContext, CancellationToken, Task> change) => Persistence.UntilDoneAsync(
            again => store.WriteAsync(
                async (context, once) =>
                {
                    await DemandLeaseAsync(context, attempt, once);
                    await change(context, once);
                },
                again),
            log,
            time,
            attempt.Why() == StopReason.Lost ? attempt.Stop : CancellationToken.None);

        private async Task KeepAsync(StoreContext context, Trial trial, CancellationToken cancellation)
        {
            var experiment = await context.Experiments.SingleAsync(experiment => experiment.Id == _id, cancellation);
            var stored = await context.Trials.SingleOrDefaultAsync(stored => stored.ExperimentId == _id && stored.Number == trial.Number, cancellation);
            if (stored is null)
            {
                stored = new()
                {
                    ExperimentId = _id,
                    Number = trial.Number,
                    Genotype = trial.Genotype,
                    Decisions = JsonSerializer.Serialize(trial.Decisions),
                    Key = trial.Key,
                    State = StoredTrialState.Waiting,
                    ProposedAt = trial.ProposedAt,
                };
                context.Trials.Add(stored);
                experiment.TrialCount++;
                context.Happened(_id, EventKind.TrialProposed, $"Trial {trial.Number} was proposed: {trial.Genotype}", trial.Number);
            }

            if (trial.State == TrialState.Cancelled && !HasEnded(stored))
            {
                stored.State = StoredTrialState.Cancelled;
                stored.Reason = attempt.Why() == StopReason.Wish ? "The experiment was stopped." : "The time of the search was up.";
                await CancelJobAsync(context, trial.Number, stored.Reason, cancellation);
                context.Happened(_id, EventKind.TrialEnded, $"Trial {trial.Number} was cancelled: {stored.Reason}", trial.Number);
            }
            else if (trial.Evaluation is { } evaluation && !HasEnded(stored))
            {
                ExperimentFlow.EndTrial(context, experiment, stored, evaluation, time.GetUtcNow());
            }
            else if (stored.State == StoredTrialState.Cancelled)
            {
                (stored.State, stored.Reason) = (StoredTrialState.Waiting, null);
                context.Happened(_id, EventKind.TrialProposed, $"Trial {trial.Number} is tried again.", trial.Number);
            }

            if (trial.ElapsedSeconds is { } elapsed)
            {
                stored.ElapsedSeconds ??= elapsed;
                experiment.SearchSeconds = Math.Max(experiment.SearchSeconds, elapsed);
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
                var now = time.GetUtcNow();
                context.Jobs.Add(new()
                {
                    Id = Guid.CreateVersion7(now),
                    Kind = JobKind.Trial,
                    Group = JobGroups.Of(Spec.Device),
                    ExperimentId = _id,
                    TrialNumber = number,
                    State = JobState.Waiting,
                    CreatedAt = now,
                });
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

        private async Task EndAsync(StoreContext context, RunnerMessage.SearchEnded ended, CancellationToken cancellation)
        {
            var now = time.GetUtcNow();
            var experiment = await context.Experiments.SingleAsync(experiment => experiment.Id == _id, cancellation);
            await JobQueue.EndAsync(context, attempt.Lease, JobState.Completed, AttemptOutcome.Completed, null, now, cancellation);
            await ExperimentFlow.CancelJobsAsync(context, _id, attempt.Lease.JobId, "The search is over.", now, cancellation);
            experiment.SearchSeconds = Math.Max(experiment.SearchSeconds, ended.Seconds);
            experiment.IsSearched = true;
            if (experiment.Wish == Wish.Finish)
            {
                experiment.Wish = Wish.Run;
            }

            if (ended.Winner is not { } winner)
            {
                ExperimentFlow.Move(context, experiment, ExperimentState.Failed, ended.Problem, $"The search ended without a winner. {ended.Problem}", now);
            }
            else if (experiment.ReadSpec().FinalEpochs == 0)
            {
                ExperimentFlow.Move(context, experiment, ExperimentState.Completed, null, $"The search ended; trial {winner} is the best. No final training was asked for.", now);
            }
            else
            {
                ExperimentFlow.Move(context, experiment, ExperimentState.Finishing, null, $"The search ended; trial {winner} is trained in full.", now);
                ExperimentFlow.Enqueue(context, experiment, now);
            }
        }

        private async Task WishAsync(StoreContext context, CancellationToken cancellation)
        {
            var now = time.GetUtcNow();
            var experiment = await context.Experiments.SingleAsync(experiment => experiment.Id == _id, cancellation);
            await JobQueue.EndAsync(context, attempt.Lease, JobState.Cancelled, AttemptOutcome.Cancelled, null, now, cancellation);
            await ExperimentFlow.StopAsync(context, experiment, attempt.Lease.JobId, now, cancellation);
        }

        private async Task RefuseAsync(StoreContext context, string reason, CancellationToken cancellation)
        {
            var now = time.GetUtcNow();
            var experiment = await context.Experiments.SingleAsync(experiment => experiment.Id == _id, cancellation);
            await JobQueue.EndAsync(context, attempt.Lease, JobState.Failed, AttemptOutcome.Failed, reason, now, cancellation);
            await ExperimentFlow.CancelJobsAsync(context, _id, attempt.Lease.JobId, "The search failed.", now, cancellation);
            ExperimentFlow.Move(context, experiment, ExperimentState.Failed, reason, $"The search failed: {reason}", now);
        }

        private async Task CancelJobAsync(StoreContext context, int number, string reason, CancellationToken cancellation)
        {
            var now = time.GetUtcNow();
            await context.Jobs
                .Where(job => job.ExperimentId == _id && job.Kind == JobKind.Trial && job.TrialNumber == number && (job.State == JobState.Waiting || job.State == JobState.Running))
                .ExecuteUpdateAsync(
                    set => set.SetProperty(job => job.State, JobState.Cancelled).SetProperty(job => job.Reason, reason).SetProperty(job => job.EndedAt, now).SetProperty(job => job.Owner, (string?)null),
                    cancellation);
        }

        private static bool HasEnded(StoredTrial trial) => trial.State is StoredTrialState.Completed or StoredTrialState.Failed;
    }
}
