using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Supernets;
using NasPlatform.Web.Artifacts;
using NasPlatform.Web.Jobs;
using NasPlatform.Web.Models;
using NasPlatform.Web.Progress;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Commands.Searching;

/// <summary>The rows of a search that runs in this terminal: the experiment, its trials, its points, the jobs that say who works, the model.</summary>
internal sealed class RecordedSearch(LocalStore local, ExperimentFolder folder, IReadOnlyList<Trial> earlier, TimeProvider time)
{
    /// <summary>Holds the experiment's id, so that a resumed search goes on in the same rows.</summary>
    private const string IdFile = "experiment.id";

    private readonly string _owner = $"terminal-{Environment.MachineName}-{Environment.ProcessId}";
    private readonly Guid _id = ReadOrMakeId(folder.Path, time);
    private bool _isEntered;
    private bool _isEnded;
    private long _token;
    private KeptModel? _model;

    /// <summary>Writes changes in one transaction, renews the leases and says what is wanted.</summary>
    /// <param name="progress">Where running trials stand, by number; 0 for the final training, <see cref="RunningWork.Supernet"/> for the supernet.</param>
    public async Task<WantedSearch> WriteAsync(IReadOnlyList<RecordedChange> changes, IReadOnlyDictionary<int, TrainingProgress> progress, CancellationToken cancellation)
    {
        if (_model is null && changes.Select(change => change.Told).OfType<ExperimentEvent.Finished>().SingleOrDefault() is { Result: { ModelFolder: { } written, Parity: { } parity } })
        {
            // Outside the transaction: it takes seconds, and is not to be repeated with it.
            _model = await KeptModel.KeepAsync(local.Get<ArtifactStore>(), written, parity, cancellation);
        }

        if (_isEnded)
        {
            return new(Wish.Run, folder.Spec.Budget);
        }

        var wanted = await local.Store.WriteAsync((context, again) => WriteAsync(context, changes, progress, again), cancellation);
        _isEntered = true;
        _isEnded = changes.Any(change => change.Told is null or ExperimentEvent.Finished);
        return wanted;
    }

    private async Task<WantedSearch> WriteAsync(
        StoreContext context, IReadOnlyList<RecordedChange> changes, IReadOnlyDictionary<int, TrainingProgress> progress, CancellationToken cancellation)
    {
        var row = await context.LockExperimentAsync(_id, cancellation);
        if (row is null && _isEntered)
        {
            return new(null, null);
        }

        if (row is null || !_isEntered || !await Mine(context).AnyAsync(job => job.Kind != JobKind.Trial, cancellation))
        {
            if (_isEntered && row is { Wish: Wish.Pause or Wish.Cancel })
            {
                return new(row.Wish, null); // taken for dead meanwhile, and stopped as was wanted
            }

            row = await EnterAsync(context, row, cancellation);
        }

        foreach (var change in changes)
        {
            await ApplyAsync(context, row, change, cancellation);
            await context.SaveChangesAsync(cancellation);
        }

        await RenewAsync(context, progress, cancellation);
        return new(row.Wish, row.ReadSpec().Budget);
    }

    private static Guid ReadOrMakeId(string folder, TimeProvider time)
    {
        var path = Path.Join(folder, IdFile);
        if (File.Exists(path) && Guid.TryParse(File.ReadAllText(path), out var known))
        {
            return known;
        }

        var id = Guid.CreateVersion7(time.GetUtcNow());
        File.WriteAllText(path, id.ToString());
        return id;
    }

    private IQueryable<StoredJob> Mine(StoreContext context) =>
        context.Jobs.Where(job => job.ExperimentId == _id && job.Owner == _owner && job.State == JobState.Running);

    /// <summary>Makes the experiment's row, or takes it up again, with a job that says that this terminal works on it.</summary>
    private async Task<StoredExperiment> EnterAsync(StoreContext context, StoredExperiment? row, CancellationToken cancellation)
    {
        var (now, spec) = (time.GetUtcNow(), folder.Spec);
        var isNew = row is null;
        if (row is null)
        {
            row = new()
            {
                Id = _id,
                Name = $"{spec.Dataset}, {spec.Space}, {spec.Strategy}",
                Spec = SpecJson.Write(spec),
                Dataset = spec.Dataset,
                Task = local.Get<DataFolders>().Report(spec.Dataset)?.Task,
                Space = spec.Space,
                Strategy = spec.Strategy,
                Origin = Origin.Terminal,
                State = ExperimentState.Waiting,
                CreatedAt = now,
            };
            context.Experiments.Add(row);
        }

        await context.SaveChangesAsync(cancellation);
        await ExperimentFlow.CancelJobsAsync(context, _id, null, "The search was begun again in a terminal.", now, cancellation);
        _token = 1 + (await context.Jobs.Where(job => job.ExperimentId == _id).MaxAsync(job => (long?)job.Token, cancellation) ?? 0);
        if (!_isEntered)
        {
            (row.Spec, row.Wish, row.IsSearched) = (SpecJson.Write(spec), Wish.Run, false);
        }

        row.EndedAt = null;
        row.StartedAt ??= now;
        ExperimentFlow.Move(context, row, row.IsSearched ? ExperimentState.Finishing : ExperimentState.Searching, null, isNew ? "The search began in a terminal." : "The search goes on in a terminal.", now);
        Begin(context, row.IsSearched ? JobKind.Final : JobKind.Search, null, now);
        foreach (var trial in earlier.Where(trial => trial.Evaluation is not null).OrderBy(trial => trial.ElapsedSeconds))
        {
            await EndTrialAsync(context, row, trial, trial.EndedAt ?? now, cancellation);
            await context.SaveChangesAsync(cancellation);
        }

        return row;
    }

    private Task ApplyAsync(StoreContext context, StoredExperiment row, RecordedChange change, CancellationToken cancellation) => change.Told switch
    {
        null => EndAsync(context, row, change, cancellation),
        ExperimentEvent.SearchStarted => Task.CompletedTask,
        ExperimentEvent.SupernetStarted started => StartSupernetAsync(context, row, started, change.At, cancellation),
        ExperimentEvent.SupernetProgressed => Task.CompletedTask,
        ExperimentEvent.SupernetEpochEnded(var epoch) => KeepSupernetEpochAsync(context, row, epoch, cancellation),
        ExperimentEvent.SupernetEnded(var result) => EndSupernetAsync(context, row, result, change.At, cancellation),
        ExperimentEvent.TrialStarted(var trial) => StartTrialAsync(context, row, trial, change.At, cancellation),
        ExperimentEvent.TrialProgressed(var number, { Finished: { } epoch }) => KeepEpoch(context, row, number, epoch),
        ExperimentEvent.TrialProgressed => Task.CompletedTask,
        ExperimentEvent.TrialEnded(var trial, _) => EndTrialAsync(context, row, trial, change.At, cancellation),
        ExperimentEvent.StrategyTold(var number, var diagnostics) => TellAsync(context, number, diagnostics, change.At, cancellation),
        ExperimentEvent.FinalStarted(var winner, var epochs) => StartFinalAsync(context, row, winner, epochs, change.At, cancellation),
        ExperimentEvent.FinalProgressed({ Finished: { } epoch } progress) => KeepFinalEpoch(context, row, progress.Epochs, epoch),
        ExperimentEvent.FinalProgressed => Task.CompletedTask,
        ExperimentEvent.Finished(var result) => FinishAsync(context, row, result, change.At, cancellation),
        var other => throw new ArgumentOutOfRangeException(nameof(change), other, "An unknown event."),
    };

    private async Task<StoredTrial> FindOrAddAsync(StoreContext context, StoredExperiment row, Trial trial, CancellationToken cancellation)
    {
        if (await context.Trials.FindAsync([_id, trial.Number], cancellation) is { } known)
        {
            return known;
        }

        var stored = StoredTrial.Proposed(_id, trial);
        context.Trials.Add(stored);
        row.TrialCount++;
        context.Happened(_id, EventKind.TrialProposed, $"Trial {trial.Number} was proposed: {trial.Genotype}", trial.Number);
        return stored;
    }

    private Task StartSupernetAsync(StoreContext context, StoredExperiment row, ExperimentEvent.SupernetStarted started, DateTimeOffset at, CancellationToken cancellation)
    {
        Begin(context, JobKind.Supernet, null, at);
        return ExperimentFlow.KeepAsync(context, row, started.Done, cancellation);
    }

    private static Task KeepSupernetEpochAsync(StoreContext context, StoredExperiment row, SupernetEpoch epoch, CancellationToken cancellation)
    {
        row.SearchSeconds = Math.Max(row.SearchSeconds, epoch.Seconds);
        return ExperimentFlow.KeepAsync(context, row, [epoch], cancellation);
    }

    private Task EndSupernetAsync(StoreContext context, StoredExperiment row, SupernetResult result, DateTimeOffset at, CancellationToken cancellation)
    {
        if (row.Derived is null)
        {
            ExperimentFlow.Derive(context, row, result);
        }

        return EndJobsAsync(context, Mine(context).Where(job => job.Kind == JobKind.Supernet), JobState.Completed, AttemptOutcome.Completed, null, at, cancellation);
    }

    private async Task StartTrialAsync(StoreContext context, StoredExperiment row, Trial trial, DateTimeOffset at, CancellationToken cancellation)
    {
        var stored = await FindOrAddAsync(context, row, trial, cancellation);
        (stored.State, stored.Reason, stored.StartedAt) = (StoredTrialState.Running, null, at);
        stored.AttemptCount++;
        Begin(context, JobKind.Trial, trial.Number, at);
        context.Happened(_id, EventKind.TrialStarted, $"Trial {trial.Number} began to train.", trial.Number);
    }

    private async Task EndTrialAsync(StoreContext context, StoredExperiment row, Trial trial, DateTimeOffset at, CancellationToken cancellation)
    {
        var stored = await FindOrAddAsync(context, row, trial, cancellation);
        if (stored.State is StoredTrialState.Completed or StoredTrialState.Failed)
        {
            return;
        }

        var evaluation = trial.Evaluation!; // not null: it has ended
        ExperimentFlow.EndTrial(context, row, stored, evaluation, at);
        stored.ElapsedSeconds = trial.ElapsedSeconds;
        row.SearchSeconds = Math.Max(row.SearchSeconds, trial.ElapsedSeconds ?? 0);
        if (evaluation.ReusedFromTrial is null)
        {
            // Those of this run were written as they came; after a time without the database the rest is here.
            var known = await context.MetricPoints.Where(point => point.ExperimentId == _id && point.TrialNumber == trial.Number && point.Token == _token)
                .Select(point => point.Epoch).ToListAsync(cancellation);
            context.MetricPoints.AddRange(evaluation.Curve.Where(epoch => !known.Contains(epoch.Epoch)).Select(epoch => Spool.Point(_id, trial.Number, _token, epoch)));
        }

        await EndJobsAsync(context, Mine(context).Where(job => job.TrialNumber == trial.Number), JobState.Completed, AttemptOutcome.Completed, null, at, cancellation);
    }

    private async Task TellAsync(StoreContext context, int number, IReadOnlyDictionary<string, double> diagnostics, DateTimeOffset at, CancellationToken cancellation)
    {
        if (await context.Trials.FindAsync([_id, number], cancellation) is not { ToldAt: null } trial)
        {
            return; // told again after a restart: the strategy has forgotten, the store has not
        }

        trial.ToldAt = at;
        trial.Diagnostics = diagnostics.Count == 0 ? null : JsonSerializer.Serialize(diagnostics.Where(pair => double.IsFinite(pair.Value)).ToDictionary());
        context.Happened(_id, EventKind.StrategyTold, $"The strategy was told of trial {number}.", number);
    }

    private Task KeepEpoch(StoreContext context, StoredExperiment row, int number, EpochResult epoch)
    {
        context.MetricPoints.Add(Spool.Point(_id, number, _token, epoch));
        context.Happened(_id, EventKind.EpochEnded, Spool.Text(number, epoch, row.Metric), number);
        return Task.CompletedTask;
    }

    private Task KeepFinalEpoch(StoreContext context, StoredExperiment row, int planned, EpochResult epoch)
    {
        row.FinalEpochs = planned;
        return KeepEpoch(context, row, 0, epoch);
    }

    private async Task StartFinalAsync(StoreContext context, StoredExperiment row, Trial winner, int epochs, DateTimeOffset at, CancellationToken cancellation)
    {
        await EndSearchAsync(context, row, at, cancellation);
        row.FinalEpochs = epochs;
        ExperimentFlow.Move(context, row, ExperimentState.Finishing, null, $"The search ended; trial {winner.Number} is trained in full.", at);
        context.Happened(_id, EventKind.FinalStarted, $"Trial {winner.Number} is trained in full: {Figures.Many(epochs, "epoch is", "epochs are")} planned.", 0);
        Begin(context, JobKind.Final, null, at);
    }

    private async Task FinishAsync(StoreContext context, StoredExperiment row, ExperimentResult result, DateTimeOffset at, CancellationToken cancellation)
    {
        await EndSearchAsync(context, row, at, cancellation);
        if (_model is null || result.TestScore is not { } accuracy)
        {
            ExperimentFlow.Move(context, row, ExperimentState.Completed, null, $"The search ended; trial {result.Winner.Number} is the best. No final training was asked for.", at);
            return;
        }

        // The folder's model was replaced, if it had one.
        await context.Artifacts.Where(file => context.Models.Any(model => model.Id == file.ModelId && model.ExperimentId == _id)).ExecuteDeleteAsync(cancellation);
        await context.Models.Where(model => model.ExperimentId == _id).ExecuteDeleteAsync(cancellation);
        _model.AddTo(context, row, result.Winner, accuracy, result.TestLoss, at);
        row.FinalEpochs = result.FinalEpochs;
        row.TestScore = accuracy;
        context.Happened(_id, EventKind.ModelWritten, $"The model was tested and exported. {_model.Parity.Summary}", 0);
        ExperimentFlow.Move(
            context, row, ExperimentState.Completed, null, string.Create(CultureInfo.InvariantCulture, $"Completed: {100 * accuracy:0.00} % on the test split."), at);
    }

    /// <summary>The search ended without a result.</summary>
    private async Task EndAsync(StoreContext context, StoredExperiment row, RecordedChange change, CancellationToken cancellation)
    {
        if (change.Failure is { } failure)
        {
            await ExperimentFlow.CancelJobsAsync(context, _id, null, failure, change.At, cancellation);
            ExperimentFlow.Move(context, row, ExperimentState.Failed, failure, $"It failed: {failure}", change.At);
        }
        else if (row.Wish is Wish.Pause or Wish.Cancel)
        {
            await ExperimentFlow.StopAsync(context, row, change.At, cancellation);
        }
        else
        {
            const string Reason = $"It was stopped in its terminal. {TerminalSearches.GoOn}";
            await ExperimentFlow.CancelJobsAsync(context, _id, null, "The search was stopped.", change.At, cancellation);
            ExperimentFlow.Move(context, row, ExperimentState.Paused, Reason, Reason, change.At);
        }
    }

    /// <summary>What still runs of the search was cut off by its end.</summary>
    private async Task EndSearchAsync(StoreContext context, StoredExperiment row, DateTimeOffset at, CancellationToken cancellation)
    {
        const string Reason = "The time of the search was up.";
        await EndJobsAsync(context, Mine(context).Where(job => job.Kind == JobKind.Trial), JobState.Cancelled, AttemptOutcome.Cancelled, Reason, at, cancellation);
        await EndJobsAsync(context, Mine(context), JobState.Completed, AttemptOutcome.Completed, null, at, cancellation);
        await context.Trials.Where(trial => trial.ExperimentId == _id && (trial.State == StoredTrialState.Waiting || trial.State == StoredTrialState.Running))
            .ExecuteUpdateAsync(set => set.SetProperty(trial => trial.State, StoredTrialState.Cancelled).SetProperty(trial => trial.Reason, Reason), cancellation);
        row.IsSearched = true;
        row.Wish = row.Wish == Wish.Finish ? Wish.Run : row.Wish;
    }

    private void Begin(StoreContext context, JobKind kind, int? number, DateTimeOffset at)
    {
        var job = new StoredJob
        {
            Id = Guid.CreateVersion7(at),
            Kind = kind,
            Group = TerminalSearches.Group,
            ExperimentId = _id,
            TrialNumber = number,
            State = JobState.Running,
            Owner = _owner,
            Token = _token,
            AttemptCount = 1,
            CreatedAt = at,
        };
        context.Jobs.Add(job);
        context.Attempts.Add(new() { JobId = job.Id, Token = _token, Node = _owner, StartedAt = at });
    }

    private static async Task EndJobsAsync(
        StoreContext context, IQueryable<StoredJob> jobs, JobState state, AttemptOutcome outcome, string? reason, DateTimeOffset at, CancellationToken cancellation)
    {
        await context.Attempts.Where(attempt => jobs.Any(job => job.Id == attempt.JobId) && attempt.EndedAt == null).ExecuteUpdateAsync(
            set => set.SetProperty(attempt => attempt.EndedAt, at).SetProperty(attempt => attempt.Outcome, outcome).SetProperty(attempt => attempt.Reason, reason),
            cancellation);
        await jobs.ExecuteUpdateAsync(
            set => set
                .SetProperty(job => job.State, state)
                .SetProperty(job => job.Reason, reason)
                .SetProperty(job => job.EndedAt, at)
                .SetProperty(job => job.Owner, (string?)null)
                .SetProperty(job => job.Progress, (string?)null),
            cancellation);
    }

    private async Task RenewAsync(StoreContext context, IReadOnlyDictionary<int, TrainingProgress> progress, CancellationToken cancellation)
    {
        await context.SaveChangesAsync(cancellation);
        await Mine(context).ExecuteUpdateAsync(set => set.SetProperty(job => job.LeaseUntil, job => StoreContext.NowMs() + TerminalSearches.LeaseMs), cancellation);
        foreach (var job in await Mine(context).AsNoTracking().Where(job => job.Kind != JobKind.Search).Select(job => new { job.Id, job.Kind, job.TrialNumber }).ToListAsync(cancellation))
        {
            if (progress.TryGetValue(job.Kind == JobKind.Supernet ? RunningWork.Supernet : job.TrialNumber ?? 0, out var stands) && double.IsFinite(stands.TrainLoss))
            {
                var json = JsonSerializer.Serialize(stands, JsonSerializerOptions.Web);
                await context.Jobs.Where(row => row.Id == job.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.Progress, json), cancellation);
            }
        }
    }
}
