using System.Globalization;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Training;

namespace NasPlatform.Web.Experiments;

/// <summary>The command line that repeats an experiment in a terminal.</summary>
internal static class TerminalCommand
{
    /// <summary><c>nas search</c> with all that the spec says, so that other defaults of another version change nothing.</summary>
    public static string Of(ExperimentSpec spec) => "nas " + string.Join(' ', Arguments(spec).Select(Quoted));

    /// <summary>The words after <c>nas</c>, unquoted.</summary>
    public static IReadOnlyList<string> Arguments(ExperimentSpec spec)
    {
        var training = spec.Training;
        List<string> words = ["search", "--dataset", spec.Dataset, "--space", spec.Space];
        words.AddRange(spec.SpaceSettings.SelectMany(setting => new[] { "--set", $"{setting.Key}={setting.Value}" }));
        if (spec.Architecture is { } architecture)
        {
            words.AddRange(["--architecture", architecture]);
        }

        words.AddRange(spec.Tune.SelectMany(choice => new[] { "--tune", choice.Value.Length == 0 ? choice.Key : $"{choice.Key}={choice.Value}" }));
        words.AddRange(["--strategy", spec.Strategy]);
        words.AddRange(spec.StrategySettings.SelectMany(setting => new[] { "--strategy-set", $"{setting.Key}={setting.Value}" }));
        if (spec.Objective is { } objective)
        {
            words.AddRange(["--objective", objective.Cost.Words]);
            Add("--target", objective.Target);
            words.AddRange(["--tradeoff", objective.Tradeoff.ToString().ToLowerInvariant()]);
            Add("--cost-weight", objective.Weight);
        }

        Add("--trials", spec.Budget.Trials);
        Add("--minutes", spec.Budget.Minutes);
        Add("--epochs", spec.Fidelity.Epochs);
        Add("--fraction", spec.Fidelity.Fraction);
        Add("--final-epochs", spec.FinalEpochs);
        words.AddRange(["--final-network", spec.FinalNetwork.ToString().ToLowerInvariant()]);
        Add("--parallel", spec.Parallelism);
        Add("--threads", spec.Threads);
        words.AddRange(["--device", spec.Device]);
        Add("--seed", spec.Seed);
        Add("--batch-size", training.BatchSize);
        words.AddRange(["--optimizer", training.Optimizer.Words]);
        Add("--learning-rate", training.LearningRate);
        words.AddRange(["--schedule", training.Schedule.Words]);
        Add("--momentum", training.Momentum);
        Add("--weight-decay", training.WeightDecay);
        Add("--gradient-clip", training.GradientClip);
        Add("--label-smoothing", training.LabelSmoothing);
        words.AddRange(["--precision", training.Precision.ToString().ToLowerInvariant()]);
        if (training.Augmentation is { } augmentation)
        {
            Add("--crop", augmentation.CropPadding);
            words.Add(augmentation.Flip ? "--flip" : "--no-flip");
            Add("--cutout", augmentation.Cutout);
        }

        return words;

        void Add(string option, IFormattable? value)
        {
            if (value is not null)
            {
                words.AddRange([option, value.ToString(null, CultureInfo.InvariantCulture)]);
            }
        }
    }

    /// <summary>A word as a shell takes it for one.</summary>
    public static string Quoted(string word) => word.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_=.,:/".Contains(letter)) ? word : $"'{word.Replace("'", @"'\''")}'";
}
