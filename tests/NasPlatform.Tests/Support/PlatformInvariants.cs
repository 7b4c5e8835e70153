using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Artifacts;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Support;

/// <summary>What holds of every experiment in a store whenever nothing runs, whatever happened to the processes that wrote it.</summary>
internal sealed class PlatformInvariants(StoreContext context, ArtifactStore artifacts)
{
    private readonly List<string> _broken = [];

    /// <summary>Checks a running platform's store.</summary>
    public static async Task CheckAsync(PlatformFixture platform)
    {
        await using var context = platform.Store.Open();
        await new PlatformInvariants(context, platform.Get<ArtifactStore>()).CheckAsync();
    }

    /// <summary>Fails with all that does not hold.</summary>
    public async Task CheckAsync()
    {
        foreach (var experiment in await context.Experiments.AsNoTracking().ToListAsync(TestContext.Current.CancellationToken))
        {
            await CheckAsync(experiment);
        }

        await CheckArtifactsAsync();
        Assert.True(_broken.Count == 0, string.Join('\n', _broken));
    }

    private async Task CheckAsync(StoredExperiment experiment)
    {
        var id = experiment.Id;
        var trials = await context.Trials.AsNoTracking().Where(trial => trial.ExperimentId == id).OrderBy(trial => trial.Number).ToListAsync();
        var jobs = await context.Jobs.AsNoTracking().Where(job => job.ExperimentId == id).ToListAsync();
        var attempts = await context.Attempts.AsNoTracking().Where(attempt => context.Jobs.Any(job => job.Id == attempt.JobId && job.ExperimentId == id)).ToListAsync();
        var points = await context.MetricPoints.AsNoTracking().Where(point => point.ExperimentId == id).ToListAsync();
        var events = await context.Events.AsNoTracking().Where(happened => happened.ExperimentId == id).OrderBy(happened => happened.Sequence).ToListAsync();

        CheckTrials(experiment, trials, events);
        CheckJobs(experiment, jobs, attempts);
        CheckCurves(experiment, trials, jobs, attempts, points);
        Check(events.Select(happened => happened.Sequence).SequenceEqual(Enumerable.Range(1, events.Count).Select(number => (long)number)), "the sequence of events has gaps");
        Check(experiment.Sequence == events.Count, $"the experiment counts {experiment.Sequence} events, there are {events.Count}");
        if (experiment.State == ExperimentState.Completed && experiment.ReadSpec().FinalEpochs > 0)
        {
            Check(await context.Models.AnyAsync(model => model.ExperimentId == id), "a completed experiment has no model");
        }
    }

    private void CheckTrials(StoredExperiment experiment, List<StoredTrial> trials, List<StoredEvent> events)
    {
        var ended = trials.Where(trial => trial.State is StoredTrialState.Completed or StoredTrialState.Failed).ToList();
        var told = trials.Where(trial => trial.ToldAt is not null).ToList();
        Check(trials.Select(trial => trial.Number).SequenceEqual(Enumerable.Range(1, trials.Count)), "the trials' numbers have gaps");
        Check(experiment.TrialCount == trials.Count, $"it counts {experiment.TrialCount} trials, there are {trials.Count}");
        Check(experiment.EndedCount == ended.Count, $"it counts {experiment.EndedCount} ended trials, there are {ended.Count}");
        Check(told.All(trial => trial.Outcome is not null && trial.EndedAt is not null), "a told trial has no evaluation");
        Check(told.Select(trial => trial.Number).SequenceEqual(Enumerable.Range(1, told.Count)), $"told are {string.Join(' ', told.Select(trial => trial.Number))}, not 1 to k");
        Check(told.Zip(told.Skip(1)).All(pair => pair.First.ToldAt <= pair.Second.ToldAt), "trials were told out of order");
        var tellings = events.Where(happened => happened.Kind == EventKind.StrategyTold).Select(happened => happened.TrialNumber ?? 0).ToList();
        Check(tellings.SequenceEqual(Enumerable.Range(1, told.Count)), $"the log tells of {string.Join(' ', tellings)}");
        if (experiment.State == ExperimentState.Completed)
        {
            var toTell = Enumerable.Range(1, trials.Count).TakeWhile(number => ended.Exists(trial => trial.Number == number)).Count();

            // A search that its time or a person ended may have stopped waiting for a trial in the moment in which that ended; it is told when the search goes on.
            var spec = experiment.ReadSpec();
            var untold = trials.Count == spec.Budget.Trials ? 0 : spec.Parallelism;
            Check(toTell - told.Count >= 0 && toTell - told.Count <= untold, $"{toTell} trials ended in a row and {told.Count} were told");
        }

        var endings = events.Where(happened => happened.Kind == EventKind.TrialEnded).GroupBy(happened => happened.TrialNumber).ToDictionary(group => group.Key ?? 0, group => group.Count());
        Check(ended.All(trial => endings.GetValueOrDefault(trial.Number) >= 1), "the log misses a trial's end");

        var best = ended.Where(trial => trial.State == StoredTrialState.Completed).OrderByDescending(trial => trial.Score).ThenBy(trial => trial.Number).FirstOrDefault();
        Check(experiment.BestTrial == best?.Number && experiment.BestScore == best?.Score, $"best is trial {best?.Number}, it says {experiment.BestTrial}");
    }

    private void CheckJobs(StoredExperiment experiment, List<StoredJob> jobs, List<Attempt> attempts)
    {
        bool IsLive(StoredJob job) => job.State is JobState.Waiting or JobState.Running;

        var isOver = experiment.State is ExperimentState.Completed or ExperimentState.Failed or ExperimentState.Cancelled or ExperimentState.Paused;
        Check(!isOver || !jobs.Exists(IsLive), "an experiment that is over has a live job");
        foreach (var job in jobs)
        {
            var own = attempts.Where(attempt => attempt.JobId == job.Id).ToList();
            var what = $"{job.Kind} job of trial {job.TrialNumber}";
            Check(own.Count == job.AttemptCount, $"{what} counts {job.AttemptCount} attempts, there are {own.Count}");
            Check(own.Count(attempt => attempt.Outcome == AttemptOutcome.Completed) == (job.State == JobState.Completed ? 1 : 0), $"{what} is {job.State}; its completed attempts do not fit");
            Check(job.State == JobState.Running || own.TrueForAll(attempt => attempt.EndedAt is not null), $"{what} is {job.State} and has an open attempt");
            Check(own.TrueForAll(attempt => attempt.Outcome is null or AttemptOutcome.Completed || attempt.Reason is { Length: > 0 } || attempt.Outcome == AttemptOutcome.Cancelled), $"an attempt of {what} has no reason");
        }

        Check(
            jobs.Where(job => job.Kind == JobKind.Trial && job.State == JobState.Completed).GroupBy(job => job.TrialNumber).All(group => group.Count() == 1),
            "two jobs completed the same trial");
    }

    private void CheckCurves(StoredExperiment experiment, List<StoredTrial> trials, List<StoredJob> jobs, List<Attempt> attempts, List<MetricPoint> points)
    {
        var completed = jobs.Where(job => job.State == JobState.Completed && job.Kind is JobKind.Trial or JobKind.Final)
            .Select(job => (Job: job, Attempt: attempts.SingleOrDefault(attempt => attempt.JobId == job.Id && attempt.Outcome == AttemptOutcome.Completed)));
        foreach (var (job, attempt) in completed.Where(pair => pair.Attempt is not null))
        {
            var number = job.TrialNumber ?? 0;
            var epochs = points.Where(point => point.TrialNumber == number && point.Token == attempt!.Token).Select(point => point.Epoch).Order().ToList(); // not null: see above
            var trial = trials.Find(trial => trial.Number == number);
            var expected = job.Kind == JobKind.Trial ? experiment.ReadSpec().Fidelity.Epochs : epochs.LastOrDefault();
            var isWhole = epochs.SequenceEqual(Enumerable.Range(1, trial is null or { State: StoredTrialState.Completed } ? Math.Max(1, expected) : epochs.Count));
            Check(isWhole, $"the curve of {(number == 0 ? "the final training" : $"trial {number}")} has the epochs {string.Join(' ', epochs)}");
        }
    }

    private async Task CheckArtifactsAsync()
    {
        foreach (var artifact in await context.Artifacts.AsNoTracking().ToListAsync())
        {
            await using var file = artifacts.Open(artifact.Sha256);
            Check(file.Length == artifact.Length, $"{artifact.FileName} has {file.Length} bytes, not {artifact.Length}");
            Check(Convert.ToHexStringLower(await SHA256.HashDataAsync(file)) == artifact.Sha256, $"{artifact.FileName} is not what it was");
        }
    }

    private void Check(bool holds, string broken)
    {
        if (!holds)
        {
            _broken.Add(broken);
        }
    }
}
