using NasPlatform.Search.Experiments;

namespace NasPlatform.Web.Experiments.Charts;

/// <summary>What charts need of a trial that has completed.</summary>
/// <param name="Number">1-based.</param>
/// <param name="Score">On the validation split, 0 to 1.</param>
/// <param name="ParameterCount">Trainable numbers.</param>
/// <param name="MultiplyAdds">For one image.</param>
/// <param name="ElapsedSeconds">How long the experiment had searched when it ended.</param>
/// <param name="Epochs">For how many epochs it was trained, where the strategy chose them.</param>
/// <param name="Key">The identity of the network, where there are such epochs.</param>
public readonly record struct TrialPoint(int Number, double Score, long ParameterCount, long MultiplyAdds, double ElapsedSeconds, int? Epochs = null, string Key = "")
{
    public TrialRank Rank => new(Epochs, Score, Number);
}
