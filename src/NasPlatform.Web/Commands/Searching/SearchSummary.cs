using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Export;
using NasPlatform.Search.Networks;

namespace NasPlatform.Web.Commands.Searching;

/// <summary>What a finished search says at its end: the winner, its files, and what to do next.</summary>
internal static class SearchSummary
{
    /// <param name="spec">What was searched.</param>
    /// <param name="result">What was found.</param>
    /// <param name="folder">The run's folder, as it can be given on the command line.</param>
    /// <param name="task">What was learnt.</param>
    public static IEnumerable<string> Lines(ExperimentSpec spec, ExperimentResult result, string folder, TaskKind task = TaskKind.ImageClassification)
    {
        var winner = result.Winner;
        var evaluation = winner.Evaluation!; // not null: it has completed
        yield return "";
        yield return $"Winner: trial {winner.Number} of {result.Trials}, after {Figures.Clock(TimeSpan.FromSeconds(result.ElapsedSeconds))}";
        if (spec.Architecture is { } architecture)
        {
            yield return $"  architecture  {architecture}";
            yield return $"  training      {winner.Genotype}";
        }
        else
        {
            yield return $"  genotype      {winner.Genotype}";
        }

        yield return $"  validation    {task.Metric.Words} {task.Metric.Text(evaluation.Score)} after {Figures.Many(winner.Epochs ?? spec.Fidelity.Epochs, "epoch")}";
        if (result.TestScore is { } test)
        {
            yield return $"  test          {task.Metric.Words} {task.Metric.Text(test)} after {Figures.Many(result.FinalEpochs, "epoch")} on training and validation examples";
        }

        if (result.Parity is { } parity)
        {
            yield return $"  export        {(parity.Parity == Parity.Differs ? "DIFFERS: " : "")}{parity.Summary}";
        }

        yield return $"  parameters    {Figures.Exact(evaluation.ParameterCount)}";
        yield return $"  multiply-adds {Figures.Exact(evaluation.MultiplyAdds)} {(task == TaskKind.ImageClassification ? "an" : "a")} {(task == TaskKind.LanguageModelling ? "window" : task.Example)}";
        if (spec.Reward is not null || spec.Strategy == "nsga2")
        {
            yield return "";
            yield return $"Pareto front: {task.Metric.Words} and {spec.Cost.Words}";
            foreach (var trial in result.Front)
            {
                yield return $"  trial {trial.Number,-5} {task.Metric.Text(trial.Evaluation!.Score),9}  {spec.Cost.Text(spec.Cost.Of(trial.Evaluation)!.Value),14}  {trial.Genotype}"; // not null: it is on the front
            }
        }

        yield return "";
        yield return "Files";
        var files = Files(result).Select(file => (Path: Path.Combine(folder, file.Name), file.What)).ToList();
        foreach (var (path, what) in files)
        {
            yield return $"  {path.PadRight(files.Max(file => file.Path.Length))}  {what}";
        }

        yield return "";
        yield return "Next";
        if (result.ModelFolder is null)
        {
            yield return $"  nas search --resume --out {Quoted(folder)} --trials {result.Trials * 2}";
            yield break;
        }

        yield return $"  nas predict {Quoted(Path.Combine(folder, "model"))} {PredictCommand.Sample(task)}";
        yield return $"  nas evaluate {Quoted(folder)} --dataset {spec.Dataset}";
        yield return $"  nas export {Quoted(folder)} --format onnx --out my-model";
    }

    /// <summary>A path as a shell takes it.</summary>
    public static string Quoted(string path) => path.All(letter => char.IsLetterOrDigit(letter) || "/._-+:".Contains(letter))
        ? path
        : $"'{path.Replace("'", "'\\''")}'";

    private static IEnumerable<(string Name, string What)> Files(ExperimentResult result)
    {
        if (result.ModelFolder is not null)
        {
            yield return ("model", "safetensors, ONNX, PyTorch source, JSON, card");
        }

        yield return ("trials.jsonl", "every trial, a line each");
        yield return ("result.json", "this result");
        yield return ("experiment.json", "what was asked; repeats the run");
    }
}
