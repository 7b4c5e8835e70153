using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;

namespace NasPlatform.Web.Experiments.Charts;

/// <summary>What charts need of a trial that has completed.</summary>
/// <param name="Number">1-based.</param>
/// <param name="Score">On the validation split, 0 to 1.</param>
/// <param name="ParameterCount">Trainable numbers.</param>
/// <param name="MultiplyAdds">For one image.</param>
/// <param name="ElapsedSeconds">How long the experiment had searched when it ended.</param>
/// <param name="Epochs">For how many epochs it was trained, where the strategy chose them.</param>
/// <param name="LatencyMs">Milliseconds for one example; null where it was not measured.</param>
/// <param name="MemoryBytes">Bytes for one example; null where it is not known.</param>
/// <param name="Key">The identity of the network, where there are such epochs.</param>
public readonly record struct TrialPoint(int Number, double Score, long ParameterCount, long MultiplyAdds, double ElapsedSeconds, int? Epochs = null, string Key = "", double? LatencyMs = null, long? MemoryBytes = null)
{
    /// <summary>What it was chosen by where that is not the score alone.</summary>
    public double? Reward { get; init; }

    public TrialRank Rank => new(Epochs, Reward ?? Score, Number);

    /// <summary>What a reward is made of.</summary>
    /// <param name="seconds">Of training and validation; null where it is not known.</param>
    public Evaluation Evaluation(double? seconds) => new()
    {
        Outcome = Outcome.Completed,
        Score = Score,
        ParameterCount = ParameterCount,
        MultiplyAdds = MultiplyAdds,
        LatencyMs = LatencyMs,
        MemoryBytes = MemoryBytes,
        DurationSeconds = seconds ?? 0,
    };

    /// <summary>In the cost's unit; null where it is not known.</summary>
    public double? CostOf(Cost cost) => cost switch
    {
        Cost.Parameters => ParameterCount > 0 ? ParameterCount : null,
        Cost.MultiplyAdds => MultiplyAdds > 0 ? MultiplyAdds : null,
        Cost.Latency => LatencyMs,
        Cost.Memory => MemoryBytes / 1e6,
    };
}
