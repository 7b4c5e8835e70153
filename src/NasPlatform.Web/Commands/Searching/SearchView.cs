using System.Collections.Immutable;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Supernets;

namespace NasPlatform.Web.Commands.Searching;

/// <summary>All that a display of a search shows, computed from the experiment's events; a value, to be drawn or tested.</summary>
internal sealed record SearchView
{
    public required ExperimentSpec Spec { get; init; }

    /// <summary>Examples of the final training: those of the training and validation splits.</summary>
    public required int FinalExamples { get; init; }

    /// <summary>How long earlier runs of the experiment took.</summary>
    public TimeSpan ElapsedBefore { get; init; }

    /// <summary>Trials that run, by number.</summary>
    public ImmutableSortedDictionary<int, RunningTrial> Running { get; init; } = ImmutableSortedDictionary<int, RunningTrial>.Empty;

    /// <summary>Trials that have ended, in the order in which they did.</summary>
    public ImmutableList<Trial> Ended { get; init; } = [];

    /// <summary>What is learnt; with it, what a score means.</summary>
    public TaskKind Task { get; init; }

    /// <summary>The best trial so far; null while none has completed.</summary>
    public Trial? Best { get; init; }

    /// <summary>What the strategy knows, by name.</summary>
    public IReadOnlyDictionary<string, double> Diagnostics { get; init; } = ImmutableDictionary<string, double>.Empty;

    /// <summary>A one-shot strategy's supernet, once its training has begun.</summary>
    public SupernetState? Supernet { get; init; }

    /// <summary>The winner's full training, once it has begun.</summary>
    public FinalView? Final { get; init; }

    public ExperimentResult? Result { get; init; }

    /// <summary>Somebody has asked it to stop.</summary>
    public bool IsStopping { get; init; }

    /// <summary>The view of an experiment before it runs, or runs again.</summary>
    /// <param name="earlier">Trials of earlier runs, by number.</param>
    /// <param name="task">What is learnt.</param>
    public static SearchView Of(ExperimentSpec spec, int finalExamples, IEnumerable<Trial> earlier, TaskKind task = TaskKind.ImageClassification)
    {
        var ended = earlier.Where(trial => trial.Evaluation is not null).OrderBy(trial => trial.ElapsedSeconds).ToImmutableList();
        return new()
        {
            Spec = spec,
            Task = task,
            FinalExamples = finalExamples,
            ElapsedBefore = TimeSpan.FromSeconds(ended.Max(trial => trial.ElapsedSeconds) ?? 0),
            Ended = ended,
            Best = ended.Where(IsCompleted).OrderByDescending(trial => trial.Evaluation!.Score).ThenBy(trial => trial.Number).FirstOrDefault(), // not null: it has ended
        };
    }

    public SearchView After(ExperimentEvent told) => told switch
    {
        ExperimentEvent.SearchStarted => this,
        ExperimentEvent.SupernetStarted(var epochs) { Done: var done } => this with
        {
            Supernet = new(epochs, null, [.. done], null),
            ElapsedBefore = done is [.., var last] && last.Seconds > ElapsedBefore.TotalSeconds ? TimeSpan.FromSeconds(last.Seconds) : ElapsedBefore,
        },
        ExperimentEvent.SupernetProgressed(var progress) => Supernet is null ? this : this with { Supernet = Supernet with { Progress = progress, Epochs = progress.Epochs } },
        ExperimentEvent.SupernetEpochEnded(var epoch) => Supernet is null ? this : this with
        {
            Supernet = Supernet with { Epochs = epoch.Epochs, Done = Supernet.Done.Add(epoch) },
            Diagnostics = epoch.Diagnostics.ToImmutableSortedDictionary(),
        },
        ExperimentEvent.SupernetEnded(var result) => Supernet is null ? this : this with { Supernet = Supernet with { Result = result } },
        ExperimentEvent.TrialStarted(var trial) => this with { Running = Running.SetItem(trial.Number, new(trial, null)) },
        ExperimentEvent.TrialProgressed(var number, var progress) => Running.TryGetValue(number, out var running)
            ? this with { Running = Running.SetItem(number, running with { Progress = progress }) }
            : this,
        ExperimentEvent.TrialEnded(var trial, var best) => this with { Running = Running.Remove(trial.Number), Ended = Ended.Add(trial), Best = best },
        ExperimentEvent.StrategyTold(_, var diagnostics) => this with { Diagnostics = diagnostics.ToImmutableSortedDictionary() },
        ExperimentEvent.FinalStarted(var winner, var epochs) => this with { Running = Running.Clear(), Final = new(winner, epochs, null) },
        ExperimentEvent.FinalProgressed(var progress) => Final is null ? this : this with { Final = Final with { Progress = progress } },
        ExperimentEvent.Finished(var result) => this with { Result = result },
        _ => throw new ArgumentOutOfRangeException(nameof(told), told, "An unknown event."),
    };

    /// <summary>The share of the search that is done, 0 to 1: of the trials or of the time, whichever is nearer its end.</summary>
    /// <param name="elapsed">How long the experiment has run, earlier runs included.</param>
    public double SearchFraction(TimeSpan elapsed)
    {
        if (Final is not null || Result is not null)
        {
            return 1;
        }

        var ofTrials = Spec.Budget.Trials is { } trials ? (Ended.Count + Running.Values.Sum(running => running.Fraction)) / trials : 0;
        var ofTime = SearchMinutes is { } minutes ? elapsed.TotalMinutes / minutes : 0;
        return Math.Clamp(Math.Max(ofTrials, ofTime), 0, 1);
    }

    /// <summary>An estimate of the time until all is done; null while there is nothing to go by.</summary>
    /// <param name="elapsed">How long the experiment has run, earlier runs included.</param>
    public TimeSpan? TimeLeft(TimeSpan elapsed)
    {
        if (Result is not null)
        {
            return TimeSpan.Zero;
        }

        if (Final is { } final)
        {
            return final.Progress is { } progress ? Left(progress) : FinalTime(final.Epochs);
        }

        var allTime = Spec.Budget.Minutes is { } all ? Positive(TimeSpan.FromMinutes(all) - elapsed) : (TimeSpan?)null;
        var byTrials = SearchTime() + FinalTime(Spec.FinalEpochs);
        return (byTrials, allTime) switch
        {
            ({ } trials, { } time) => trials < time ? trials : time,
            _ => byTrials ?? allTime,
        };
    }

    private double? SearchMinutes => Spec.Budget.Minutes * (Spec.FinalEpochs == 0 ? 1 : Spec.Budget.SearchShare);

    /// <summary>What the trials that run and those to come take, side by side as they are.</summary>
    private TimeSpan? SearchTime()
    {
        if (Spec.Budget.Trials is not { } trials)
        {
            return null;
        }

        var running = Running.Values.Select(trial => trial.Progress is { } progress ? Left(progress) : (TimeSpan?)null).ToList();
        var whole = TrialTime();
        var waiting = Math.Max(0, trials - Ended.Count - Running.Count);
        if (whole is null && (waiting > 0 || running.Contains(null)))
        {
            return null;
        }

        var sum = running.Aggregate(TimeSpan.Zero, (time, left) => time + (left ?? whole ?? TimeSpan.Zero)) + (waiting * (whole ?? TimeSpan.Zero));
        return sum / Math.Max(1, Math.Min(Spec.Parallelism, Running.Count + waiting));
    }

    /// <summary>What a trial takes: the mean of those that were trained, or what the running ones will have taken.</summary>
    private TimeSpan? TrialTime()
    {
        var trained = Ended.Where(trial => IsCompleted(trial) && trial.Evaluation!.ReusedFromTrial is null).ToList(); // not null: it has ended
        if (trained.Count > 0)
        {
            return TimeSpan.FromSeconds(trained.Average(trial => trial.Evaluation!.DurationSeconds)); // not null: it has ended
        }

        var told = Running.Values.Select(running => running.Progress).OfType<TrainingProgress>().Where(progress => progress.Fraction < 1).ToList();
        return told.Count == 0 ? null : TimeSpan.FromSeconds(told.Average(progress => Left(progress).TotalSeconds / (1 - progress.Fraction)));
    }

    /// <summary>What the final training takes at the speed of the best trial, times the root of the trials side by side, whose threads it has all.</summary>
    private TimeSpan? FinalTime(int epochs)
    {
        if (epochs == 0)
        {
            return TimeSpan.Zero;
        }

        var speed = Best?.Evaluation?.ImagesPerSecond ?? Running.Values.Max(running => running.Progress?.ImagesPerSecond) ?? 0;
        return speed > 0 ? TimeSpan.FromSeconds((double)epochs * FinalExamples / (speed * Math.Sqrt(Spec.Parallelism))) : null;
    }

    private TimeSpan Left(TrainingProgress progress)
    {
        var examples = (1 - progress.Fraction) * progress.Epochs * progress.Steps * (progress.Batch > 0 ? progress.Batch : Spec.Training.BatchSize);
        return progress.ImagesPerSecond > 0 ? TimeSpan.FromSeconds(examples / progress.ImagesPerSecond) : TimeSpan.Zero;
    }

    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;

    private static bool IsCompleted(Trial trial) => trial.Evaluation?.Outcome == Outcome.Completed;
}

/// <summary>A trial that runs.</summary>
/// <param name="Trial">As it started.</param>
/// <param name="Progress">Where it stands; null until it has said so.</param>
internal sealed record RunningTrial(Trial Trial, TrainingProgress? Progress)
{
    /// <summary>The share that is done, 0 to 1.</summary>
    public double Fraction => Progress?.Fraction ?? 0;
}

/// <summary>The training of a one-shot strategy's supernet.</summary>
/// <param name="Epochs">For how long.</param>
/// <param name="Progress">Where it stands; null until it has said so.</param>
/// <param name="Done">The epochs behind it.</param>
/// <param name="Result">What it found; null while it is trained.</param>
internal sealed record SupernetState(int Epochs, TrainingProgress? Progress, ImmutableList<SupernetEpoch> Done, SupernetResult? Result);

/// <summary>The winner's full training.</summary>
/// <param name="Winner">What is trained.</param>
/// <param name="Epochs">For how long.</param>
/// <param name="Progress">Where it stands; null until it has said so.</param>
internal sealed record FinalView(Trial Winner, int Epochs, TrainingProgress? Progress);
