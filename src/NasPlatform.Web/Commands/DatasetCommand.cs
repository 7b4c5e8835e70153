using System.CommandLine;
using System.Globalization;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Datasets.Images;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas dataset</c>: brings datasets in, shows and removes them.</summary>
internal static class DatasetCommand
{
    public static Command Create(Terminal terminal) => new DocumentedCommand("dataset", "Brings datasets in, shows and removes them", $"""
        Brought in by themselves when they are first used:
        {string.Join('\n', KnownDatasets.All.Select(known => $"  {known.Name} (package {known.Package})"))}

        Examples:
          nas dataset add photos.zip --name photos --size 64
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
        var size = Options.Text("--size", "side|rowsxcolumns", "Size of the images in pixels, 1 to 4096 (default: their own if all alike and at most 64, else a square of at most 64)");
        var fit = Options.Word("--fit", "Images of other proportions: cover and cut, contain and fill with black, or distort (default crop)", "crop", "pad", "stretch");
        var channels = Options.Whole("--channels", "1|3", "1 for grey, 3 for colour (default: grey if no image has colour)");
        var validation = Options.Real("--validation", "share", "Share of each class set aside for validation, 0 to 1, if the source has none (default 0.1)");
        var test = Options.Real("--test", "share", "Share of each class set aside for the test, 0 to 1, if the source has none (default 0.1)");
        var seed = Options.Seed("Decides which images are set aside (default 1)");
        var replace = Options.Flag("--replace", "Replace a dataset of the same name");
        var json = Options.Json();
        var command = new DocumentedCommand("add", "Brings in a folder or archive of class folders, a CSV listing, IDX files or CIFAR-10 binaries", """
            What can be brought in, recognised by its content:
              a folder, .zip or .tar(.gz) with a folder of images for each class; train/,
                validation/ and test/ above those are kept as splits
              a CSV file that lists image files and their labels
              IDX files as MNIST ships them, gzipped or not
              CIFAR-10 binaries
            Images are PNG, JPEG, WebP, GIF, BMP or TIFF of any size. Limits on size and memory
            are in appsettings.json.

            Examples:
              nas dataset add photos/ --size 64
              nas dataset add photos.zip --name photos --size 48x64 --fit pad
            """)
        {
            path, name, size, fit, channels, validation, test, seed, replace, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (rows, columns) = ParseSize(parsed.GetValue(size));
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
                    Height = rows,
                    Width = columns,
                    Fit = parsed.GetValue(fit) is { } word ? Enum.Parse<ImageFit>(word, ignoreCase: true) : defaults.Fit,
                    Channels = parsed.GetValue(channels),
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

            var table = Tables.New(["dataset", "classes", "image", "train", "validation", "test", "from"], numbers: [1, 3, 4, 5]);
            foreach (var report in reports)
            {
                table.Row(
                    report.Name,
                    $"{report.Classes.Count}",
                    $"{ShapeOf(report)}",
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
        var command = new Command("show", "Shows a dataset's report: classes, splits, duplicates, unreadable files") { name, json };
        command.SetAction((parsed, cancellation) =>
        {
            using var dataset = DataFolder.Open(parsed.GetRequiredValue(name), terminal, cancellation);
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(dataset.Report);
                return Task.CompletedTask;
            }

            var table = Tables.New(["label", "class", "train", "validation", "test"], numbers: [0, 2, 3, 4]);
            foreach (var (label, counts) in dataset.Report.Classes.Index())
            {
                table.Row($"{label}", counts.Name, Figures.Exact(counts.Train), Figures.Exact(counts.Validation), Figures.Exact(counts.Test));
            }

            terminal.Say($"{dataset.Name}, from {dataset.Report.Source}, added {dataset.Report.CreatedAt:yyyy-MM-dd HH:mm}");
            terminal.Output.WriteLine();
            terminal.Show(table);
            terminal.Output.WriteLine();
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

    private static void Describe(DatasetReport report, Terminal terminal)
    {
        terminal.Say(
            $"{Figures.Exact(report.Classes.Sum(counts => counts.Total))} images of {ShapeOf(report)}, {Figures.Many(report.Classes.Count, "class", "classes")}: "
            + $"{Figures.Exact(report.CountOf(Split.Train))} train, {Figures.Exact(report.CountOf(Split.Validation))} validation, {Figures.Exact(report.CountOf(Split.Test))} test.");
        terminal.Say($"Mean {Numbers(report.Mean)}, deviation {Numbers(report.Std)} (0 black, 1 white). The largest class has {report.Imbalance.ToString("0.0", CultureInfo.InvariantCulture)} images for each of the smallest.");
        if (report.Duplicates is { AcrossSplits: > 0 } or { WithinSplits: > 0 } or { WithOtherLabels: > 0 })
        {
            terminal.Say(
                $"Duplicates, pixel for pixel: {Figures.Exact(report.Duplicates.AcrossSplits)} across splits, {Figures.Exact(report.Duplicates.WithinSplits)} within a split, "
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

    private static ImageShape ShapeOf(DatasetReport report) => new(report.Channels, report.Height, report.Width);

    private static string Numbers(IReadOnlyList<double> values) =>
        string.Join(" / ", values.Select(value => value.ToString("0.000", CultureInfo.InvariantCulture)));

    private static Argument<string> Name() => new("name") { Description = "The dataset's name" };
}
