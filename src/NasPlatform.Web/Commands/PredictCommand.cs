using System.CommandLine;
using System.Globalization;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Datasets.Images;
using NasPlatform.Search.Export;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using TorchSharp;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas predict</c>: what a trained model says of image files, tables, series, or the beginning of a text.</summary>
internal static class PredictCommand
{
    private const int DefaultTop = 3;
    private const int DefaultTokens = 40;
    private const double DefaultTemperature = 0.8;

    public static Command Create(Terminal terminal)
    {
        var model = new Argument<string>("folder") { Description = "The folder of a model or of a finished run" };
        var given = new Argument<string[]>("given")
        {
            Description = "What the model is for: image files (PNG, JPEG, WebP, GIF, BMP, TIFF; any size), CSV files, or the beginning of a text",
            Arity = ArgumentArity.OneOrMore,
        };
        var top = Options.Whole("--top", "n", $"Classes to name for each (default {DefaultTop})");
        var tokens = Options.Whole("--tokens", "n", $"Texts: words or characters to go on with (default {DefaultTokens})");
        var temperature = Options.Real("--temperature", "number", $"Texts: above 0; the lower, the oftener the likelier tokens (default {DefaultTemperature})");
        var seed = Options.Seed("Texts: the same seed goes on in the same way (default 1)");
        var device = Options.Text("--device", "name", "cpu, cuda:0, ... (default cpu)");
        var json = Options.Json();
        var command = new DocumentedCommand("predict", "Says what a trained model makes of images, tables, series or a text", """
            Images are brought to the model's size as those of its dataset were. Of a table each
            row is answered; its columns are found by their titles. Of a series, a row a step, the
            last steps are read. A language model goes on with the text. What cannot be read is
            named, the others go on, and the exit code is 1.

            Examples:
              nas predict runs/first/model shirt.png
              nas predict runs/first/model *.jpg --top 1 --json
              nas predict runs/iris flowers.csv
              nas predict runs/load yesterday.csv
              nas predict runs/war "the prince" --tokens 100
            """)
        {
            model, given, top, tokens, temperature, seed, device, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var most = Positive(parsed.GetValue(top) ?? DefaultTop, "--top");
            using var package = ModelPackage.Open(terminal.FullPath(parsed.GetRequiredValue(model)));
            using var predictor = new Predictor(package, Devices.Parse(parsed.GetValue(device) ?? "cpu"));
            var names = parsed.GetRequiredValue(given);
            var answers = new Answers(predictor, DataFolder.Settings(terminal).DatasetLimits, most)
            {
                Tokens = Positive(parsed.GetValue(tokens) ?? DefaultTokens, "--tokens"),
                Temperature = parsed.GetValue(temperature) is not { } asked ? DefaultTemperature : asked > 0 ? asked : throw new UsageErrorException($"--temperature is {asked}; give a number above 0."),
                Seed = parsed.GetValue(seed) ?? 1,
            };
            var width = names.Max(name => name.Length);
            var areAllRead = true;
            foreach (var name in names)
            {
                cancellation.ThrowIfCancellationRequested();
                try
                {
                    foreach (var answer in answers.Of(name, predictor.Description.Task == TaskKind.LanguageModelling ? name : terminal.FullPath(name), cancellation))
                    {
                        if (parsed.GetValue(json))
                        {
                            terminal.WriteJson(answer.Json);
                        }
                        else
                        {
                            terminal.Output.WriteLine(predictor.Description.Task == TaskKind.LanguageModelling ? answer.Text : $"{answer.Name.PadRight(width)}  {answer.Text}");
                        }
                    }
                }
                catch (Exception error) when (error is ImageException or IOException or UnauthorizedAccessException or UserErrorException)
                {
                    areAllRead = false;
                    if (parsed.GetValue(json))
                    {
                        terminal.WriteJson(new { Given = name, Error = error.Message });
                    }
                    else
                    {
                        terminal.Complain(error is UserErrorException ? error.Message : $"{name} cannot be read: {error.Message}");
                    }
                }
            }

            return Task.FromResult(areAllRead ? ExitCode.Done : ExitCode.UserError);
        });
        return command;

        static int Positive(int value, string option) => value >= 1 ? value : throw new UsageErrorException($"{option} is {value}; give 1 or more.");
    }

    /// <summary>What it is given, as an example in a command line.</summary>
    public static string Sample(TaskKind task) => task switch
    {
        TaskKind.ImageClassification => "picture.png",
        TaskKind.SequenceClassification or TaskKind.Forecasting => "series.csv",
        TaskKind.TabularClassification or TaskKind.TabularRegression => "table.csv",
        TaskKind.LanguageModelling => "'the beginning'",
    };

    /// <summary>A file's bytes; of one that is too large none are read.</summary>
    private static byte[] Read(string path, DatasetLimits limits)
    {
        if (!File.Exists(path))
        {
            throw new ImageException(Directory.Exists(path) ? "it is a folder" : "there is no such file");
        }

        var length = new FileInfo(path).Length;
        return length <= limits.MaxImageBytes
            ? File.ReadAllBytes(path)
            : throw new ImageException($"the file has {Figures.Exact(length)} bytes; the limit is {Figures.Exact(limits.MaxImageBytes)}");
    }

    /// <param name="Name">What was given.</param>
    /// <param name="Text">The answer in words.</param>
    /// <param name="Json">The answer as data.</param>
    private sealed record Answer(string Name, string Text, object Json);

    /// <param name="Class">The class's name.</param>
    /// <param name="Probability">The model's, 0 to 1.</param>
    private sealed record Prediction(string Class, float Probability);

    /// <summary>A model's answers to whatever it is for.</summary>
    private sealed class Answers(Predictor predictor, DatasetLimits limits, int top)
    {
        private readonly ModelDescription _model = predictor.Description;

        public required int Tokens { get; init; }

        public required double Temperature { get; init; }

        public required ulong Seed { get; init; }

        public IEnumerable<Answer> Of(string name, string given, CancellationToken cancellation)
        {
            switch (_model.Task)
            {
                case TaskKind.ImageClassification:
                    yield return To(name, torch.tensor(Pixels(given), Shape));
                    break;
                case TaskKind.LanguageModelling:
                    var text = new TextContinuation(predictor).Continue(given, Tokens, Temperature, new RandomSource(Seed), cancellation);
                    yield return new(name, text, new { Given = name, Text = text });
                    break;
                case TaskKind.SequenceClassification or TaskKind.Forecasting:
                    yield return To(name, torch.tensor(GivenTable.Series(_model, given, limits), Shape));
                    break;
                default:
                    foreach (var (index, row) in GivenTable.Rows(_model, given, limits).Index())
                    {
                        cancellation.ThrowIfCancellationRequested();
                        yield return To($"{name}, row {index + 1}", torch.tensor(row, Shape));
                    }

                    break;
            }
        }

        private long[] Shape => [1, .. _model.Graph.Task.Input.Dimensions];

        private byte[] Pixels(string path)
        {
            var input = _model.Input;
            var shape = new ImageShape(input.Channels, input.Height, input.Width);
            var pixels = new byte[shape.ByteCount];
            ImageDecoder.Decode(Read(path, limits), shape, Enum.Parse<ImageFit>($"{input.Fit}", ignoreCase: true), limits, pixels);
            return pixels;
        }

        private Answer To(string name, torch.Tensor example)
        {
            using var scope = torch.NewDisposeScope();
            using var given = example;
            var numbers = predictor.Answers(given).data<float>().ToArray();
            if (_model.Output is { } output)
            {
                var steps = Math.Max(1, output.Horizon);
                var predicted = output.Names.Index().ToDictionary(pair => pair.Item, pair => numbers.AsSpan(pair.Index * steps, steps).ToArray());
                var words = predicted.Select(pair => $"{pair.Key} {string.Join(' ', pair.Value.Select(number => number.ToString("G6", CultureInfo.InvariantCulture)))}");
                return new(name, string.Join("; ", words), new { Given = name, Predicted = predicted });
            }

            var likeliest = numbers.Zip(_model.Classes, (probability, title) => new Prediction(title, probability)).OrderByDescending(prediction => prediction.Probability).Take(top).ToList();
            return new(name, string.Join(", ", likeliest.Select(prediction => $"{prediction.Class} {Figures.Percent(prediction.Probability)}")), new { Given = name, Predictions = likeliest });
        }
    }
}
