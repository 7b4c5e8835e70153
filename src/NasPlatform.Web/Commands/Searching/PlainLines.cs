using System.Globalization;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces.Tuned;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Training;

namespace NasPlatform.Web.Commands.Searching;

/// <summary>Tells of a search in lines, for a pipe or a log: what started, each trial as it ends, each epoch of the final training.</summary>
internal sealed class PlainLines(TextWriter output, TaskKind task = TaskKind.ImageClassification) : IProgress<ExperimentEvent>
{
    private readonly Lock _writing = new();

    public void Report(ExperimentEvent value)
    {
        if (LineFor(value, task) is { } line)
        {
            lock (_writing)
            {
                output.WriteLine(line);
                output.Flush();
            }
        }
    }

    /// <summary>The line that an event is worth, or null.</summary>
    public static string? LineFor(ExperimentEvent told, TaskKind task = TaskKind.ImageClassification) => told switch
    {
        ExperimentEvent.SearchStarted(var spec, var resumed) => Started(spec, resumed),
        ExperimentEvent.SupernetStarted(var epochs) { Done: var done } =>
            $"supernet: {Figures.Many(epochs, "epoch")}{(done.Count == 0 ? "" : $", {done.Count} behind it already")}",
        ExperimentEvent.SupernetEpochEnded(var epoch) =>
            $"supernet epoch {epoch.Epoch} of {epoch.Epochs}: loss {Loss(epoch.TrainLoss)}, {task.Metric.Words} {task.Metric.Text(epoch.Score)} on validation, entropy {Loss(epoch.Beliefs.Average(belief => belief.Entropy))} [{epoch.Genotype}]",
        ExperimentEvent.SupernetEnded(var result) => $"supernet: {Figures.Many(result.Genotypes.Count, "architecture")} to try after {Figures.Duration(TimeSpan.FromSeconds(result.Seconds))}",
        ExperimentEvent.TrialEnded(var trial, var best) => Ended(trial, best, task),
        ExperimentEvent.FinalStarted(var winner, var epochs) =>
            $"final training of trial {winner.Number}: {Figures.Many(epochs, "epoch")}, validation examples included",
        ExperimentEvent.FinalProgressed({ Finished: { } epoch } progress) =>
            $"final epoch {epoch.Epoch} of {progress.Epochs}: loss {Loss(epoch.TrainLoss)}, {Figures.Exact((long)progress.ImagesPerSecond)} {task.Examples}/s",
        _ => null,
    };

    private static string Started(ExperimentSpec spec, int resumed)
    {
        var budget = (spec.Budget.Trials, spec.Budget.Minutes) switch
        {
            ({ } trials, { } minutes) => $"{Figures.Many(trials, "trial")} or {minutes} min",
            ({ } trials, null) => Figures.Many(trials, "trial"),
            (null, { } minutes) => $"{minutes} min",
            _ => "no limit",
        };
        var earlier = resumed == 0 ? "" : $", going on after {Figures.Many(resumed, "trial")}";
        var tuned = spec.Tune.Count == 0 ? "" : $", {string.Join(", ", spec.Tune.Keys)} of {(spec.Architecture is null ? "the training, too" : "one architecture's training")}";
        return $"searching {spec.Dataset}: space {spec.Space}{tuned}, strategy {spec.Strategy}, seed {spec.Seed}, {budget} "
            + $"of {(StrategyCatalog.IsMultiFidelity(spec.Strategy) ? "at most " : "")}{Figures.Many(spec.Fidelity.Epochs, "epoch")}, {spec.Parallelism} at a time{earlier}";
    }

    private static string Ended(Trial trial, Trial? best, TaskKind task)
    {
        var evaluation = trial.Evaluation!; // not null: it has ended
        if (evaluation.Outcome != Outcome.Completed)
        {
            return $"trial {trial.Number}: {SearchScreen.WordFor(evaluation.Outcome)}: {evaluation.Reason} [{trial.Genotype}]";
        }

        var cost = evaluation.ReusedFromTrial is { } same
            ? $"the same network{(TrainingChoice.IsIn(trial.Decisions.Keys) ? " and training" : "")} as trial {same}"
            : $"loss {Loss(evaluation.Loss ?? double.NaN)}, {Figures.Duration(TimeSpan.FromSeconds(evaluation.DurationSeconds))}";
        var rank = best?.Number == trial.Number ? ", best so far" : $", best {task.Metric.Text(best?.Evaluation?.Score ?? 0)} (trial {best?.Number})";
        return $"trial {trial.Number}: {task.Metric.Words} {task.Metric.Text(evaluation.Score)}{(trial.Epochs is { } epochs ? $" after {Figures.Many(epochs, "epoch")}" : "")}, {cost}, {Figures.Short(evaluation.ParameterCount)} parameters, "
            + $"{Figures.Short(evaluation.MultiplyAdds)} multiply-adds{rank} [{trial.Genotype}]";
    }

    private static string Loss(double loss) => loss.ToString("0.000", CultureInfo.InvariantCulture);
}

/// <summary>Writes every event of a search as one line of JSON.</summary>
internal sealed class JsonEvents(Terminal terminal) : IProgress<ExperimentEvent>
{
    private readonly Lock _writing = new();

    public void Report(ExperimentEvent value)
    {
        lock (_writing)
        {
            terminal.WriteJson(value);
        }
    }
}
