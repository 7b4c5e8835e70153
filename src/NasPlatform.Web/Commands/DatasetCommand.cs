using System.CommandLine;
using System.Globalization;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Datasets.Images;
using NasPlatform.Search.Networks;
using NasPlatform.Web.Datasets;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas dataset</c>: brings datasets in, shows and removes them.</summary>
internal static class DatasetCommand
{
    private const int TokensShown = 20;

    private static readonly Dictionary<string, TaskKind> Tasks = new()
    {
        ["images"] = TaskKind.ImageClassification,
        ["series"] = TaskKind.SequenceClassification,
        ["forecast"] = TaskKind.Forecasting,
        ["classes"] = TaskKind.TabularClassification,
        ["numbers"] = TaskKind.TabularRegression,
        ["text"] = TaskKind.LanguageModelling,
    };

    public static Command Create(Terminal terminal) => new DocumentedCommand("dataset", "Brings datasets in, shows and removes them", $"""
        Brought in by themselves when they are first used:
        {string.Join('\n', KnownDatasets.All.Select(known => $"  {known.Name} (package {known.Package})"))}

        Examples:
          nas dataset add photos.zip --name photos --size 64
          nas dataset add prices.csv --label price
          nas dataset list
          nas dataset show photos
        """)
    {
        Add(terminal),
        List(terminal),
        Show(terminal),
        Remove(terminal),
    };

    private static DocumentedCommand Add(Terminal terminal)
    {
        var path = new Argument<string>("path") { Description = "What to bring in" };
        var name = Options.Text("--name", "name", "Its name: letters, digits, '.', '_', '-' (default: the file's or folder's)");
        var task = Options.Word("--task", "What is learnt: the class of an image or a series, a forecast, the class or a number of a table's row, the next token of a text (default: what the data look like)", [.. Tasks.Keys]);
        var size = Options.Text("--size", "side|rowsxcolumns", "Size of the images in pixels, 1 to 4096 (default: their own if all alike and at most 64, else a square of at most 64)");
        var fit = Options.Word("--fit", "Images of other proportions: cover and cut, contain and fill with black, or distort (default crop)", "crop", "pad", "stretch");
        var channels = Options.Whole("--channels", "1|3", "Images: 1 for grey, 3 for colour (default: grey if no image has colour)");
        var label = Options.Text("--label", "title", "Tables: the column to predict (default: the last)");
        var categories = Options.Whole("--categories", "n", "Tables: the most categories of a column that are told apart, 1 to 10000 (default 50)");
        var steps = Options.Whole("--steps", "n", "Forecasts: steps looked back at (default 96, or a third of those for training); texts: tokens learnt from at once (default 35 words, 64 characters)");
        var horizon = Options.Whole("--horizon", "n", "Forecasts: steps ahead (default 24, fewer for a short series)");
        var targets = Options.Text("--targets", "titles", "Forecasts: the columns to predict, separated by commas (default: all with numbers)");
        var rows = Options.Text("--rows", "train,validation,test", "Forecasts: rows of each split from the start, in place of shares, such as 8640,2880,2880");
        var characters = Options.Flag("--characters", "Texts: learn characters, not words");
        var vocabulary = Options.Whole("--vocabulary", "n", "Texts: the most different tokens, 3 to 1000000; the rest is <unk> (default 10000)");
        var validation = Options.Real("--validation", "share", "Share set aside for validation, 0 to 1, if the source has none (default 0.1)");
        var test = Options.Real("--test", "share", "Share set aside for the test, 0 to 1, if the source has none (default 0.1)");
        var seed = Options.Seed("Decides which examples are set aside (default 1)");
        var replace = Options.Flag("--replace", "Replace a dataset of the same name");
        var json = Options.Json();
        var command = new DocumentedCommand("add", "Brings in images, series, a table, a time series or a text", """
            What can be brought in, recognised by its content:
              images: a folder, .zip or .tar(.gz) with a folder of images for each class; train/,
                validation/ and test/ above those are kept as splits; a CSV file that lists image
                files and labels; IDX files as MNIST ships them; CIFAR-10 binaries
              series with a class each: .ts or ARFF files, name_TRAIN and name_TEST side by side
              a table: a .csv or .tsv file with titles; the last column is predicted
              a time series: the same, its rows in order of time with a column of dates or years
              a text: a .txt file, or name.train.txt, name.valid.txt and name.test.txt
            All gzipped or not. Images are PNG, JPEG, WebP, GIF, BMP or TIFF of any size. Of a file
            that says it is for training, those for the other splits beside it are taken too.
            Limits on size and memory are in appsettings.json.

            Examples:
              nas dataset add photos/ --size 64
              nas dataset add photos.zip --name photos --size 48x64 --fit pad
              nas dataset add BasicMotions_TRAIN.ts
              nas dataset add houses.csv --label price
              nas dataset add ETTh1.csv --rows 8640,2880,2880 --horizon 96
              nas dataset add shakespeare.txt --characters
            """)
        {
            path, name, task, size, fit, channels, label, categories, steps, horizon, targets, rows, characters, vocabulary, validation, test, seed, replace, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (height, width) = ParseSize(parsed.GetValue(size));
            var splitRows = ParseRows(parsed.GetValue(rows));
            var settings = DataFolder.Settings(terminal);
            var source = terminal.FullPath(parsed.GetRequiredValue(path));
            using var line = new ProgressLine(terminal);
            var progress = new IngestLine(line, Path.GetFileName(Path.TrimEndingDirectorySeparator(source)));
            var defaults = new IngestOptions();
            var report = new DatasetCatalog(settings.DataFolder, terminal.Time).Add(
                source,
                new()
                {
                    Name = parsed.GetValue(name),
                    Replace = parsed.GetValue(replace),
                    Task = parsed.GetValue(task) is { } learnt ? Tasks[learnt] : null,
                    Height = height,
                    Width = width,
                    Fit = parsed.GetValue(fit) is { } word ? Enum.Parse<ImageFit>(word, ignoreCase: true) : defaults.Fit,
                    Channels = parsed.GetValue(channels),
                    Label = parsed.GetValue(label),
                    Categories = parsed.GetValue(categories) ?? defaults.Categories,
                    Steps = parsed.GetValue(steps),
                    Horizon = parsed.GetValue(horizon),
                    Targets = parsed.GetValue(targets)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                    Rows = splitRows,
                    Characters = parsed.GetValue(characters),
                    Vocabulary = parsed.GetValue(vocabulary) ?? defaults.Vocabulary,
                    ValidationFraction = parsed.GetValue(validation) ?? defaults.ValidationFraction,
                    TestFraction = parsed.GetValue(test) ?? defaults.TestFraction,
                    Seed = parsed.GetValue(seed) ?? defaults.Seed,
                    Limits = settings.DatasetLimits,
                },
                progress,
                cancellation);
            line.Dispose();
            await StoredDatasets.AdoptAsync(settings, terminal, cancellation);
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(report);
                return;
            }

            var speed = progress.ImagesPerSecond is { } images ? $" at {Figures.Exact((long)images)} images/s" : "";
            terminal.Output.WriteLine($"Added '{report.Name}'{speed}.");
            Describe(report, terminal);
            terminal.Output.WriteLine($"Next: nas search --dataset {report.Name}");
        });
        return command;
    }

    private static Command List(Terminal terminal)
    {
        var json = Options.Json();
        var command = new Command("list", "Lists the datasets") { json };
        command.SetAction(parsed =>
        {
            var reports = DataFolder.Catalog(terminal).List();
            if (parsed.GetValue(json))
            {
                foreach (var report in reports)
                {
                    terminal.WriteJson(report);
                }

                return;
            }

            var table = Tables.New(["dataset", "task", "learns from", "predicts", "train", "validation", "test", "from"], numbers: [4, 5, 6]);
            foreach (var report in reports)
            {
                table.Row(
                    report.Name,
                    report.Task.Words,
                    report.Input,
                    report.Output,
                    Figures.Exact(report.CountOf(Split.Train)),
                    Figures.Exact(report.CountOf(Split.Validation)),
                    Figures.Exact(report.CountOf(Split.Test)),
                    report.Source);
            }

            if (reports.Count > 0)
            {
                terminal.Show(table);
            }

            foreach (var known in KnownDatasets.All.Where(known => reports.All(report => report.Name != known.Name)))
            {
                terminal.Output.WriteLine($"{known.Name} is brought in when it is first used (package {known.Package}).");
            }
        });
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        var (name, json) = (Name(), Options.Json());
        var command = new Command("show", "Shows a dataset's report: classes or columns, splits, duplicates, unreadable files") { name, json };
        command.SetAction((parsed, cancellation) =>
        {
            using var dataset = DataFolder.Open(parsed.GetRequiredValue(name), terminal, cancellation);
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(dataset.Report);
                return Task.CompletedTask;
            }

            terminal.Say($"{dataset.Name}, from {dataset.Report.Source}, added {dataset.Report.CreatedAt:yyyy-MM-dd HH:mm}");
            terminal.Output.WriteLine();
            ShowClasses(dataset.Report, terminal);
            ShowColumns(dataset.Report, terminal);
            Describe(dataset.Report, terminal);
            return Task.CompletedTask;
        });
        return command;
    }

    private static Command Remove(Terminal terminal)
    {
        var (name, json) = (Name(), Options.Json());
        var yes = Options.Flag("--yes", "Do not ask");
        var command = new Command("remove", "Deletes a dataset") { name, yes, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var removed = parsed.GetRequiredValue(name);
            var settings = DataFolder.Settings(terminal);
            var catalog = DataFolder.Catalog(terminal);
            if (catalog.Exists(removed) && !parsed.GetValue(yes) && !Confirmed(removed, terminal, cancellation))
            {
                terminal.Complain("Nothing was removed.");
                return ExitCode.UserError;
            }

            if (!await StoredDatasets.RemoveAsync(removed, settings, terminal, cancellation))
            {
                catalog.Remove(removed);
            }

            if (parsed.GetValue(json))
            {
                terminal.WriteJson(new { Removed = removed });
            }
            else
            {
                terminal.Output.WriteLine($"Removed '{removed}'.");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static bool Confirmed(string name, Terminal terminal, CancellationToken cancellation)
    {
        if (!terminal.CanAsk)
        {
            throw new UserErrorException($"Nobody can be asked whether '{name}' is to be removed; say so with --yes.");
        }

        terminal.Output.Write($"Remove the dataset '{name}' for good? [y/N] ");
        var answer = Task.Run(terminal.Input.ReadLine, cancellation).WaitAsync(cancellation).GetAwaiter().GetResult();
        return answer?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    private static void ShowClasses(DatasetReport report, Terminal terminal)
    {
        if (report.Classes.Count == 0)
        {
            return;
        }

        var shown = report.Task == TaskKind.LanguageModelling ? TokensShown : report.Classes.Count;
        var table = Tables.New(["label", report.Task == TaskKind.LanguageModelling ? "token" : "class", "train", "validation", "test"], numbers: [0, 2, 3, 4]);
        foreach (var (label, counts) in report.Classes.Take(shown).Index())
        {
            table.Row($"{label}", DatasetWords.Visible(counts.Name), Figures.Exact(counts.Train), Figures.Exact(counts.Validation), Figures.Exact(counts.Test));
        }

        terminal.Show(table);
        if (report.Classes.Count > shown)
        {
            terminal.Say($"and {Figures.Exact(report.Classes.Count - shown)} rarer ones");
        }

        terminal.Output.WriteLine();
    }

    private static void ShowColumns(DatasetReport report, Terminal terminal)
    {
        if (report.Columns.Count == 0)
        {
            return;
        }

        var table = Tables.New([report.Task.IsTabular ? "column" : "variable", "holds", "mean", "deviation"], numbers: [2, 3]);
        var feature = 0;
        foreach (var (place, column) in report.Columns.Index())
        {
            var isNumber = column.Categories is null;
            table.Row(
                column.Name,
                isNumber ? report.Task == TaskKind.Forecasting && report.Targets.Contains(place) ? "numbers, predicted" : "numbers" : Figures.Many(column.Features, "category", "categories"),
                isNumber ? DatasetWords.Number(report.Mean[feature]) : "",
                isNumber ? DatasetWords.Number(report.Std[feature]) : "");
            feature += column.Features;
        }

        terminal.Show(table);
        terminal.Output.WriteLine();
    }

    private static void Describe(DatasetReport report, Terminal terminal)
    {
        var what = report.Task switch
        {
            TaskKind.ImageClassification or TaskKind.SequenceClassification => $"of {report.Input}, {report.Output}",
            TaskKind.Forecasting => $"of {Figures.Many(report.Channels, "variable")}, {report.Output} forecast from the {Figures.Many(report.Width, "step")} before",
            TaskKind.TabularClassification => $"of {report.Input}, {report.Output} of '{report.TargetNames[0]}'",
            TaskKind.TabularRegression => $"of {report.Input}, '{report.Output}' predicted",
            TaskKind.LanguageModelling => $"of a vocabulary of {report.TokenCount(report.Classes.Count)}, {Figures.Exact(report.Width)} learnt from at once",
        };
        terminal.Say(
            $"{DatasetWords.Amount(report.Task, report.Count)} {what}: "
            + $"{Figures.Exact(report.CountOf(Split.Train))} train, {Figures.Exact(report.CountOf(Split.Validation))} validation, {Figures.Exact(report.CountOf(Split.Test))} test.");
        if (report.Task == TaskKind.ImageClassification)
        {
            terminal.Say($"Mean {Numbers(report.Mean)}, deviation {Numbers(report.Std)} (0 black, 1 white).");
        }

        if (report.Task == TaskKind.TabularRegression)
        {
            terminal.Say($"'{report.TargetNames[0]}' has the mean {DatasetWords.Number(report.TargetMean[0])} and the deviation {DatasetWords.Number(report.TargetStd[0])} in the training rows.");
        }

        if (report.Task.IsClassification)
        {
            terminal.Say($"The largest class has {report.Imbalance.ToString("0.0", CultureInfo.InvariantCulture)} {report.Task.Counted} for each of the smallest.");
        }

        if (report.Duplicates is { AcrossSplits: > 0 } or { WithinSplits: > 0 } or { WithOtherLabels: > 0 })
        {
            terminal.Say(
                $"Duplicates, {(report.Task == TaskKind.ImageClassification ? "pixel for pixel" : "number for number")}: {Figures.Exact(report.Duplicates.AcrossSplits)} across splits, {Figures.Exact(report.Duplicates.WithinSplits)} within a split, "
                + $"{Figures.Exact(report.Duplicates.WithOtherLabels)} under another label too.");
        }

        foreach (var note in report.Notes)
        {
            terminal.Say($"Note: {note}");
        }

        foreach (var file in report.Unreadable)
        {
            terminal.Say($"Left out: {file.Name}: {file.Reason}");
        }
    }

    private static (int? Rows, int? Columns) ParseSize(string? text)
    {
        if (text is null)
        {
            return (null, null);
        }

        int[] sides = [.. text.Split('x').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var side) ? side : 0)];
        return sides switch
        {
            [> 0 and var side] => (side, side),
            [> 0 and var rows, > 0 and var columns] => (rows, columns),
            _ => throw new UsageErrorException($"--size is '{text}'; give a side in pixels, such as 64, or rows and columns, such as 48x64."),
        };
    }

    private static SplitCounts? ParseRows(string? text)
    {
        if (text is null)
        {
            return null;
        }

        int[] rows = [.. text.Split(',').Select(part => int.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : -1)];
        return rows is [> 0, >= 0, >= 0]
            ? new(rows[0], rows[1], rows[2])
            : throw new UsageErrorException($"--rows is '{text}'; give how many rows each split has, such as 8640,2880,2880.");
    }

    private static string Numbers(IReadOnlyList<double> values) =>
        string.Join(" / ", values.Select(value => value.ToString("0.000", CultureInfo.InvariantCulture)));

    private static Argument<string> Name() => new("name") { Description = "The dataset's name" };
}
