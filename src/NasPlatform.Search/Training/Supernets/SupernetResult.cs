namespace NasPlatform.Search.Training.Supernets;

/// <summary>What a supernet's training gave.</summary>
/// <param name="Genotypes">What is to be tried, the most promising first, as the space's texts.</param>
/// <param name="Seconds">Wall-clock time of all of it, pauses not counted.</param>
public sealed record SupernetResult(IReadOnlyList<string> Genotypes, double Seconds);
