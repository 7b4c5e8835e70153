using System.Numerics;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>What a controller says about an architecture's decisions; or the gradient of something with respect to it.</summary>
/// <param name="LogProbability">log P(a₁…a_T), in nats.</param>
/// <param name="Entropy">The mean over the decisions of the entropy with which each was made, in nats.</param>
/// <param name="Divergence">
/// How far connections are from their target: the Kullback-Leibler divergence of each connection's distribution from the target's, in nats, summed over those into a place, the mean over the places that
/// have earlier ones (Pham et al. 2018, §2.3). 0 where no target is set.
/// </param>
internal readonly record struct Score(double LogProbability, double Entropy, double Divergence = 0)
{
    /// <summary>Of decisions without connections; 0 where there are none.</summary>
    /// <param name="decisions">Of each the place of the chosen option, and the log probabilities of all.</param>
    public static Score Of<T>(IReadOnlyCollection<(int Chosen, T[] LogProbabilities)> decisions)
        where T : IBinaryFloatingPointIeee754<T> => decisions.Count == 0
        ? default
        : new(
            decisions.Sum(made => double.CreateTruncating(made.LogProbabilities[made.Chosen])),
            decisions.Average(made => double.CreateTruncating(Softmax.Entropy<T>(made.LogProbabilities))));
}
