using System.CommandLine;
using System.Globalization;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Export;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas evaluate</c>: measures a trained model on a split of a dataset.</summary>
internal static class EvaluateCommand
{
    private const int Batch = 250;
    private const int ConfusionsShown = 10;

    public static Command Create(Terminal terminal)
    {
        var model = new Argument<string>("folder") { Description = "The folder of a finished run or of a model" };
        var dataset = new Option<string>("--dataset") { Required = true, HelpName = "name", Description = "The dataset to measure on" };
        var split = Options.Word("--split", "Which part of it (default test)", "test", "validation", "train");
        var device = Options.Text("--device", "name", "cpu, cuda:0, ... (default cpu)");
        var threads = Options.Whole("--threads", "n", "Threads (default: all cores)");
        var json = Options.Json();
        var command = new DocumentedCommand("evaluate", "Measures a trained model on a dataset", """
            Shows accuracy, loss (mean cross entropy, in nats), each class, the worst confusions,
            and examples a second; of a language model its perplexity, and of what predicts
            numbers the squared error in deviations of the training data.

            Examples:
              nas evaluate runs/first --dataset fashion-mnist
              nas evaluate my-model --dataset photos --split validation --json
            """)
        {
            model, dataset, split, device, threads, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var count = parsed.GetValue(threads) ?? Environment.ProcessorCount;
            if (count < 1)
            {
                throw new UsageErrorException($"--threads is {count}; give 1 or more.");
            }

            using var package = ModelPackage.Open(terminal.FullPath(parsed.GetRequiredValue(model)));
            using var measured = DataFolder.Open(parsed.GetRequiredValue(dataset), terminal, cancellation);
            var part = Enum.Parse<Split>(parsed.GetValue(split) ?? "test", ignoreCase: true);
            CheckShape(package.Description, measured);
            var indices = measured.Indices(part);
            if (indices.Length == 0)
            {
                throw new UserErrorException($"The dataset '{measured.Name}' has no {part.ToString().ToLowerInvariant()} {measured.Task.Examples}; give another --split.");
            }

            set_num_threads(count);
            using var predictor = new Predictor(package, Devices.Parse(parsed.GetValue(device) ?? "cpu"));
            if (!measured.Task.IsClassification)
            {
                WriteScore(predictor, measured, part, indices, parsed.GetValue(json), terminal, cancellation);
                return Task.CompletedTask;
            }

            var result = Measure(predictor, measured, indices, LabelsFor(package.Description, measured), terminal, cancellation);
            if (parsed.GetValue(json))
            {
                WriteJson(result, package, measured, part, terminal);
            }
            else
            {
                Write(result, package, measured, part, terminal);
            }

            return Task.CompletedTask;
        });
        return command;
    }

    /// <summary>Refuses data that the model does not take.</summary>
    private static void CheckShape(ModelDescription model, Dataset dataset)
    {
        var (taken, given) = (model.Graph.Task, dataset.Report.TaskShape);
        var isText = taken.Kind == TaskKind.LanguageModelling;
        if (taken.Kind != given.Kind || (isText ? !model.Classes.SequenceEqual(dataset.Classes) : taken.Input != given.Input))
        {
            throw new UserErrorException(
                $"The model is for {taken.Kind.Words} and takes {Examples(taken)}; '{dataset.Name}' is for {given.Kind.Words} and has {Examples(given)}. "
                + (taken.Kind == TaskKind.ImageClassification && given.Kind == taken.Kind
                    ? $"Add the data again with --size {taken.Height}x{taken.Width} --channels {taken.Channels}."
                    : "Measure it on data that were taken in as those that it was trained on."));
        }

        if (model.Input.Columns.Count > 0 && !model.Input.Columns.Select(column => column.Name).SequenceEqual(dataset.Report.Columns.Select(column => column.Name)))
        {
            throw new UserErrorException(
                $"The model takes the columns {string.Join(", ", model.Input.Columns.Select(column => column.Name))}, and '{dataset.Name}' has {string.Join(", ", dataset.Report.Columns.Select(column => column.Name))}.");
        }

        static string Examples(TaskShape task) => task.Kind == TaskKind.LanguageModelling ? $"a vocabulary of {task.Outputs:N0} tokens" : $"{task.Kind.Examples} of {task.Input}";
    }

    /// <summary>Of what is no classifier one figure tells how good it is.</summary>
    private static void WriteScore(Predictor predictor, Dataset dataset, Split split, int[] indices, bool asJson, Terminal terminal, CancellationToken cancellation)
    {
        var started = terminal.Time.GetTimestamp();
        using var examples = DeviceDataset.Of(dataset, indices, predictor.Device);
        var measured = Trainer.Measure(predictor.Network, examples, cancellation);
        var metric = measured.Metric;
        var speed = examples.Count / terminal.Time.GetElapsedTime(started).TotalSeconds;
        if (asJson)
        {
            terminal.WriteJson(new { Dataset = dataset.Name, Split = split, Examples = examples.Count, Metric = metric, Value = metric.Value(measured.Score), measured.Score, measured.Loss, ExamplesPerSecond = speed });
            return;
        }

        terminal.Say($"{dataset.Name}, {split.ToString().ToLowerInvariant()} split, {Figures.Exact(examples.Count)} {dataset.Task.Examples}");
        terminal.Say($"{metric.Words} {metric.Text(measured.Score)}, loss {measured.Loss.ToString("0.0000", CultureInfo.InvariantCulture)}, {Figures.Exact((long)speed)} {dataset.Task.Examples}/s");
    }

    /// <summary>The model's class for each label of the dataset.</summary>
    private static int[] LabelsFor(ModelDescription model, Dataset dataset)
    {
        var classes = model.Classes.ToList();
        int[] labels = [.. dataset.Classes.Select(name => classes.IndexOf(name))];
        var unknown = dataset.Classes.Where((_, label) => labels[label] < 0).ToList();
        return unknown.Count == 0
            ? labels
            : throw new UserErrorException(
                $"'{dataset.Name}' has {Figures.Many(unknown.Count, "class", "classes")} that the model does not know: {Some(unknown)}. The model knows {Some(classes)}.");

        static string Some(List<string> names) => string.Join(", ", names.Take(10)) + (names.Count > 10 ? ", ..." : "");
    }

    private static Result Measure(
        Predictor predictor, Dataset dataset, int[] indices, int[] labels, Terminal terminal, CancellationToken cancellation)
    {
        var classes = predictor.Description.Classes.Count;
        var confusion = new long[classes, classes];
        var loss = 0.0;
        var started = terminal.Time.GetTimestamp();
        using var progress = new ProgressLine(terminal);
        foreach (var chunk in indices.Chunk(Batch))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            long[] truth = [.. chunk.Select(index => (long)labels[dataset.Labels[index]])];
            var logits = predictor.Outputs(GivenExamples.Of(dataset, chunk)).cpu();
            loss += nn.functional.cross_entropy(logits, tensor(truth), reduction: nn.Reduction.Sum).item<float>();
            foreach (var (right, said) in truth.Zip(logits.argmax(1).data<long>().ToArray()))
            {
                confusion[right, said]++;
            }

            progress.Show($"{Figures.Exact(confusion.Cast<long>().Sum())} of {Figures.Exact(indices.Length)} {dataset.Task.Examples}");
        }

        return new(confusion, loss / indices.Length, indices.Length / terminal.Time.GetElapsedTime(started).TotalSeconds);
    }

    private static void Write(Result result, ModelPackage package, Dataset dataset, Split split, Terminal terminal)
    {
        var classes = package.Description.Classes;
        terminal.Say(
            $"{terminal.Shown(package.Folder)} on {dataset.Name}, {split.ToString().ToLowerInvariant()} split, {Figures.Exact(result.Images)} {dataset.Task.Examples}");
        terminal.Say(
            $"accuracy {Figures.Percent(result.Score)}, loss {result.Loss.ToString("0.0000", CultureInfo.InvariantCulture)}, {Figures.Exact((long)result.ImagesPerSecond)} {dataset.Task.Examples}/s");
        var table = Tables.New(["class", dataset.Task.Examples, "right", "accuracy"], numbers: [1, 2, 3]);
        foreach (var (label, name) in classes.Index())
        {
            var (right, total) = result.Of(label);
            table.Row(name, Figures.Exact(total), Figures.Exact(right), total == 0 ? "" : Figures.Percent((double)right / total));
        }

        terminal.Output.WriteLine();
        terminal.Show(table);
        var confusions = result.Confusions().Take(ConfusionsShown).ToList();
        if (confusions.Count > 0)
        {
            var worst = Tables.New(["taken", "for", dataset.Task.Examples, "of the class"], numbers: [2, 3]);
            foreach (var (truth, said, images) in confusions)
            {
                worst.Row(classes[truth], classes[said], Figures.Exact(images), Figures.Percent((double)images / result.Of(truth).Total));
            }

            terminal.Output.WriteLine();
            terminal.Show(worst);
        }
    }

    private static void WriteJson(Result result, ModelPackage package, Dataset dataset, Split split, Terminal terminal)
    {
        var classes = package.Description.Classes;
        terminal.WriteJson(new
        {
            Model = package.Folder,
            Dataset = dataset.Name,
            Split = split,
            result.Images,
            result.Score,
            result.Loss,
            result.ImagesPerSecond,
            Classes = classes.Select((name, label) => new { Name = name, Images = result.Of(label).Total, result.Of(label).Right }),
            Confusions = result.Confusions().Select(pair => new { Class = classes[pair.Truth], TakenFor = classes[pair.Said], pair.Images }),
        });
    }

    /// <param name="Confusion">Images by their class, first, and by what the model says.</param>
    /// <param name="Loss">Mean cross entropy in nats.</param>
    /// <param name="ImagesPerSecond">Decoding not needed, all else included.</param>
    private sealed record Result(long[,] Confusion, double Loss, double ImagesPerSecond)
    {
        private int Classes => Confusion.GetLength(0);

        public long Images => Confusion.Cast<long>().Sum();

        public double Score => (double)Enumerable.Range(0, Classes).Sum(label => Confusion[label, label]) / Images;

        public (long Right, long Total) Of(int label) =>
            (Confusion[label, label], Enumerable.Range(0, Classes).Sum(said => Confusion[label, said]));

        /// <summary>Pairs of a class and what it was taken for, the most frequent first.</summary>
        public IEnumerable<(int Truth, int Said, long Images)> Confusions() =>
            from truth in Enumerable.Range(0, Classes)
            from said in Enumerable.Range(0, Classes)
            where truth != said && Confusion[truth, said] > 0
            orderby Confusion[truth, said] descending, truth, said
            select (truth, said, Confusion[truth, said]);
    }
}
