using System.Collections.Immutable;

namespace NasPlatform.Web.Experiments.Charts;

/// <summary>What the strategy knew after it was told each trial: the controller's reward, baseline and entropy, or a population's mean.</summary>
/// <param name="Name">As the strategy names it: <c>baseline</c>.</param>
/// <param name="Points">By trial, in the order of the numbers.</param>
public sealed record StrategyTrace(string Name, ImmutableArray<(int Trial, double Value)> Points)
{
    private const int MostPoints = 500;

    /// <param name="told">Diagnostics by the trial's number.</param>
    public static ImmutableArray<StrategyTrace> Of(IEnumerable<(int Trial, IReadOnlyDictionary<string, double> Diagnostics)> told) =>
    [
        .. told.SelectMany(trial => trial.Diagnostics.Select(value => (value.Key, Point: (trial.Trial, value.Value))))
            .GroupBy(entry => entry.Key, entry => entry.Point)
            .Select(group => new StrategyTrace(group.Key, [.. Thinned.Evenly(group.OrderBy(point => point.Trial).ToList(), MostPoints)])),
    ];
}
