using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Training;
using static TorchSharp.torch;

namespace NasPlatform.Search.Experiments;

/// <summary>From dataset to model: search, train the winner in full, test it once, write it down.</summary>
/// <param name="folder">The experiment, new or resumed; everything found is kept there.</param>
/// <param name="dataset">The dataset that the spec names, open.</param>
/// <param name="events">Told what happens, from several threads.</param>
/// <param name="time">For durations, dates and the budget.</param>
public sealed class ExperimentRunner(ExperimentFolder folder, Dataset dataset, IProgress<ExperimentEvent> events, TimeProvider time)
{
    /// <exception cref="UserErrorException">The spec or the dataset does not do, or no trial completed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; what was found is kept and can be resumed.</exception>
    public async Task<ExperimentResult> RunAsync(CancellationToken cancellation)
    {
        var spec = folder.Spec;
        spec.Validate();
        var random = new RandomSource(spec.Seed);
        var device = Devices.Parse(spec.Device);
        var task = new TaskShape(dataset.Channels, dataset.Height, dataset.Width, dataset.Classes.Count);
        var space = SearchSpaceCatalog.Create(spec.Space, spec.SpaceSettings);
        var strategy = StrategyCatalog.Create(spec.Strategy, space, spec.StrategySettings, random.Split("strategy"));
        using var owned = strategy as IDisposable;

        using var train = new DeviceDataset(dataset, Subset(dataset.Indices(Split.Train), spec.Fidelity.Fraction, random), device);
        using var validation = new DeviceDataset(dataset, dataset.Indices(Split.Validation), device);
        var evaluator = new TrainingEvaluator(space, task, train, validation, spec.Training, device, Math.Max(1, spec.Threads / spec.Parallelism), random, time);
        var search = new TrialSearch(space, strategy, evaluator, folder, events, time);
        events.Report(new ExperimentEvent.SearchStarted(spec, folder.Trials.Values.Count(trial => trial.Evaluation is not null)));
        await search.RunAsync(cancellation);

        var result = Result(search, search.Best ?? throw NothingCompleted(search));
        if (spec.FinalEpochs > 0)
        {
            var graph = space.Build(space.FromValues(result.Winner.Decisions), task);
            result = await Task.Factory.StartNew(
                () => TrainFully(graph, space, strategy, search, result, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        folder.Write(result);
        events.Report(new ExperimentEvent.Finished(result));
        return result;
    }

    private ExperimentResult TrainFully(
        LayerGraph graph, SearchSpace space, Strategy strategy, TrialSearch search, ExperimentResult result, CancellationToken cancellation)
    {
        var spec = folder.Spec;
        var final = new FinalTraining(spec, dataset, Devices.Parse(spec.Device), spec.Threads, folder.CheckpointPath, time);
        var epochs = spec.Budget.Minutes is { } minutes
            ? final.EpochsWithin(graph, TimeSpan.FromSeconds((minutes * 60) - search.ElapsedSeconds), cancellation)
            : spec.FinalEpochs;
        events.Report(new ExperimentEvent.FinalStarted(result.Winner, epochs));

        var (network, training, test) = final.Run(graph, epochs, new FinalProgress(events), cancellation);
        using (network)
        {
            ModelWriter.Write(folder, dataset, space, strategy, result, network, training, test, time.GetUtcNow());
        }

        return result with
        {
            FinalEpochs = epochs,
            TestAccuracy = test.Accuracy,
            TestLoss = test.Loss,
            ElapsedSeconds = search.ElapsedSeconds,
            ModelFolder = folder.ModelFolder,
        };
    }

    private static ExperimentResult Result(TrialSearch search, Trial winner)
    {
        var best = 0.0;
        return new()
        {
            Winner = winner,
            Trials = search.Ended.Count,
            BestSoFar = [.. search.Ended.OrderBy(pair => pair.Key).Select(pair => best = Math.Max(best, pair.Value.Evaluation?.Accuracy ?? 0))],
            FinalEpochs = 0,
            ElapsedSeconds = search.ElapsedSeconds,
        };
    }

    /// <summary>The same share of the examples for every trial, drawn once.</summary>
    private static int[] Subset(int[] indices, double fraction, RandomSource random)
    {
        var shuffled = indices.ToArray();
        random.Split("subset").Shuffle<int>(shuffled);
        return [.. shuffled.Take(Math.Max(2, (int)Math.Round(indices.Length * fraction))).Order()];
    }

    private static NothingCompletedException NothingCompleted(TrialSearch search)
    {
        var reasons = search.Ended.Values.GroupBy(trial => trial.Evaluation?.Reason).OrderByDescending(group => group.Count()).Take(3)
            .Select(group => $"{group.Count()} times: {group.Key}");
        return new($"None of {search.Ended.Count} trials completed, so there is no model. {string.Join(" ", reasons)}");
    }

    private sealed class FinalProgress(IProgress<ExperimentEvent> events) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => events.Report(new ExperimentEvent.FinalProgressed(value));
    }
}
