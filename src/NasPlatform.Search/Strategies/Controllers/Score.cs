namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>What a controller says about an architecture's decisions; or the gradient of something with respect to it.</summary>
/// <param name="LogProbability">log P(a₁…a_T), in nats.</param>
/// <param name="Entropy">The mean over the decisions of the entropy with which each was made, in nats.</param>
internal readonly record struct Score(double LogProbability, double Entropy);
