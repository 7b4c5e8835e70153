using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;
using static NasPlatform.Search.Export.PyTorch.PythonText;

namespace NasPlatform.Search.Export.PyTorch;

/// <summary>
/// Writes a model as one Python file that needs PyTorch alone: the network as modules named and nested as the layers' names say, and
/// functions that load <c>model.safetensors</c> and read what the model is for: images, series, rows, a text. <c>Network.forward</c> takes numbers that are not normalised
/// (images in 0 to 1) and gives logits, or numbers in the data's unit. It can be trained as it is: nothing is folded, dropout and drop path are there.
/// </summary>
internal static class PyTorchExporter
{
    /// <summary>The file's text.</summary>
    public static string Source(ModelDescription description)
    {
        var modules = ModuleWriter.Of(description.Graph);
        var kind = description.Task;
        return Fill("model.py", new()
        {
            ["title"] = Prose(description.Name),
            ["task"] = kind.Words,
            ["space"] = Prose(description.Architecture.Space),
            ["dataset"] = Prose(description.Dataset.Name),
            ["measure"] = $"{kind.Metric.Words} {kind.Metric.Text(description.Metrics.TestScore)}",
            ["usage"] = Usage(kind),
            ["needs"] = kind == TaskKind.ImageClassification ? ", and Pillow to read image files" : "",
            ["imports"] = Imports(kind, modules.UsesOrderedDict),
            ["constants"] = Constants(description),
            ["network"] = modules.Source,
            ["rename"] = Renaming(modules),
            ["reader"] = Reader(description),
        });
    }

    private static string Usage(TaskKind kind) => kind switch
    {
        TaskKind.ImageClassification => "python3 model.py photo.png ...          prints the class of each image, and how probable it is",
        TaskKind.SequenceClassification => "python3 model.py series.csv ...         prints the class of each series, and how probable it is",
        TaskKind.Forecasting => "python3 model.py series.csv ...         prints the steps that come after each series",
        TaskKind.TabularClassification => "python3 model.py table.csv ...          prints the class of each row, and how probable it is",
        TaskKind.TabularRegression => "python3 model.py table.csv ...          prints what it predicts for each row",
        TaskKind.LanguageModelling => "python3 model.py \"the beginning\" ...    goes on with a text",
    };

    private static string Imports(TaskKind kind, bool usesOrderedDict)
    {
        IEnumerable<string> lines = [.. kind is TaskKind.ImageClassification or TaskKind.LanguageModelling ? [] : new[] { "import csv" }, "import json", "import struct", "import sys", .. usesOrderedDict ? ["from collections import OrderedDict"] : Array.Empty<string>()];
        return string.Concat(lines.Select(line => line + "\n"));
    }

    private static string Reader(ModelDescription description)
    {
        var kind = description.Task;
        var read = kind switch
        {
            TaskKind.ImageClassification => "read_image.py",
            TaskKind.SequenceClassification or TaskKind.Forecasting => "read_series.py",
            TaskKind.TabularClassification or TaskKind.TabularRegression => "read_row.py",
            TaskKind.LanguageModelling => "read_text.py",
        };
        var source = Fill(read, new()
        {
            ["short"] = kind == TaskKind.Forecasting
                ? "if len(steps) < STEPS:\n        raise ValueError(f\"it has {len(steps)} steps and {STEPS} are looked at\")"
                : "steps = [MEAN] * (STEPS - len(steps)) + steps  # as in training, what is short begins with means",
        }).TrimEnd();
        return kind is TaskKind.ImageClassification or TaskKind.LanguageModelling
            ? source
            : Fill(kind.IsRegression ? "tell_numbers.py" : "tell_class.py", []).TrimEnd() + "\n\n\n" + source;
    }

    private static string Fill(string template, Dictionary<string, string> values)
    {
        using var stream = typeof(PyTorchExporter).Assembly.GetManifestResourceStream(template)!; // not null: it is embedded
        using var reader = new StreamReader(stream);
        var parts = reader.ReadToEnd().Split("{{");
        return parts[0] + string.Concat(parts.Skip(1).Select(part => part.Split("}}", 2)).Select(part => values[part[0]] + part[1]));
    }

    private static string Constants(ModelDescription description)
    {
        var input = description.Input;
        var kind = description.Task;
        var lines = new List<string>();
        if (description.Classes.Count > 0)
        {
            lines.Add(Line(0, "CLASSES = [", [.. description.Classes.Select(Quote)], ",", "]"));
        }

        switch (kind)
        {
            case TaskKind.ImageClassification:
                lines.Add($"CHANNELS, HEIGHT, WIDTH = {input.Channels}, {input.Height}, {input.Width}");
                lines.Add($"FIT = {Quote(input.Fit!)}  # crop: cover and cut; pad: contain and fill with black; stretch: change the proportions"); // not null: of images it is known
                break;
            case TaskKind.SequenceClassification or TaskKind.Forecasting:
                lines.Add($"STEPS = {input.Width}");
                lines.Add(Line(0, "COLUMNS = [", [.. input.Columns.Select(column => Quote(column.Name))], ",", "]"));
                break;
            case TaskKind.LanguageModelling:
                lines.Add($"STEPS = {input.Width}  # tokens in a row that it was trained on");
                lines.Add($"CHARACTERS = {(input.IsCharacters ? "True" : "False")}");
                break;
            default:
                lines.Add(Line(0, "COLUMNS = [  # titles; the categories that it has, or None for numbers", [.. input.Columns.Select(Column)], ",", "]"));
                lines.Add($"MISSING, OTHER = {Quote(DataColumn.Missing)}, {Quote(DataColumn.Other)}  # the categories of what is not there, and of what is rare");
                break;
        }

        if (input.Mean.Count > 0)
        {
            lines.Add(Line(0, "MEAN = [", [.. input.Mean.Select(Number)], ",", kind == TaskKind.ImageClassification ? "]  # of each channel, where 0 is black and 1 full" : "]"));
            lines.Add(Line(0, "STD = [", [.. input.Std.Select(Number)], ",", "]"));
        }

        if (description.Output is { } output)
        {
            lines.Add(Line(0, "PREDICTED = [", [.. output.Names.Select(Quote)], ",", "]"));
            lines.Add(Line(0, "PREDICTED_MEAN = [", [.. output.Mean.Select(Number)], ",", "]"));
            lines.Add(Line(0, "PREDICTED_STD = [", [.. output.Std.Select(Number)], ",", "]"));
            if (output.Horizon > 0)
            {
                lines.Add($"HORIZON = {output.Horizon}");
            }
        }

        return string.Join('\n', lines);

        static string Column(DataColumn column) =>
            $"({Quote(column.Name)}, {(column.Categories is { } categories ? $"[{string.Join(", ", categories.Select(Quote))}]" : "None")})";
    }

    private static string Renaming(ModuleWriter modules)
    {
        var tied = string.Concat(modules.Tied.Select(pair => $"    tensors[{Quote($"{pair.ModuleName}.weight")}] = tensors[{Quote($"{pair.EmbeddingName}.weight")}]\n"));
        if (modules.Renamed.Count == 0)
        {
            return tied;
        }

        var pairs = Line(4, "modules = {", [.. modules.Renamed.Select(pair => $"{Quote(pair.FileName)}: {Quote(pair.ModuleName)}")], ",", "}");
        return $$"""
                # Names of layers in the file that are called otherwise here.
            {{pairs}}
                split = {name: name.rpartition(".") for name in tensors}
                tensors = {f"{modules.get(layer, layer)}.{part}": tensors[name] for name, (layer, _, part) in split.items()}
            {{tied}}
            """;
    }
}
