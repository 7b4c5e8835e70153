namespace NasPlatform.Search.Experiments;

/// <summary>When an experiment must stop; whichever comes first.</summary>
/// <param name="Trials">At most this many trials; null for no limit.</param>
/// <param name="Minutes">Wall-clock time of the whole run, final training included; null for no limit.</param>
/// <param name="SearchShare">The share of the minutes that the search may take; the rest is the final training's. Above 0, below 1.</param>
public sealed record Budget(int? Trials = 20, double? Minutes = null, double SearchShare = 0.5);
