using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Web.Architectures;
using NasPlatform.Web.Experiments.Charts;
using NasPlatform.Web.Store;
using NasPlatform.Web.Trials;

namespace NasPlatform.Web.Experiments;

/// <summary>Reads what the overview of an experiment shows: all of it at first, then only what changed. The right to see it is the caller's to check before.</summary>
internal sealed class OverviewReading(PlatformStore store, DataFolders folders)
{
    /// <summary>Recent curves, and running ones, beside the best: enough to compare, few enough to read.</summary>
    private const int RecentCurves = 3;

    private const int TracedTrials = 1_000;

    /// <param name="experiment">Which.</param>
    /// <param name="known">What was shown before; null at first.</param>
    /// <param name="events">What has happened since, or null where nobody knows: then all is read.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<OverviewView> ReadAsync(ExperimentView experiment, OverviewView? known, IReadOnlyList<StoredEvent>? events, CancellationToken cancellation)
    {
        var (id, row) = (experiment.Row.Id, experiment.Row);
        var isNew = known is null || events is null;
        var trialsChanged = isNew || events!.Any(happened => happened.Kind is EventKind.TrialEnded or EventKind.StateChanged);
        var curvesChanged = isNew || events!.Any(happened => happened.Kind is EventKind.EpochEnded or EventKind.TrialStarted or EventKind.TrialEnded or EventKind.StateChanged);
        var toldChanged = isNew || events!.Any(happened => happened.Kind is EventKind.StrategyTold);
        await using var context = store.Open();
        var (byTrial, byTime, scatters, rungs) = trialsChanged ? await TrialsAsync(context, id, experiment.Spec.Reward, cancellation) : (known!.ByTrial, known.ByTime, known.Scatters, known.Rungs);
        var traces = toldChanged ? await TracesAsync(context, id, cancellation) : known!.Traces;
        var curves = curvesChanged ? await CurvesAsync(context, row, cancellation) : known!.Curves;
        var architecture = row.BestTrial == known?.Architecture?.Number ? known?.Architecture : await BestAsync(context, experiment, cancellation);
        var supernet = isNew || events!.Any(happened => happened.Kind is EventKind.SupernetLearned) ? await SupernetAsync(context, experiment, cancellation) : known!.Supernet;
        return new(byTrial, byTime, scatters, rungs, traces, curves, architecture, supernet);
    }

    /// <summary>The shape of an experiment's images and classes; null where the dataset is gone.</summary>
    public TaskShape? TaskOf(string dataset) => folders.Report(dataset)?.TaskShape;

    /// <summary>What is shown of a trial's architecture.</summary>
    public ArchitectureDiagram DiagramOf(ExperimentSpec spec, IReadOnlyDictionary<string, int> decisions) =>
        ArchitectureDiagram.Of(spec.CreateSpace(), decisions, TaskOf(spec.Dataset));

    /// <summary>The curve of one training; of its last attempt, where there were several.</summary>
    /// <param name="trial">The trial's number; 0 for the final training.</param>
    public static async Task<LearningCurve> CurveAsync(StoreContext context, Guid id, int trial, CurveRole role, CancellationToken cancellation) =>
        new(trial, role, [.. await CurvePoint.ReadAsync(context.MetricPoints.Where(point => point.ExperimentId == id && point.TrialNumber == trial), cancellation)]);

    private static async Task<(BestSoFar ByTrial, BestSoFar ByTime, ImmutableArray<CostScatter> Scatters, ImmutableArray<Rung> Rungs)> TrialsAsync(
        StoreContext context, Guid id, IReward? reward, CancellationToken cancellation)
    {
        var trials = await context.Trials
            .Where(trial => trial.ExperimentId == id && trial.State == StoredTrialState.Completed)
            .OrderBy(trial => trial.Number)
            .Select(trial => new
            {
                Point = new TrialPoint(trial.Number, trial.Score ?? 0, trial.ParameterCount, trial.MultiplyAdds, trial.ElapsedSeconds ?? 0, trial.Epochs, trial.Epochs == null ? "" : trial.Key, trial.LatencyMs, trial.MemoryBytes),
                trial.DurationSeconds,
            })
            .ToListAsync(cancellation);
        var points = trials.ConvertAll(trial => reward is null ? trial.Point : trial.Point with { Reward = reward.Of(trial.Point.Evaluation(trial.DurationSeconds)) });

        return (BestSoFar.ByTrial(points), BestSoFar.ByTime(points), CostScatter.All(points), Rung.Of(points));
    }

    private static async Task<ImmutableArray<StrategyTrace>> TracesAsync(StoreContext context, Guid id, CancellationToken cancellation)
    {
        var told = await context.Trials.Where(trial => trial.ExperimentId == id && trial.Diagnostics != null)
            .OrderByDescending(trial => trial.Number).Take(TracedTrials)
            .Select(trial => new { trial.Number, trial.Diagnostics }).ToListAsync(cancellation);
        return StrategyTrace.Of(told.Select(trial =>
            (trial.Number, (IReadOnlyDictionary<string, double>)JsonSerializer.Deserialize<Dictionary<string, double>>(trial.Diagnostics!)!))); // not null: asked for, and written so
    }

    private static async Task<ImmutableArray<LearningCurve>> CurvesAsync(StoreContext context, StoredExperiment experiment, CancellationToken cancellation)
    {
        if (experiment.IsSearched)
        {
            var final = await CurveAsync(context, experiment.Id, 0, CurveRole.Final, cancellation);
            if (final.Points.Length > 0)
            {
                return [final];
            }
        }

        var running = await context.Trials.Where(trial => trial.ExperimentId == experiment.Id && trial.State == StoredTrialState.Running)
            .OrderByDescending(trial => trial.Number).Take(RecentCurves).Select(trial => trial.Number).ToListAsync(cancellation);
        var recent = await context.Trials
            .Where(trial => trial.ExperimentId == experiment.Id && trial.State == StoredTrialState.Completed && trial.ReusedFromTrial == null)
            .OrderByDescending(trial => trial.Number).Take(RecentCurves).Select(trial => trial.Number).ToListAsync(cancellation);
        int[] shown = [.. running.Concat(recent).Concat(experiment.BestTrial is { } best ? [best] : Array.Empty<int>()).Distinct()];
        var points = await CurvePoint.ReadAsync(context.MetricPoints.Where(point => point.ExperimentId == experiment.Id && shown.Contains(point.TrialNumber)), cancellation);
        return
        [
            .. points.GroupBy(point => point.Trial, (number, curve) => new LearningCurve(
                number, number == experiment.BestTrial ? CurveRole.Best : running.Contains(number) ? CurveRole.Running : CurveRole.Recent, [.. curve])),
        ];
    }

    private async Task<SupernetView?> SupernetAsync(StoreContext context, ExperimentView experiment, CancellationToken cancellation)
    {
        var id = experiment.Row.Id;
        var epochs = await context.SupernetEpochs.Where(epoch => epoch.ExperimentId == id).OrderBy(epoch => epoch.Epoch).ToListAsync(cancellation);
        if (epochs.Count == 0)
        {
            return null;
        }

        var (told, derived) = (epochs.ConvertAll(epoch => epoch.Read()), experiment.Row.ReadDerived());
        var space = experiment.Spec.CreateSpace();
        return new([.. told], derived, DiagramOf(experiment.Spec, space.Parse(derived?[0] ?? told[^1].Genotype).ToDictionary()));
    }

    private async Task<BestArchitecture?> BestAsync(StoreContext context, ExperimentView experiment, CancellationToken cancellation)
    {
        if (experiment.Row.BestTrial is not { } number)
        {
            return null;
        }

        var trial = await context.Trials.SingleAsync(trial => trial.ExperimentId == experiment.Row.Id && trial.Number == number, cancellation);
        return new(number, DiagramOf(experiment.Spec, trial.ReadDecisions()));
    }
}
