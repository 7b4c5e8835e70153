using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Evaluation;

/// <summary>An architecture to try.</summary>
/// <param name="Number">The trial's number, 1-based; chance in its training is derived from it.</param>
/// <param name="Genotype">What to try.</param>
/// <param name="Fidelity">How thoroughly.</param>
public sealed record Proposal(int Number, Genotype Genotype, Fidelity Fidelity);
