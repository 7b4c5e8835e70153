using System.CommandLine;
using NasPlatform.Search;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas inspect</c>: what genotypes denote, as JSON lines, or one of them as a table of layers.</summary>
internal static class InspectCommand
{
    public static Command Create(Terminal terminal)
    {
        var space = new Argument<string>("space") { Description = $"The space: {string.Join(", ", SearchSpaceCatalog.Names)}" };
        var set = Options.Settings("--set", "A setting of the space; repeatable");
        var genotypes = new Argument<string[]>("genotype") { Description = "Genotypes in the space's text form (nas space show <name>), or names of published ones", Arity = ArgumentArity.ZeroOrMore };
        var stdin = Options.Flag("--stdin", "Read genotypes from the standard input, one a line; each is answered by one line");
        var relaxed = Options.Flag("--relaxed", "Inspect the network in which every choice keeps all its branches, mixed by architecture parameters, instead of a genotype's");
        var task = TaskOption();
        var dataset = Options.Text("--dataset", "name", "Take the task from a dataset instead");
        var forward = Options.Flag("--forward", "Also build each network and classify two random images with it, on the CPU");
        var scores = Options.Flag("--scores", "Also score each network without training it, on one batch of 64 examples (of --dataset, else noise), on the CPU");
        var layers = Options.Flag("--layers", "Show the table of layers of one genotype");
        var plan = Options.Flag("--plan", "Show how one genotype's network is trained on the CPU: what is done at once, what is left out, how images lie in memory");
        var json = Options.Flag("--json", "With --layers or --plan: write JSON, a layer or step a line (other answers are JSON anyway)");
        var command = new DocumentedCommand("inspect", "Tells what genotypes denote: JSON lines with validity, key, parameters and multiply-adds", """
            Each answer has "line" and "valid". If valid, "genotype" (in canonical spelling),
            "key" (equal for equal networks), "parameters", "multiplyAdds" (for one image),
            "layers", "depth" (convolutions and full layers on the longest way) and
            "output" (shape); if not, "reason". The exit code is 1 when any is not valid.
            For --relaxed it has, in place of "genotype" and "key", the rows of "alphas",
            each with its number of "options", and "architectureParameters", how many
            numbers those are; they are not among the "parameters".

            --scores adds "scores" that go with the accuracy after training, more or less: "naswot",
            "synFlow", "gradientNorm", "snip" and "zen", greater being better and null being last.
            The number of parameters goes with it about as well, so compare.

            Examples:
              nas inspect nasbench201 \
                '|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|'
              nas space sample chain -n 1000 | nas inspect chain --stdin
              nas inspect chain --set layers=1 --task 1x28x28/10 --layers 3x3/1x1/36
              nas inspect nasbench201 best --plan
              nas inspect darts --relaxed
              nas space sample nasbench201 -n 20 | nas inspect nasbench201 --stdin --scores
            """)
        {
            space, genotypes, set, stdin, relaxed, task, dataset, forward, scores, layers, plan, json,
        };
        command.Validators.Add(result =>
        {
            if (new[] { result.GetValue(stdin), result.GetValue(relaxed), result.GetValue(genotypes) is { Length: > 0 } }.Count(isGiven => isGiven) != 1)
            {
                result.AddError("Give either genotypes, --stdin or --relaxed.");
            }

            if ((result.GetValue(layers) || result.GetValue(plan)) && !result.GetValue(relaxed) && result.GetValue(genotypes) is not [_])
            {
                result.AddError("--layers and --plan show one genotype; give just one.");
            }

            if (result.GetValue(layers) && result.GetValue(plan))
            {
                result.AddError("Give either --layers or --plan.");
            }

            if (result.GetValue(scores) && (result.GetValue(relaxed) || result.GetValue(layers) || result.GetValue(plan)))
            {
                result.AddError("--scores goes with genotypes, and not with --relaxed, --layers or --plan.");
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
                : ShapeOf(parsed.GetValue(task), inspected);
            var given = parsed.GetValue(genotypes) ?? [];
            if (parsed.GetValue(relaxed))
            {
                var graph = inspected.Relaxed(shape) ?? throw new UserErrorException(
                    $"Space '{inspected.Name}' has no relaxed network at these settings. Spaces that have one: {string.Join(", ", SearchSpaceCatalog.Names.Where(known => SearchSpaceCatalog.Create(known) is var other && other.Relaxed(other.Typical) is not null))}.");
                if (!Show(graph))
                {
                    AnswerRelaxed(graph, parsed.GetValue(forward), terminal);
                }

                return Task.FromResult(ExitCode.Done);
            }

            if (parsed.GetValue(layers) || parsed.GetValue(plan))
            {
                var one = Inspection.Of(inspected, given[0], shape);
                Show(one.Graph ?? throw new UserErrorException(one.Reason!)); // not null: there is a graph or a reason
                return Task.FromResult(ExitCode.Done);
            }

            var areValid = true;
            using var batch = parsed.GetValue(scores) ? Batch(shape, parsed.GetValue(dataset), terminal, cancellation) : null;
            foreach (var (line, genotype) in (parsed.GetValue(stdin) ? Lines(terminal.Input) : given).Index())
            {
                cancellation.ThrowIfCancellationRequested();
                areValid &= Answer(line + 1, Inspection.Of(inspected, genotype, shape), parsed.GetValue(forward), batch, terminal);
            }

            return Task.FromResult(areValid ? ExitCode.Done : ExitCode.UserError);

            bool Show(LayerGraph graph)
            {
                if (parsed.GetValue(layers))
                {
                    WriteLayers(graph, parsed.GetValue(json), terminal);
                }
                else if (parsed.GetValue(plan))
                {
                    PlanTable.Write(Plan.For(graph, TorchSharp.DeviceType.CPU), parsed.GetValue(json), terminal);
                }

                return parsed.GetValue(layers) || parsed.GetValue(plan);
            }
        });
        return command;
    }

    /// <summary>The option that says what the network is for.</summary>
    internal static Option<string?> TaskOption() => Options.Text("--task", "CxHxW/classes", "What the network is for: images 3x32x32/10, series:6x100/4, forecast:7x96/24, table:13/3, regression:13/1 or text:35/10000 (default: what the space's paper has)");

    internal static TaskShape ShapeOf(string? task, SearchSpace space) => task is null
        ? space.Typical
        : TaskShape.TryParse(task, out var shape) ? shape : throw new UsageErrorException($"--task is '{task}'; give {TaskShape.TextForm}.");

    private static ScoredBatch Batch(TaskShape task, string? name, Terminal terminal, CancellationToken cancellation)
    {
        if (name is null)
        {
            return ScoredBatch.OfNoise(task);
        }

        using var dataset = DataFolder.Open(name, terminal, cancellation);
        return ScoredBatch.Of(dataset, TorchSharp.torch.CPU);
    }

    private static bool Answer(int line, Inspection inspected, bool isRun, ScoredBatch? batch, Terminal terminal)
    {
        if (inspected.Graph is not { } graph)
        {
            terminal.WriteJson(new { Line = line, Valid = false, inspected.Reason });
            return false;
        }

        terminal.WriteJson(new
        {
            Line = line,
            Valid = true,
            Genotype = inspected.Text,
            Key = inspected.Key?.Value,
            Parameters = graph.Cost.ParameterCount,
            graph.Cost.MultiplyAdds,
            Layers = graph.Layers.Length,
            graph.Depth,
            Output = graph.Output.Shape.Dimensions,
            Forward = isRun ? ForwardPass.Of(graph) : null,
            Scores = batch?.Score(graph),
        });
        return true;
    }

    private static void AnswerRelaxed(LayerGraph graph, bool isRun, Terminal terminal) => terminal.WriteJson(new
    {
        Line = 1,
        Valid = true,
        Alphas = graph.Alphas.Select(row => new { row.Name, row.Options }),
        ArchitectureParameters = graph.Alphas.Sum(row => row.Options),
        Parameters = graph.Cost.ParameterCount,
        graph.Cost.MultiplyAdds,
        Layers = graph.Layers.Length,
        graph.Depth,
        Output = graph.Output.Shape.Dimensions,
        Forward = isRun ? ForwardPass.Of(graph) : null,
    });

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
            $"{Figures.Many(graph.Layers.Length, "layer")}, {Figures.Exact(graph.Cost.ParameterCount)} parameters, {Figures.Exact(graph.Cost.MultiplyAdds)} multiply-adds for {graph.Task.ExampleWords}.");
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
        return dataset.Report.TaskShape;
    }
}
