namespace NasPlatform.Benchmarks.Measuring;

/// <summary>What a case took.</summary>
/// <param name="OurMilliseconds">The median of a step.</param>
/// <param name="TheirMilliseconds">PyTorch's.</param>
/// <param name="Steps">How many steps of each side were timed.</param>
/// <param name="OurMemory">See <see cref="ProcessMemory.Read"/>.</param>
/// <param name="TheirMemory">PyTorch's.</param>
internal sealed record Measurement(
    double OurMilliseconds, double TheirMilliseconds, int Steps, (double PeakMebibytes, double GrowthMebibytes) OurMemory, (double PeakMebibytes, double GrowthMebibytes) TheirMemory);
