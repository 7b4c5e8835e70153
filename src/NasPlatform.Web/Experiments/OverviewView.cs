using System.Collections.Immutable;
using NasPlatform.Web.Architectures;
using NasPlatform.Web.Experiments.Charts;

namespace NasPlatform.Web.Experiments;

/// <summary>Everything that the overview of an experiment shows below its head; immutable, so that a part that did not change is not drawn again.</summary>
/// <param name="ByTrial">The best so far, trial by trial.</param>
/// <param name="ByTime">The best so far, as time went on.</param>
/// <param name="Scatters">Score against each cost that is known, parameters first.</param>
/// <param name="Rungs">Trials by their length, where the strategy chooses it.</param>
/// <param name="Traces">What the strategy knew, if it tells anything.</param>
/// <param name="Curves">Of running, the best and recent trials; of the final training alone once it has begun.</param>
/// <param name="Architecture">The best architecture; null while no trial has completed.</param>
/// <param name="Supernet">What a one-shot strategy's supernet has learnt; null before its first epoch has ended, and for other strategies.</param>
public sealed record OverviewView(
    BestSoFar ByTrial, BestSoFar ByTime, ImmutableArray<CostScatter> Scatters, ImmutableArray<Rung> Rungs, ImmutableArray<StrategyTrace> Traces, ImmutableArray<LearningCurve> Curves, BestArchitecture? Architecture,
    SupernetView? Supernet = null);

/// <summary>The architecture of the best trial.</summary>
/// <param name="Number">The trial's number.</param>
public sealed record BestArchitecture(int Number, ArchitectureDiagram Diagram);
