using System.Text.Json.Serialization;
using NasPlatform.Search.Export;
using NasPlatform.Search.Training;

namespace NasPlatform.Search.Experiments;

/// <summary>What an experiment gave.</summary>
public sealed record ExperimentResult
{
    /// <summary>The best trial by its <see cref="TrialRank"/>.</summary>
    public required Trial Winner { get; init; }

    /// <summary>How the winner is trained, where that was searched; null where the spec says it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TrainingOptions? Training { get; init; }

    /// <summary>Trials that ended, well or badly.</summary>
    public required int Trials { get; init; }

    /// <summary>Score of the best trial so far after each trial, on the validation split, 0 to 1, in the order of the trials' numbers.</summary>
    public required IReadOnlyList<double> BestSoFar { get; init; }

    /// <summary>The trials that no other makes needless by score and <see cref="ExperimentSpec.Cost"/>, from cheap to dear.</summary>
    public IReadOnlyList<Trial> Front { get; init; } = [];

    /// <summary>Epochs of the final training; 0 when there was none, and then no test either.</summary>
    public required int FinalEpochs { get; init; }

    /// <summary>Share of the test split classified rightly, 0 to 1; null when there was no final training.</summary>
    public double? TestScore { get; init; }

    /// <summary>Mean loss on the test split: cross entropy in nats, or squared error in deviations.</summary>
    public double? TestLoss { get; init; }

    /// <summary>Wall-clock time of all runs of the experiment together, in seconds.</summary>
    public required double ElapsedSeconds { get; init; }

    /// <summary>The model's folder, absolute; null when there was no final training.</summary>
    public string? ModelFolder { get; init; }

    /// <summary>Whether the exported ONNX gives what the network gave; null when there was no final training.</summary>
    public ParityCertificate? Parity { get; init; }
}
