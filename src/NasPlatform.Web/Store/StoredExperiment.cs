using System.Text.Json;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Networks;

namespace NasPlatform.Web.Store;

/// <summary>An experiment: what is searched, who wants it, how far it has come.</summary>
public sealed class StoredExperiment
{
    public required Guid Id { get; init; }

    public required string Name { get; set; }

    /// <summary>Null: nobody in particular, such as the terminal's.</summary>
    public Guid? OwnerId { get; init; }

    public Visibility Visibility { get; set; } = Visibility.Team;

    /// <summary>The <see cref="ExperimentSpec"/>, as given, as JSON.</summary>
    public required string Spec { get; set; }

    /// <summary>Copies out of the spec, to filter and sort by.</summary>
    public required string Dataset { get; init; }

    /// <summary>What its dataset lets it learn; with it, what a score means. Null while the dataset is being taken in, and in rows from before there were others than image classification.</summary>
    public TaskKind? Task { get; set; }

    public required string Space { get; init; }

    public required string Strategy { get; init; }

    public required Origin Origin { get; init; }

    public required ExperimentState State { get; set; }

    /// <summary>A sentence for people: why it is in this state. Null where the state says all.</summary>
    public string? Reason { get; set; }

    /// <summary>What its jobs are to do; they look at each renewal of their lease.</summary>
    public Wish Wish { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>How long the search has run, pauses not counted.</summary>
    public double SearchSeconds { get; set; }

    /// <summary>Whether the search is over and the winner is to be trained in full, or was.</summary>
    public bool IsSearched { get; set; }

    /// <summary>What a one-shot strategy's supernet found, a JSON array of genotypes, the most promising first; null until that was trained, and for other strategies.</summary>
    public string? Derived { get; set; }

    /// <summary>Trials that were proposed.</summary>
    public int TrialCount { get; set; }

    /// <summary>Trials that ended, well or badly.</summary>
    public int EndedCount { get; set; }

    /// <summary>The best trial by its <see cref="TrialRank"/>; null while none has completed.</summary>
    public int? BestTrial { get; set; }

    /// <summary>Its score on the validation split, 0 to 1; see <see cref="NasPlatform.Search.Evaluation.Evaluation.Score"/>.</summary>
    public double? BestScore { get; set; }

    /// <summary>What it was chosen by where the experiment has an objective: its reward; else null.</summary>
    public double? BestReward { get; set; }

    /// <summary>For how many epochs it was trained, where the strategy chose them.</summary>
    public int? BestEpochs { get; set; }

    /// <summary>Epochs that the final training is to have; null before it began.</summary>
    public int? FinalEpochs { get; set; }

    /// <summary>The model's score on the test split, 0 to 1.</summary>
    public double? TestScore { get; set; }

    /// <summary>The number of the last <see cref="StoredEvent"/>; grows by one with each, without gaps.</summary>
    public long Sequence { get; set; }

    /// <summary>What its scores mean.</summary>
    public Metric Metric => Task.GetValueOrDefault().Metric;

    /// <summary>How the best trial compares with others; null while none has completed.</summary>
    public TrialRank? BestRank => BestTrial is { } number && BestScore is { } score ? new(BestEpochs, BestReward ?? score, number) : null;

    public IReadOnlyList<string>? ReadDerived() => Derived is null ? null : JsonSerializer.Deserialize<string[]>(Derived);

    public ExperimentSpec ReadSpec() => SpecJson.Read(Spec);
}

/// <summary>Where an experiment stands.</summary>
public enum ExperimentState
{
    /// <summary>Waiting for a place to run.</summary>
    Waiting,

    /// <summary>Architectures are sampled and tried.</summary>
    Searching,

    /// <summary>The winner is trained in full, tested and exported.</summary>
    Finishing,

    Paused,
    Completed,
    Failed,
    Cancelled,
}

/// <summary>What an experiment's owner wants of its jobs.</summary>
public enum Wish
{
    Run,

    /// <summary>Stop, to go on later.</summary>
    Pause,

    /// <summary>Stop for good; what was found is kept.</summary>
    Cancel,

    /// <summary>End the search now and train the best in full.</summary>
    Finish,
}

/// <summary>Who sees an object that is not shared by a link.</summary>
public enum Visibility
{
    /// <summary>Everybody with an account.</summary>
    Team,

    /// <summary>Its owner and administrators.</summary>
    Private,
}

/// <summary>Where an experiment was started, and so what runs it.</summary>
public enum Origin
{
    /// <summary>Pages and REST; the platform's jobs run it.</summary>
    Platform,

    /// <summary><c>nas search</c>; that program runs it, and its folder is where it is resumed.</summary>
    Terminal,
}
