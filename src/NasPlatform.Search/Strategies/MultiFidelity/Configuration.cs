using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.MultiFidelity;

/// <summary>An architecture on its way through the rungs. Two with the same genotype are two all the same.</summary>
internal sealed class Configuration(Genotype genotype)
{
    public Genotype Genotype { get; } = genotype;
}

/// <summary>An architecture that is to be trained again, for longer.</summary>
/// <param name="Configuration">Which.</param>
/// <param name="Bracket">Its bracket, 0-based, by the order in which they began.</param>
/// <param name="Rung">The rung that it comes to, from 1.</param>
/// <param name="Epochs">That it is trained for there.</param>
internal sealed record Promotion(Configuration Configuration, int Bracket, int Rung, int Epochs);
