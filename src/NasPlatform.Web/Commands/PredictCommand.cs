using System.CommandLine;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Datasets.Images;
using NasPlatform.Search.Export;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using TorchSharp;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas predict</c>: class and probability of image files.</summary>
internal static class PredictCommand
{
    private const int DefaultTop = 3;

    public static Command Create(Terminal terminal)
    {
        var model = new Argument<string>("folder") { Description = "The folder of a model or of a finished run" };
        var images = new Argument<string[]>("image") { Description = "Image files: PNG, JPEG, WebP, GIF, BMP, TIFF; any size", Arity = ArgumentArity.OneOrMore };
        var top = Options.Whole("--top", "n", $"Classes to name for each image (default {DefaultTop})");
        var device = Options.Text("--device", "name", "cpu, cuda:0, ... (default cpu)");
        var json = Options.Json();
        var command = new DocumentedCommand("predict", "Classifies image files with a trained model", """
            Images are brought to the model's size as those of its dataset were. One that cannot
            be read is named, the others go on, and the exit code is 1.

            Examples:
              nas predict runs/first/model shirt.png
              nas predict runs/first/model *.jpg --top 1 --json
            """)
        {
            model, images, top, device, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var most = parsed.GetValue(top) ?? DefaultTop;
            if (most < 1)
            {
                throw new UsageErrorException($"--top is {most}; give 1 or more.");
            }

            using var package = ModelPackage.Open(terminal.FullPath(parsed.GetRequiredValue(model)));
            var limits = DataFolder.Settings(terminal).DatasetLimits;
            using var predictor = new Predictor(package, Devices.Parse(parsed.GetValue(device) ?? "cpu"));
            var given = parsed.GetRequiredValue(images);
            var nameWidth = given.Max(image => image.Length);
            var areAllRead = true;
            foreach (var image in given)
            {
                cancellation.ThrowIfCancellationRequested();
                try
                {
                    var predictions = Predict(predictor, terminal.FullPath(image), limits).Take(most).ToList();
                    if (parsed.GetValue(json))
                    {
                        terminal.WriteJson(new { Image = image, Predictions = predictions });
                    }
                    else
                    {
                        var classes = predictions.Select(prediction => $"{prediction.Class} {Figures.Percent(prediction.Probability)}");
                        terminal.Output.WriteLine($"{image.PadRight(nameWidth)}  {string.Join(", ", classes)}");
                    }
                }
                catch (Exception error) when (error is ImageException or IOException or UnauthorizedAccessException)
                {
                    areAllRead = false;
                    if (parsed.GetValue(json))
                    {
                        terminal.WriteJson(new { Image = image, Error = error.Message });
                    }
                    else
                    {
                        terminal.Complain($"{image} cannot be read: {error.Message}");
                    }
                }
            }

            return Task.FromResult(areAllRead ? ExitCode.Done : ExitCode.UserError);
        });
        return command;
    }

    /// <summary>What it is given, as an example in a command line.</summary>
    public static string Sample(TaskKind task) => task switch
    {
        TaskKind.ImageClassification => "picture.png",
        TaskKind.SequenceClassification or TaskKind.Forecasting => "series.csv",
        TaskKind.TabularClassification or TaskKind.TabularRegression => "table.csv",
        TaskKind.LanguageModelling => "beginning.txt",
    };

    private static IEnumerable<Prediction> Predict(Predictor predictor, string path, DatasetLimits limits)
    {
        var input = predictor.Description.Input;
        var shape = new ImageShape(input.Channels, input.Height, input.Width);
        var pixels = new byte[shape.ByteCount];
        ImageDecoder.Decode(Read(path, limits), shape, Enum.Parse<ImageFit>($"{input.Fit}", ignoreCase: true), limits, pixels);
        using var scope = torch.NewDisposeScope();
        return predictor.Answers(torch.tensor(pixels, [1, shape.Channels, shape.Height, shape.Width])).data<float>().ToArray()
            .Zip(predictor.Description.Classes, (probability, name) => new Prediction(name, probability))
            .OrderByDescending(prediction => prediction.Probability);
    }

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

    /// <param name="Class">The class's name.</param>
    /// <param name="Probability">The model's, 0 to 1.</param>
    private sealed record Prediction(string Class, float Probability);
}
