using System.Text.Json;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;

namespace NasPlatform.Web.Store;

/// <summary>One proposal of an experiment, with the decisions that made it, its evaluation and its state.</summary>
public sealed class StoredTrial
{
    public required Guid ExperimentId { get; init; }

    /// <summary>1-based.</summary>
    public required int Number { get; init; }

    /// <summary>The genotype's text form.</summary>
    public required string Genotype { get; init; }

    /// <summary>Chosen options, 0-based, by the names of their places, as JSON.</summary>
    public required string Decisions { get; init; }

    /// <summary>The identity of the network.</summary>
    public required string Key { get; init; }

    /// <summary>For how many epochs it is trained, where the strategy chose them; null where the experiment's fidelity says.</summary>
    public int? Epochs { get; init; }

    public required StoredTrialState State { get; set; }

    /// <summary>A sentence for people: why it failed, or was cancelled. Null where it completed.</summary>
    public string? Reason { get; set; }

    public Outcome? Outcome { get; set; }

    public required DateTimeOffset ProposedAt { get; init; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>How long the experiment had searched when it ended, in seconds.</summary>
    public double? ElapsedSeconds { get; set; }

    /// <summary>On the validation split after the last epoch, 0 to 1; null until it has completed.</summary>
    public double? Score { get; set; }

    /// <summary>The best score of the last five epochs, 0 to 1.</summary>
    public double? BestOfLastFive { get; set; }

    /// <summary>Mean loss on the validation split: cross entropy in nats, or squared error in deviations; null until it has completed, or where <see cref="LossNonFinite"/> says what it was.</summary>
    public double? Loss { get; set; }

    public NonFinite? LossNonFinite { get; set; }

    public long ParameterCount { get; set; }

    /// <summary>Multiply-adds for one image.</summary>
    public long MultiplyAdds { get; set; }

    /// <summary>Milliseconds for one example, measured after the training.</summary>
    public double? LatencyMs { get; set; }

    /// <summary>Bytes for one example: weights, and the outputs of layers that are kept at once where most are.</summary>
    public long? MemoryBytes { get; set; }

    /// <summary>Wall-clock time of training and validation.</summary>
    public double? DurationSeconds { get; set; }

    /// <summary>Training throughput.</summary>
    public double? ImagesPerSecond { get; set; }

    /// <summary>The trial whose result this is, when the same network had been tried before.</summary>
    public int? ReusedFromTrial { get; set; }

    /// <summary>When the strategy was told its result; null until then. Told once, in the order of the numbers.</summary>
    public DateTimeOffset? ToldAt { get; set; }

    /// <summary>What the strategy knew after it was told, by name, as JSON; null where it tells nothing.</summary>
    public string? Diagnostics { get; set; }

    /// <summary>Attempts that were begun to evaluate it.</summary>
    public int AttemptCount { get; set; }

    public IReadOnlyDictionary<string, int> ReadDecisions() => JsonSerializer.Deserialize<Dictionary<string, int>>(Decisions)!; // not null: written so

    public IReadOnlyDictionary<string, double> ReadDiagnostics() =>
        Diagnostics is null ? new Dictionary<string, double>() : JsonSerializer.Deserialize<Dictionary<string, double>>(Diagnostics)!; // not null: written so

    /// <summary>A trial that was just proposed.</summary>
    public static StoredTrial Proposed(Guid experimentId, Trial trial) => new()
    {
        ExperimentId = experimentId,
        Number = trial.Number,
        Genotype = trial.Genotype,
        Decisions = JsonSerializer.Serialize(trial.Decisions),
        Key = trial.Key,
        Epochs = trial.Epochs,
        State = StoredTrialState.Waiting,
        ProposedAt = trial.ProposedAt,
    };

    /// <summary>The trial as a search knows it, without its curve.</summary>
    public Trial ToTrial() => new()
    {
        Number = Number,
        Genotype = Genotype,
        Decisions = ReadDecisions(),
        Key = Key,
        Epochs = Epochs,
        State = State switch
        {
            StoredTrialState.Completed => TrialState.Completed,
            StoredTrialState.Failed => TrialState.Failed,
            StoredTrialState.Cancelled => TrialState.Cancelled,
            StoredTrialState.Waiting or StoredTrialState.Running => TrialState.Running,
        },
        ProposedAt = ProposedAt,
        EndedAt = EndedAt,
        ElapsedSeconds = ElapsedSeconds,
        Evaluation = State is StoredTrialState.Completed or StoredTrialState.Failed
            ? new()
            {
                Outcome = Outcome ?? Search.Evaluation.Outcome.Failed,
                Reason = Reason,
                Score = Score ?? 0,
                BestOfLastFive = BestOfLastFive ?? 0,
                Loss = Loss,
                ParameterCount = ParameterCount,
                MultiplyAdds = MultiplyAdds,
                LatencyMs = LatencyMs,
                MemoryBytes = MemoryBytes,
                DurationSeconds = DurationSeconds ?? 0,
                ImagesPerSecond = ImagesPerSecond ?? 0,
                ReusedFromTrial = ReusedFromTrial,
            }
            : null,
    };

    /// <summary>Takes over how it ended.</summary>
    public void End(Evaluation evaluation, DateTimeOffset at)
    {
        State = evaluation.Outcome == Search.Evaluation.Outcome.Completed ? StoredTrialState.Completed : StoredTrialState.Failed;
        Outcome = evaluation.Outcome;
        Reason = evaluation.Reason;
        EndedAt = at;
        if (evaluation.Outcome == Search.Evaluation.Outcome.Completed)
        {
            Score = evaluation.Score;
            BestOfLastFive = evaluation.BestOfLastFive;
            (Loss, LossNonFinite) = Number64.Split(evaluation.Loss);
        }

        ParameterCount = evaluation.ParameterCount;
        MultiplyAdds = evaluation.MultiplyAdds;
        LatencyMs = evaluation.LatencyMs;
        MemoryBytes = evaluation.MemoryBytes;
        DurationSeconds = evaluation.DurationSeconds;
        ImagesPerSecond = evaluation.ImagesPerSecond;
        ReusedFromTrial = evaluation.ReusedFromTrial;
    }
}

/// <summary>Where a trial stands.</summary>
public enum StoredTrialState
{
    /// <summary>Proposed; no runner has begun with it.</summary>
    Waiting,
    Running,
    Completed,
    Failed,

    /// <summary>Ended before its time, by the budget or by a person; it is not told to the strategy.</summary>
    Cancelled,
}

/// <summary>What a number was that databases and JSON do not take.</summary>
public enum NonFinite
{
    NaN,
    PositiveInfinity,
    NegativeInfinity,
}

/// <summary>Numbers as they are stored: finite ones as themselves, others by name.</summary>
public static class Number64
{
    public static (double? Value, NonFinite? NonFinite) Split(double? number) => number switch
    {
        null => (null, null),
        double.NaN => (null, Store.NonFinite.NaN),
        double.PositiveInfinity => (null, Store.NonFinite.PositiveInfinity),
        double.NegativeInfinity => (null, Store.NonFinite.NegativeInfinity),
        _ => (number, null),
    };
}
