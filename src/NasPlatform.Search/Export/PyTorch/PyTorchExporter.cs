using System.Globalization;
using static NasPlatform.Search.Export.PyTorch.PythonText;

namespace NasPlatform.Search.Export.PyTorch;

/// <summary>
/// Writes a model as one Python file that needs PyTorch alone: the network as modules named and nested as the layers' names say, and
/// functions that load <c>model.safetensors</c> and read images. <c>Network.forward</c>: float32 <c>[batch, channels, height, width]</c>
/// in 0 to 1, not normalised, to logits <c>[batch, classes]</c>. It can be trained as it is: nothing is folded, dropout and drop path are there.
/// </summary>
internal static class PyTorchExporter
{
    /// <summary>The file's text.</summary>
    public static string Source(ModelDescription description)
    {
        var modules = ModuleWriter.Of(description.Graph);
        var values = new Dictionary<string, string>
        {
            ["title"] = Prose(description.Name),
            ["space"] = Prose(description.Architecture.Space),
            ["dataset"] = Prose(description.Dataset.Name),
            ["accuracy"] = (description.Metrics.TestAccuracy * 100).ToString("0.00", CultureInfo.InvariantCulture) + " %",
            ["imports"] = modules.UsesOrderedDict ? "from collections import OrderedDict\n" : "",
            ["constants"] = Constants(description),
            ["network"] = modules.Source,
            ["rename"] = Renaming(modules),
        };

        using var stream = typeof(PyTorchExporter).Assembly.GetManifestResourceStream("model.py")!; // not null: it is embedded
        using var reader = new StreamReader(stream);
        var parts = reader.ReadToEnd().Split("{{");
        return parts[0] + string.Concat(parts.Skip(1).Select(part => part.Split("}}", 2)).Select(part => values[part[0]] + part[1]));
    }

    private static string Constants(ModelDescription description)
    {
        var input = description.Input;
        return string.Join(
            '\n',
            Line(0, "CLASSES = [", [.. description.Classes.Select(Quote)], ",", "]"),
            $"CHANNELS, HEIGHT, WIDTH = {input.Channels}, {input.Height}, {input.Width}",
            $"FIT = {Quote(input.Fit)}  # crop: cover and cut; pad: contain and fill with black; stretch: change the proportions",
            Line(0, "MEAN = [", [.. input.Mean.Select(Number)], ",", "]  # of each channel, where 0 is black and 1 full"),
            Line(0, "STD = [", [.. input.Std.Select(Number)], ",", "]"));
    }

    private static string Renaming(ModuleWriter modules)
    {
        if (modules.Renamed.Count == 0)
        {
            return "";
        }

        var pairs = Line(4, "modules = {", [.. modules.Renamed.Select(pair => $"{Quote(pair.FileName)}: {Quote(pair.ModuleName)}")], ",", "}");
        return $$"""
                # Names in the file that cannot be names in Python.
            {{pairs}}
                split = {name: name.rpartition(".") for name in tensors}
                tensors = {f"{modules.get(layer, layer)}.{part}": tensors[name] for name, (layer, _, part) in split.items()}

            """;
    }
}
