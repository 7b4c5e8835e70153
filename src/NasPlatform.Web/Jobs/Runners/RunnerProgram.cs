using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Export;
using NasPlatform.Search.Export.Onnx;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Supernets;

namespace NasPlatform.Web.Jobs.Runners;

/// <summary>
/// <c>nas runner</c>: the child process in which everything native happens (training, controllers, image decoding), so that a crash there ends one attempt and not the
/// server. It takes orders on its standard input, one piece of work at a time, keeps the dataset of the last experiment in memory for the next trial, and ends
/// when its input ends or its parent is gone.
/// </summary>
/// <param name="dataFolder">Where the datasets are.</param>
/// <param name="systemDatasets">Where packages of the system put datasets.</param>
/// <param name="modulesFolder">The folder whose <c>node_modules</c> holds onnxruntime-node.</param>
/// <param name="input">Orders.</param>
/// <param name="output">Messages.</param>
/// <param name="time">For durations and dates.</param>
internal sealed class RunnerProgram(string dataFolder, string systemDatasets, string modulesFolder, TextReader input, TextWriter output, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _writing = new();
    private readonly Evaluators _evaluators = new();
    private CancellationTokenSource _stop = new();
    private RemoteSearch? _search;
    private SupernetTraining? _supernet;
    private Task _work = Task.CompletedTask;

    /// <summary>Takes orders until the input ends.</summary>
    public async Task RunAsync()
    {
        using var beating = new Timer(_ => Say(new RunnerMessage.Beat()), null, BeatInterval, BeatInterval);
        while (await input.ReadLineAsync() is { } line)
        {
            Take(RunnerLines.ReadOrder(line));
        }

        await _stop.CancelAsync();
    }

    public void Dispose()
    {
        _evaluators.Dispose();
        _search?.Dispose();
        _stop.Dispose();
    }

    private void Take(RunnerOrder order)
    {
        switch (order)
        {
            case RunnerOrder.Kept:
                _search?.Kept();
                break;
            case RunnerOrder.Tried(var number, var evaluation):
                _search?.Tried(number, evaluation);
                break;
            case RunnerOrder.Amend(var budget):
                _search?.Amend(budget);
                break;
            case RunnerOrder.FinishSearch:
                _search?.Finish();
                _supernet?.Finish();
                break;
            case RunnerOrder.Stop:
                _stop.Cancel();
                break;
            case RunnerOrder.RunSearch search:
                _search?.Dispose();
                _search = new RemoteSearch(search, Say, () => Scored(search.Spec));
                Begin(cancellation => _search.RunAsync(time, cancellation));
                break;
            case RunnerOrder.TrainSupernet work:
                Begin(cancellation => Task.FromResult<RunnerMessage>(TrainSupernet(work, cancellation)));
                break;
            case RunnerOrder.TryArchitecture work:
                Begin(cancellation => Task.FromResult<RunnerMessage>(Evaluate(work, cancellation)));
                break;
            case RunnerOrder.TrainFully work:
                Begin(cancellation => Task.FromResult<RunnerMessage>(TrainFully(work, cancellation)));
                break;
            case RunnerOrder.TakeIn work:
                Begin(cancellation => Task.FromResult<RunnerMessage>(TakeIn(work, cancellation)));
                break;
            default:
                throw new UnreachableException($"An order of the type {order.GetType().Name}.");
        }
    }

    /// <summary>Starts work on a thread of its own and says how it ended, whatever happens.</summary>
    private void Begin(Func<CancellationToken, Task<RunnerMessage>> work)
    {
        var before = _work;
        _stop.Dispose();
        _stop = new();
        var cancellation = _stop.Token;
        _work = Task.Factory.StartNew(
            async () =>
            {
                await before;
                Say(await Ending(work, cancellation));
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap();
    }

    private static async Task<RunnerMessage> Ending(Func<CancellationToken, Task<RunnerMessage>> work, CancellationToken cancellation)
    {
        try
        {
            return await work(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new RunnerMessage.Stopped();
        }
        catch (Exception error) when (error is UserErrorException or Search.Training.DivergedException)
        {
            return new RunnerMessage.Refused(error.Message);
        }
        catch (Exception error)
        {
            return new RunnerMessage.Broke($"{error.GetType().Name}: {error.Message}", IsOutOfMemory(error));
        }
    }

    private static bool IsOutOfMemory(Exception error) =>
        error is OutOfMemoryException
        || (error is ExternalException && (error.Message.Contains("alloc", StringComparison.OrdinalIgnoreCase) || error.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)));

    private RunnerMessage.TrialEnded Evaluate(RunnerOrder.TryArchitecture work, CancellationToken cancellation)
    {
        var space = work.Spec.CreateSpace();
        var progress = new Relay<Search.Training.TrainingProgress>(value => Say(new RunnerMessage.Progressed(value)));
        var evaluator = _evaluators.For(work.Spec, work.StartWeightsPath, () => Open(work.Spec.Dataset, cancellation), time);
        return new(evaluator.Evaluate(work.Trial.Proposal(space, work.Spec.Fidelity), progress, cancellation));
    }

    private RunnerMessage.SupernetEnded TrainSupernet(RunnerOrder.TrainSupernet work, CancellationToken cancellation)
    {
        _evaluators.Clear();
        using var dataset = Open(work.Spec.Dataset, cancellation);
        var space = work.Spec.CreateSpace();
        space.Demand(dataset.Task);
        var strategy = (OneShotStrategy)StrategyCatalog.Create(work.Spec.Strategy, space, work.Spec.StrategySettings, new RandomSource(work.Spec.Seed).Split("strategy"));
        _supernet = new(work.Spec, strategy, space, dataset, time);
        return new(_supernet.Run(() => work.Spec.SearchTime, work.CheckpointPath, new Relay<ExperimentEvent>(Tell), cancellation));

        void Tell(ExperimentEvent told)
        {
            switch (told)
            {
                case ExperimentEvent.SupernetStarted(var epochs) { Done: var done }:
                    Say(new RunnerMessage.SupernetStarted(epochs, done));
                    break;
                case ExperimentEvent.SupernetProgressed(var value):
                    Say(new RunnerMessage.Progressed(value));
                    break;
                case ExperimentEvent.SupernetEpochEnded(var epoch):
                    Say(new RunnerMessage.SupernetEpochEnded(epoch));
                    break;
            }
        }
    }

    private RunnerMessage.FinalEnded TrainFully(RunnerOrder.TrainFully work, CancellationToken cancellation)
    {
        _evaluators.Clear();
        using var dataset = Open(work.Spec.Dataset, cancellation);
        var available = work.AvailableSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        var events = new Relay<ExperimentEvent>(Tell);
        var result = new FinalTraining(work.Spec, dataset, time)
            .Run(work.Winner, work.Trials, available, work.CheckpointPath, work.ModelFolder, events, cancellation);
        return new(result, new ParityCheck(modulesFolder, time).Run(work.ModelFolder, dataset, work.Spec.Device, cancellation));

        void Tell(ExperimentEvent told)
        {
            switch (told)
            {
                case ExperimentEvent.FinalStarted(_, var epochs) { Done: var done }:
                    Say(new RunnerMessage.FinalStarted(epochs, done));
                    break;
                case ExperimentEvent.FinalProgressed(var value):
                    Say(new RunnerMessage.Progressed(value));
                    break;
            }
        }
    }

    private RunnerMessage.TakenIn TakeIn(RunnerOrder.TakeIn work, CancellationToken cancellation)
    {
        var catalog = new DatasetCatalog(dataFolder, time, systemDatasets);
        var progress = new Relay<IngestProgress>(value => Say(new RunnerMessage.TakingIn(value)));
        if (work.Path is { } path)
        {
            return new(catalog.Add(path, work.Options, progress, cancellation).ToJson());
        }

        using var dataset = catalog.Open(work.Options.Name ?? throw new UserErrorException("A known dataset is taken in by its name."), progress, cancellation);
        return new(dataset.Report.ToJson());
    }

    private ScoredBatch Scored(ExperimentSpec spec)
    {
        using var dataset = Open(spec.Dataset, CancellationToken.None);
        return ScoredBatch.Of(dataset, Devices.Parse(spec.Device));
    }

    private Dataset Open(string name, CancellationToken cancellation) => new DatasetCatalog(dataFolder, time, systemDatasets).Open(name, null, cancellation);

    private void Say(RunnerMessage message)
    {
        var line = RunnerLines.Write(message);
        lock (_writing)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }

    /// <summary>Keeps the evaluator of one experiment warm: its dataset is on the device.</summary>
    private sealed class Evaluators : IDisposable
    {
        private string? _of;
        private TrainingEvaluator? _evaluator;

        public TrainingEvaluator For(ExperimentSpec spec, string startWeightsPath, Func<Dataset> open, TimeProvider time)
        {
            // The budget may grow while the experiment runs; nothing else of a spec changes.
            var key = startWeightsPath + JsonSerializer.Serialize(spec with { Budget = new() }, ExperimentFolder.Json);
            if (key != _of || _evaluator is null)
            {
                Clear();
                using var dataset = open();
                _evaluator = new(spec, dataset, startWeightsPath, time);
                _of = key;
            }

            return _evaluator;
        }

        public void Clear()
        {
            _evaluator?.Dispose();
            (_evaluator, _of) = (null, null);
        }

        public void Dispose() => Clear();
    }
}

/// <summary>Hands on what it is told, on the teller's thread.</summary>
internal sealed class Relay<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
