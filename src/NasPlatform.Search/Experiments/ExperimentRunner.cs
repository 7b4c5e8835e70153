using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Export.Onnx;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Supernets;

namespace NasPlatform.Search.Experiments;

/// <summary>From dataset to model: search, train the winner in full, test it once, write it down, check what was exported.</summary>
/// <param name="folder">The experiment, new or resumed; everything found is kept there.</param>
/// <param name="dataset">The dataset that the spec names, open.</param>
/// <param name="parity">Checks the exported model.</param>
/// <param name="events">Told what happens, from several threads.</param>
/// <param name="time">For durations, dates and the budget.</param>
public sealed class ExperimentRunner(ExperimentFolder folder, Dataset dataset, ParityCheck parity, IProgress<ExperimentEvent> events, TimeProvider time)
{
    private volatile SupernetTraining? _supernet;
    private volatile TrialSearch? _search;
    private volatile bool _isFinishing;

    /// <summary>Ends the search as if its time were up, and goes on with the final training. From any thread.</summary>
    public void Finish()
    {
        _isFinishing = true;
        _supernet?.Finish();
        _search?.Finish();
    }

    /// <summary>Gives another budget while it runs; counts from the next trial on. From any thread.</summary>
    public void Amend(Budget budget)
    {
        folder.Amend(budget);
        if (_search is { } search)
        {
            search.Budget = budget;
        }
    }

    /// <exception cref="UserErrorException">The spec or the dataset does not do, or no trial completed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; what was found is kept and can be resumed.</exception>
    public async Task<ExperimentResult> RunAsync(CancellationToken cancellation)
    {
        var spec = folder.Spec;
        spec.Validate();
        var space = spec.CreateSpace();
        space.Demand(dataset.Task);
        using var proxies = new ProxyScores(spec, space, () => ScoredBatch.Of(dataset, Devices.Parse(spec.Device)));
        var strategy = StrategyCatalog.Create(spec.Strategy, space, spec.StrategySettings, new RandomSource(spec.Seed).Split("strategy"), spec.Fidelity.Epochs, proxies.Of);
        using var owned = strategy as IDisposable;
        events.Report(new ExperimentEvent.SearchStarted(spec, folder.Trials.Values.Count(trial => trial.Evaluation is not null)));
        var before = strategy is OneShotStrategy oneShot ? await RunAlone(() => TrainSupernet(oneShot, space, cancellation), cancellation) : 0;
        using var evaluator = new TrainingEvaluator(spec, dataset, folder.StartWeightsPath, time);
        var search = new TrialSearch(space, strategy, evaluator, folder, events, time) { SecondsBefore = before };
        _search = search;
        if (_isFinishing)
        {
            search.Finish();
        }

        await search.RunAsync(cancellation);

        var result = Result(search, space, search.Best ?? throw search.NothingCompleted());
        if (spec.FinalEpochs > 0)
        {
            result = await RunAlone(() => TrainFully(search, result, cancellation), cancellation);
        }

        folder.Write(result);
        events.Report(new ExperimentEvent.Finished(result));
        return result;
    }

    private static Task<T> RunAlone<T>(Func<T> work, CancellationToken cancellation) =>
        Task.Factory.StartNew(work, cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Has a one-shot strategy learn what it proposes; gives the seconds that it took.</summary>
    private double TrainSupernet(OneShotStrategy strategy, SearchSpace space, CancellationToken cancellation)
    {
        var training = new SupernetTraining(folder.Spec, strategy, space, dataset, time);
        _supernet = training;
        if (_isFinishing)
        {
            training.Finish();
        }

        var result = training.Run(() => folder.Spec.SearchTime, folder.SupernetPath, events, cancellation);
        strategy.Take([.. result.Genotypes.Select(space.Parse)]);
        return result.Seconds;
    }

    private ExperimentResult TrainFully(TrialSearch search, ExperimentResult result, CancellationToken cancellation)
    {
        var spec = folder.Spec;
        var available = spec.Budget.Minutes is { } minutes ? TimeSpan.FromSeconds((minutes * 60) - search.ElapsedSeconds) : (TimeSpan?)null;
        var final = new FinalTraining(spec, dataset, time)
            .Run(result.Winner, result.Trials, available, folder.CheckpointPath, folder.ModelFolder, events, cancellation);
        return result with
        {
            FinalEpochs = final.Epochs,
            TestScore = final.TestScore,
            TestLoss = final.TestLoss,
            ElapsedSeconds = search.ElapsedSeconds,
            ModelFolder = folder.ModelFolder,
            Parity = parity.Run(folder.ModelFolder, dataset, spec.Device, cancellation),
        };
    }

    private ExperimentResult Result(TrialSearch search, SearchSpace space, Trial winner)
    {
        var best = (Rank: new TrialRank(null, -1, 0), Score: 0.0);
        return new()
        {
            Winner = winner,
            Training = folder.Spec.Tune.Count > 0 ? folder.Spec.TrainingOf(space.FromValues(winner.Decisions), dataset.Report.TaskShape) : null,
            Trials = search.Ended.Count,
            BestSoFar = [.. search.Ended.OrderBy(pair => pair.Key).Select(pair => (best = Better(pair.Value)).Score)],
            Front = ParetoFront.Of(search.Ended.Values, folder.Spec.Cost),
            FinalEpochs = 0,
            ElapsedSeconds = search.ElapsedSeconds,
        };

        (TrialRank Rank, double Score) Better(Trial trial) => trial.RankBy(folder.Spec.Reward) is { } rank && rank.Beats(best.Rank) ? (rank, trial.Evaluation!.Score) : best; // not null: it has a rank
    }
}
