using System.Globalization;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Export;

/// <summary>
/// Writes the model card, <c>README.md</c>: what the model is, on what data, how good, how it was made, how to run it and what it is
/// not for (after Mitchell et al. 2019, "Model Cards for Model Reporting").
/// </summary>
internal static class ModelCard
{
    public static string Text(ModelDescription model) => string.Join(
        "\n\n",
        [.. Summary(model), .. Use(model), .. Data(model), .. Architecture(model), .. Training(model), .. CardSnippets.HowToRun(model)]) + "\n";

    private static IEnumerable<string> Summary(ModelDescription model)
    {
        var metrics = model.Metrics;
        var metric = model.Task.Metric;
        yield return $"# {Prose(model.Name)}";
        yield return $"A network that {WhatItDoes(model)}. Its architecture was found by search: "
            + $"strategy {Prose(model.Search.Strategy)} in space {Prose(model.Architecture.Space)}, {model.Search.Trials:N0} architectures tried. "
            + $"The best was then trained in full on {Prose(model.Dataset.Name)}.";
        yield return Table(
            ["", ""],
            [$"Test {metric.Words}", $"**{metric.Text(metrics.TestScore)}** {Measured(model)}"],
            ["Test loss", model.Task.IsRegression ? $"{metrics.TestLoss:0.0000} (mean squared error, in deviations of the training data)" : $"{metrics.TestLoss:0.0000} nats (mean cross entropy)"],
            [$"Validation {metric.Words} in the search", metrics.ValidationScore is { } score ? $"{metric.Text(score)}, after the search's shorter training" : "not measured"],
            ["Parameters", $"{model.ParameterCount:N0} ({model.ParameterCount * 4 / 1e6:0.00} MB as float32)"],
            ["Multiply-adds", $"{model.MultiplyAdds / 1e6:N2} million {(model.Task == TaskKind.LanguageModelling ? "a window" : $"{(model.Task == TaskKind.ImageClassification ? "an" : "a")} {model.Task.Example}")}"],
            ["Made", $"{model.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC by NasPlatform {Prose(model.ProgramVersion)}"]);
    }

    private static IEnumerable<string> Use(ModelDescription model)
    {
        yield return "## What it takes and what it gives";
        yield return $"{Takes(model)}\n{Gives(model)}";
        if (model.Input.Columns.Count > 0 && model.Task is TaskKind.TabularClassification or TaskKind.TabularRegression)
        {
            yield return Table(
                ["Column", "Numbers"],
                [.. model.Input.Columns.Select(column => new[] { Prose(column.Name), column.Categories is { } categories ? $"one each for {Prose(string.Join(", ", categories))}" : "the number itself" })]);
        }

        yield return "## Intended use and limits";
        yield return string.Join('\n', Limits(model).Select(limit => $"- {limit}"));
    }

    private static string WhatItDoes(ModelDescription model) => model.Task switch
    {
        TaskKind.ImageClassification => $"sorts {ImageKind(model.Input)} images into {model.Classes.Count} classes",
        TaskKind.SequenceClassification => $"sorts series of {model.Input.Channels} variables and {model.Input.Width} steps into {model.Classes.Count} classes",
        TaskKind.Forecasting => $"predicts the next {model.Output!.Horizon} steps of {Prose(string.Join(", ", model.Output.Names))} from the {model.Input.Width} before", // not null: it predicts numbers
        TaskKind.TabularClassification => $"sorts rows of a table, {model.Input.Channels} numbers each, into {model.Classes.Count} classes",
        TaskKind.TabularRegression => $"predicts {Prose(string.Join(", ", model.Output!.Names))} from rows of a table, {model.Input.Channels} numbers each", // not null: as above
        TaskKind.LanguageModelling => $"tells how probable each of {model.Classes.Count:N0} {(model.Input.IsCharacters ? "characters" : "words")} is to come next in a text",
    };

    private static string Measured(ModelDescription model)
    {
        var examples = model.Metrics.TestExamples;
        if (!model.Task.IsClassification)
        {
            return model.Task == TaskKind.LanguageModelling ? $"on {examples:N0} tokens" : $"on {examples:N0} {model.Task.Examples}, in deviations of the training data: always predicting their mean has about 1";
        }

        var (least, most) = Interval(model.Metrics.TestScore, examples);
        var many = model.Task.Examples;
        return $"of {examples:N0} {many} (95 % interval for this many {many}: {Percent(least)} to {Percent(most)})";
    }

    private static string Takes(ModelDescription model)
    {
        var input = model.Input;
        return model.Task switch
        {
            TaskKind.ImageClassification => $"- **Input**: float32 `[batch, {input.Channels}, {input.Height}, {input.Width}]` (batch, channels, rows, columns), {Channels(input)}, from 0 (black) to 1. "
                + $"Do not normalise: the network itself takes away the mean {Numbers(input.Mean)} and divides by {Numbers(input.Std)}.\n"
                + $"- **Images of another size**: {Fit(input)} Transparency is laid on white.",
            TaskKind.SequenceClassification or TaskKind.Forecasting =>
                $"- **Input**: float32 `[batch, {input.Channels}, {input.Width}]` (batch, variables, steps), the variables {Prose(string.Join(", ", input.Columns.Select(column => column.Name)))}, in the data's unit. Do not normalise: the network does."
                + (model.Task == TaskKind.SequenceClassification ? " A shorter series is filled in front with the variables' means." : ""),
            TaskKind.LanguageModelling => "- **Input**: int64 `[batch, steps]`, numbers of tokens in the vocabulary's order (classes in architecture.json), of any length.",
            _ => $"- **Input**: float32 `[batch, {input.Channels}]`, the numbers of a row in the order below, in the data's unit; of a category's numbers one is 1 and the others are 0. Do not normalise: the network does.",
        };
    }

    private static string Gives(ModelDescription model) => model.Task switch
    {
        TaskKind.Forecasting => $"- **Output**: float32 `[batch, {model.Output!.Names.Count}, {model.Output.Horizon}]` (batch, variables, steps ahead), in the data's unit.", // not null: it predicts numbers
        TaskKind.TabularRegression => $"- **Output**: float32 `[batch, {model.Output!.Names.Count}]`, in the data's unit.", // not null: as above
        TaskKind.LanguageModelling => $"- **Output**: logits, float32 `[batch, steps, {model.Classes.Count}]`, of the token after each; their softmax is the probabilities (model.onnx gives both).",
        _ => $"- **Output**: logits, float32 `[batch, {model.Classes.Count}]`, one a class in the order below; their softmax is the probabilities (model.onnx gives both).",
    };

    private static IEnumerable<string> Limits(ModelDescription model)
    {
        var data = Prose(model.Dataset.Name);
        switch (model.Task)
        {
            case TaskKind.ImageClassification:
                yield return $"For images like those of {data}. How good it is on others (another camera, another way of cutting out, other subjects) was not measured.";
                break;
            case TaskKind.LanguageModelling:
                yield return $"For texts like {data}. What it goes on with is probable, not true.";
                yield return "Its perplexity was measured with what it remembers carried on through the text; the exported files begin each window anew.";
                break;
            default:
                yield return $"For data like {data}, of the same columns in the same units. How good it is on others (another place, another time) was not measured.";
                break;
        }

        if (model.Task.IsClassification)
        {
            yield return $"It always answers with one of its {model.Classes.Count} classes, also for {(model.Task == TaskKind.ImageClassification ? "an image that shows" : "data of")} none of them.";
            yield return "Its probabilities were not calibrated: do not read 90 % as \"right nine times in ten\".";
            yield return $"The accuracy above is over all test {model.Task.Examples} together; look at each class below. Whether groups of people or things are treated alike was not examined.";
        }

        if (model.Task.IsRegression)
        {
            yield return "It gives one number and not how sure it is of it.";
        }

        yield return "Not for decisions about people's health, safety or rights without an evaluation of its own.";
    }

    private static IEnumerable<string> Data(ModelDescription model)
    {
        var data = model.Dataset;
        var many = model.Task.Examples;
        yield return "## Data";
        yield return $"{Prose(data.Name)}: {data.Training:N0} training, {data.Validation:N0} validation and {data.Test:N0} test {many}. "
            + $"The search chose by the validation {many}. The test {many} were used once, for the figures of this card.";
        if (model.Task.IsClassification)
        {
            yield return Table(
                ["Class", "Name", "Test accuracy"],
                [.. model.Classes.Select((name, index) => new[]
                {
                    $"{index}", Prose(name), model.Metrics.TestAccuracyByClass[index] is { } accuracy ? Percent(accuracy) : $"no test {many}",
                })]);
        }
    }

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    private static IEnumerable<string> Architecture(ModelDescription model)
    {
        var facts = model.Architecture;
        yield return "## Architecture";
        yield return $"Space {Prose(facts.Space)}{Settings(facts.SpaceSettings)}, genotype:";
        yield return Code("text", facts.Genotype);
        yield return $"Key (equal for networks that compute the same): `{facts.Key}`. The decisions are in architecture.json.";
        yield return $"<details><summary>{model.Graph.Layers.Length:N0} layers</summary>";
        yield return Table(
            ["Layer", "Operation", "Reads", "Gives", "Parameters"],
            [.. model.Graph.Layers.Select(layer => new[]
            {
                Prose(layer.Name),
                OpText.Of(layer.Op),
                Prose(string.Join(", ", layer.Inputs.Select(input => input.Name))),
                $"{layer.Shape}",
                $"{NetworkCost.Of(layer).ParameterCount:N0}",
            })]);
        yield return "</details>";
    }

    private static IEnumerable<string> Training(ModelDescription model)
    {
        var training = model.Training;
        yield return "## How it was trained";
        yield return Table(
            ["", ""],
            [Capital(model.Task.Examples), $"{training.Examples:N0}"],
            ["Epochs", $"{training.Epochs:N0}"],
            ["Batch size", $"{training.BatchSize:N0} {(model.Task == TaskKind.LanguageModelling ? "streams" : model.Task.Examples)}"],
            ["Optimiser", Prose(training.Optimizer)],
            ["Learning rate", $"{training.LearningRate} at most"],
            ["Weight decay", $"{training.WeightDecay}"],
            ["Augmentation", Prose(training.Augmentation)],
            ["Duration", $"{Duration(training.DurationSeconds)} on {Prose(training.Device)}, {training.ImagesPerSecond:N0} {model.Task.Examples}/s"],
            ["Search", $"{Prose(model.Search.Strategy)}{Settings(model.Search.StrategySettings)}, {model.Search.Trials:N0} trials"],
            ["Seed", $"{training.Seed}"]);
    }

    // Wilson's score interval at 95 %: what chance alone lets expect of another draw of as many test images.
    private static (double Least, double Most) Interval(double accuracy, int examples)
    {
        const double z = 1.96;
        var n = Math.Max(1, examples);
        var centre = (accuracy + (z * z / (2 * n))) / (1 + (z * z / n));
        var half = z * Math.Sqrt((accuracy * (1 - accuracy) / n) + (z * z / (4.0 * n * n))) / (1 + (z * z / n));
        return (Math.Max(0, centre - half), Math.Min(1, centre + half));
    }

    private static string ImageKind(ModelInput input) => input.Channels switch
    {
        1 => $"grey {input.Height}×{input.Width}",
        3 => $"colour {input.Height}×{input.Width}",
        _ => $"{input.Channels}-channel {input.Height}×{input.Width}",
    };

    private static string Channels(ModelInput input) => input.Channels switch
    {
        1 => "grey",
        3 => "red, green, blue",
        _ => $"{input.Channels} channels",
    };

    private static string Fit(ModelInput input) => input.Fit switch
    {
        "crop" => $"`crop`, scaled to cover {input.Height}×{input.Width} and cut on both sides alike.",
        "pad" => $"`pad`, scaled to fit within {input.Height}×{input.Width}, centred on black.",
        _ => $"`stretch`, scaled to {input.Height}×{input.Width} whatever their proportions.",
    };

    private static string Settings(IReadOnlyDictionary<string, string> settings) =>
        settings.Count == 0 ? "" : $" ({Prose(string.Join(", ", settings.Select(setting => $"{setting.Key}={setting.Value}")))})";

    private static string Duration(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Round(seconds));
        return time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes} min" : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s" : $"{seconds:0.0} s";
    }

    private static string Percent(double share) => (share * 100).ToString("0.00", CultureInfo.InvariantCulture) + " %";

    private static string Numbers(IEnumerable<double> numbers) => string.Join(", ", numbers.Select(number => number.ToString("0.####", CultureInfo.InvariantCulture)));

    private static string Table(string[] header, params IEnumerable<string[]> rows)
    {
        return string.Join('\n', rows.Select(Row).Prepend(Row([.. header.Select(_ => "---")])).Prepend(Row(header)));

        static string Row(string[] cells) => $"| {string.Join(" | ", cells)} |";
    }

    private static string Code(string language, string text) => $"```{language}\n{text.ReplaceLineEndings(" ")}\n```";

    // Text from outside may hold what Markdown takes for markup.
    private static string Prose(string text) => string.Concat(text.ReplaceLineEndings(" ").Select(character => character switch
    {
        '\\' or '|' or '`' or '*' or '[' or ']' or '<' or '>' => $"\\{character}",
        _ when char.IsControl(character) => " ",
        _ => $"{character}",
    }));
}
