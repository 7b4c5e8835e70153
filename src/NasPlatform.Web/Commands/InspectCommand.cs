using System.CommandLine;
using System.Globalization;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas inspect</c>: what genotypes denote, as JSON lines, or one of them as a table of layers.</summary>
internal static class InspectCommand
{
    public static Command Create(Terminal terminal)
    {
        var space = new Option<string>("--space") { Required = true, HelpName = "name", Description = $"The space: {string.Join(", ", SearchSpaceCatalog.Names)}" };
        var set = Options.Settings("--set", "A setting of the space; repeatable");
        var genotypes = new Argument<string[]>("genotype") { Description = "Genotypes in the space's text form (nas space show <name>)", Arity = ArgumentArity.ZeroOrMore };
        var stdin = Options.Flag("--stdin", "Read genotypes from the standard input, one a line; each is answered by one line");
        var task = Options.Text("--task", "CxHxW/classes", "Channels, rows and columns of the images and number of classes (default 3x32x32/10)");
        var dataset = Options.Text("--dataset", "name", "Take the task from a dataset instead");
        var layers = Options.Flag("--layers", "Show the table of layers of one genotype");
        var json = Options.Flag("--json", "With --layers: write JSON, one layer a line (other answers are JSON anyway)");
        var command = new DocumentedCommand("inspect", "Tells what genotypes denote: JSON lines with validity, key, parameters and multiply-adds", """
            Each answer has "line" and "valid". If valid, "genotype" (in canonical spelling),
            "key" (equal for equal networks), "parameters", "multiplyAdds" (for one image) and
            "layers"; if not, "reason". The exit code is 1 when any is not valid.

            Examples:
              nas inspect --space nasbench201 \
                '|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|'
              nas space sample chain -n 1000 | nas inspect --space chain --stdin
              nas inspect --space chain --set layers=1 --task 1x28x28/10 --layers 3x3/1x1/36
            """)
        {
            genotypes, space, set, stdin, task, dataset, layers, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(stdin) == result.GetValue(genotypes) is { Length: > 0 })
            {
                result.AddError("Give either genotypes or --stdin.");
            }

            if (result.GetValue(layers) && result.GetValue(genotypes) is not [_])
            {
                result.AddError("--layers shows one genotype; give just one.");
            }

            if (result.GetValue(task) is not null && result.GetValue(dataset) is not null)
            {
                result.AddError("Give either --task or --dataset.");
            }
        });
        command.SetAction((parsed, cancellation) =>
        {
            var inspected = SearchSpaceCatalog.Create(parsed.GetRequiredValue(space), parsed.GetValue(set));
            var shape = parsed.GetValue(dataset) is { } name
                ? TaskOf(name, terminal, cancellation)
                : parsed.GetValue(task) is { } text ? ParseTask(text) : TaskShape.Cifar10;
            var given = parsed.GetValue(genotypes) ?? [];
            if (parsed.GetValue(layers))
            {
                WriteLayers(inspected.Build(inspected.Parse(given[0]), shape), parsed.GetValue(json), terminal);
                return Task.FromResult(ExitCode.Done);
            }

            var areValid = true;
            foreach (var (line, genotype) in (parsed.GetValue(stdin) ? Lines(terminal.Input) : given).Index())
            {
                cancellation.ThrowIfCancellationRequested();
                areValid &= Answer(line + 1, genotype, inspected, shape, terminal);
            }

            return Task.FromResult(areValid ? ExitCode.Done : ExitCode.UserError);
        });
        return command;
    }

    private static bool Answer(int line, string text, SearchSpace space, TaskShape task, Terminal terminal)
    {
        try
        {
            var genotype = space.Parse(text);
            var graph = space.Build(genotype, task);
            terminal.WriteJson(new
            {
                Line = line,
                Valid = true,
                Genotype = space.Format(genotype),
                Key = space.Key(genotype).Value,
                Parameters = graph.Cost.ParameterCount,
                graph.Cost.MultiplyAdds,
                Layers = graph.Layers.Length,
            });
            return true;
        }
        catch (UserErrorException error)
        {
            terminal.WriteJson(new { Line = line, Valid = false, Reason = error.Message });
            return false;
        }
    }

    private static void WriteLayers(LayerGraph graph, bool json, Terminal terminal)
    {
        if (json)
        {
            foreach (var layer in graph.Layers)
            {
                var cost = NetworkCost.Of(layer);
                terminal.WriteJson(new
                {
                    layer.Name,
                    Operation = OpText.Of(layer.Op),
                    Inputs = layer.Inputs.Select(input => input.Name),
                    Shape = layer.Shape.Dimensions,
                    Parameters = cost.ParameterCount,
                    cost.MultiplyAdds,
                });
            }

            return;
        }

        var table = Tables.New(["layer", "operation", "output", "parameters", "multiply-adds"], numbers: [3, 4]);
        foreach (var layer in graph.Layers)
        {
            var cost = NetworkCost.Of(layer);
            table.Row(layer.Name, OpText.Of(layer.Op), $"{layer.Shape}", Figures.Exact(cost.ParameterCount), Figures.Exact(cost.MultiplyAdds));
        }

        terminal.Show(table);
        terminal.Say(
            $"{Figures.Many(graph.Layers.Length, "layer")}, {Figures.Exact(graph.Cost.ParameterCount)} parameters, {Figures.Exact(graph.Cost.MultiplyAdds)} multiply-adds an image.");
    }

    private static IEnumerable<string> Lines(TextReader input)
    {
        while (input.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    private static TaskShape TaskOf(string name, Terminal terminal, CancellationToken cancellation)
    {
        using var dataset = DataFolder.Open(name, terminal, cancellation);
        return new(dataset.Channels, dataset.Height, dataset.Width, dataset.Classes.Count);
    }

    private static TaskShape ParseTask(string text)
    {
        const int MaxSide = 16_384;
        const int MaxClasses = 1_000_000;
        if (text.Split('/') is [var image, var classesText]
            && image.Split('x') is [var channelsText, var heightText, var widthText]
            && Within(channelsText, 3, out var channels) && channels != 2
            && Within(heightText, MaxSide, out var height)
            && Within(widthText, MaxSide, out var width)
            && Within(classesText, MaxClasses, out var classes) && classes > 1)
        {
            return new(channels, height, width, classes);
        }

        throw new UsageErrorException($"--task is '{text}'; give channels (1 or 3) x rows x columns / classes (2 or more), such as 3x32x32/10.");

        static bool Within(string text, int most, out int value) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= 1 && value <= most;
    }
}
