using System.Globalization;
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
        var (least, most) = Interval(metrics.TestAccuracy, metrics.TestExamples);
        yield return $"# {Prose(model.Name)}";
        yield return $"A network that sorts {ImageKind(model.Input)} images into {model.Classes.Count} classes. Its architecture was found by search: "
            + $"strategy {Prose(model.Search.Strategy)} in space {Prose(model.Architecture.Space)}, {model.Search.Trials:N0} architectures tried. "
            + $"The best was then trained in full on {Prose(model.Dataset.Name)}.";
        yield return Table(
            ["", ""],
            ["Test accuracy", $"**{Percent(metrics.TestAccuracy)}** of {metrics.TestExamples:N0} images (95 % interval for this many images: {Percent(least)} to {Percent(most)})"],
            ["Test loss", $"{metrics.TestLoss:0.0000} nats (mean cross entropy)"],
            ["Validation accuracy in the search", metrics.ValidationAccuracy is { } accuracy ? $"{Percent(accuracy)}, after the search's shorter training" : "not measured"],
            ["Parameters", $"{model.ParameterCount:N0} ({model.ParameterCount * 4 / 1e6:0.00} MB as float32)"],
            ["Multiply-adds", $"{model.MultiplyAdds / 1e6:N2} million an image"],
            ["Made", $"{model.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC by NasPlatform {Prose(model.ProgramVersion)}"]);
    }

    private static IEnumerable<string> Use(ModelDescription model)
    {
        var input = model.Input;
        yield return "## What it takes and what it gives";
        yield return $"- **Input**: float32 `[batch, {input.Channels}, {input.Height}, {input.Width}]` (batch, channels, rows, columns), {Channels(input)}, from 0 (black) to 1. "
            + $"Do not normalise: the network itself takes away the mean {Numbers(input.Mean)} and divides by {Numbers(input.Std)}.\n"
            + $"- **Images of another size**: {Fit(input)} Transparency is laid on white.\n"
            + $"- **Output**: logits, float32 `[batch, {model.Classes.Count}]`, one a class in the order below; their softmax is the probabilities (model.onnx gives both).";
        yield return "## Intended use and limits";
        yield return $"""
            - For images like those of {Prose(model.Dataset.Name)}. How good it is on others (another camera, another way of cutting out, other subjects) was not measured.
            - It always answers with one of its {model.Classes.Count} classes, also for an image that shows none of them.
            - Its probabilities were not calibrated: do not read 90 % as "right nine times in ten".
            - The accuracy above is over all test images together; look at each class below. Whether groups of people or things are treated alike was not examined.
            - Not for decisions about people's health, safety or rights without an evaluation of its own.
            """;
    }

    private static IEnumerable<string> Data(ModelDescription model)
    {
        var data = model.Dataset;
        yield return "## Data";
        yield return $"{Prose(data.Name)}: {data.Training:N0} training, {data.Validation:N0} validation and {data.Test:N0} test images. "
            + "The search chose by the validation images. The test images were used once, for the figures of this card.";
        yield return Table(
            ["Class", "Name", "Test accuracy"],
            [.. model.Classes.Select((name, index) => new[]
            {
                $"{index}", Prose(name), model.Metrics.TestAccuracyByClass[index] is { } accuracy ? Percent(accuracy) : "no test images",
            })]);
    }

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
            ["Images", $"{training.Examples:N0}"],
            ["Epochs", $"{training.Epochs:N0}"],
            ["Batch size", $"{training.BatchSize:N0} images"],
            ["Optimiser", Prose(training.Optimizer)],
            ["Learning rate", $"{training.LearningRate} at the start"],
            ["Weight decay", $"{training.WeightDecay}"],
            ["Augmentation", Prose(training.Augmentation)],
            ["Duration", $"{Duration(training.DurationSeconds)} on {Prose(training.Device)}, {training.ImagesPerSecond:N0} images/s"],
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
