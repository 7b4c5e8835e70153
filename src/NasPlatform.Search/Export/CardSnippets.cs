using NasPlatform.Search.Datasets;
using NasPlatform.Search.Export.Onnx;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Export;

/// <summary>A program to copy.</summary>
/// <param name="Title">What runs it.</param>
/// <param name="Language">Of the text, as Markdown names it: <c>sh</c>, <c>python</c>, <c>js</c>.</param>
public sealed record Snippet(string Title, string Language, string Text);

/// <summary>The model card's programs to copy: each reads what the model is for from a file, or a text, and prints the answer.</summary>
public static class CardSnippets
{
    internal static IEnumerable<string> HowToRun(ModelDescription model)
    {
        yield return "## How to run it";
        yield return $"""
            | File | What it is |
            | --- | --- |
            | model.onnx | the network for any ONNX runtime: operator set 17, {(model.Task.IsRegression ? "gives numbers in the data's unit" : "softmax inside")}{(model.Task == TaskKind.LanguageModelling ? "" : ", normalisation inside")}, batch norm folded |
            | model.py | the network as PyTorch source, trainable; reads model.safetensors |
            | model.safetensors | the weights by layer name, float32, in PyTorch's layout |
            | architecture.json | layers, genotype and every fact of this card |
            """;
        yield return $"Where parity.json lies beside them, it tells whether ONNX Runtime, given all the test {model.Task.Examples}, gave with model.onnx what the network itself gave.";
        yield return "Each of these runs in the folder of the files."
            + (model.Task == TaskKind.ImageClassification ? " Programs differ a little in how they scale images, so an image of another size may get slightly different probabilities from each." : "");
        foreach (var program in Programs(model))
        {
            yield return $"### {program.Title}";
            yield return $"```{program.Language}\n{program.Text}\n```";
        }
    }

    /// <summary>Programs that run in the folder of a model's files.</summary>
    public static IEnumerable<Snippet> Programs(ModelDescription model) => model.Task switch
    {
        TaskKind.ImageClassification => OfImages(model),
        TaskKind.LanguageModelling => OfTexts(model),
        TaskKind.SequenceClassification or TaskKind.Forecasting => OfTables(model, "series.csv", """
            with open("series.csv", newline="") as file:
                steps = list(csv.DictReader(file))[-STEPS:]
            series = np.array([[float(step[column["name"]]) for step in steps] for column in columns], dtype=np.float32)
            (answer,) = session.run(["ANSWER"], {"series": series[np.newaxis]})
            print(answer[0])
            """.Replace("STEPS", $"{model.Input.Width}"), "read_series(\"series.csv\").unsqueeze(0)"),
        _ => OfTables(model, "table.csv", """
            def numbers(row):
                for column in columns:
                    value, categories = row[column["name"]].strip(), column.get("categories")
                    if categories is None:
                        yield float(value)
                    else:
                        known = value if value in categories else "OTHER"
                        yield from (1.0 if category == known else 0.0 for category in categories)

            with open("table.csv", newline="") as file:
                rows = np.array([list(numbers(row)) for row in csv.DictReader(file)], dtype=np.float32)
            (answer,) = session.run(["ANSWER"], {"row": rows})
            print(answer)
            """.Replace("OTHER", DataColumn.Other), "torch.stack([read_row(row) for row in csv.DictReader(open(\"table.csv\", newline=\"\"))])"),
    };

    private static IEnumerable<Snippet> OfTables(ModelDescription model, string file, string read, string given)
    {
        yield return new("NasPlatform", "sh", $"nas predict . {file}");
        yield return new("PyTorch, from a shell", "sh", $"python3 model.py {file}");
        yield return new("PyTorch", "python", $"""
            import csv

            import torch
            from model import load, read_{(file == "table.csv" ? "row" : "series")}, tell

            net = load()
            with torch.no_grad():
                for answer in net({given}):
                    print(tell(answer))
            """);
        yield return new("ONNX Runtime, Python", "python", $"""
            # pip install onnxruntime numpy
            import csv
            import json

            import numpy as np
            import onnxruntime

            session = onnxruntime.InferenceSession("model.onnx")
            about = session.get_modelmeta().custom_metadata_map
            columns = json.loads(about["columns"])

            {read.Replace("ANSWER", model.Task.IsRegression ? OnnxExporter.Prediction : OnnxExporter.Probabilities).TrimEnd()}
            """ + (model.Task.IsRegression ? "" : "\nprint(json.loads(about[\"classes\"]))"));
    }

    private static IEnumerable<Snippet> OfTexts(ModelDescription model)
    {
        const string Beginning = "the";
        yield return new("NasPlatform", "sh", $"nas predict . \"{Beginning}\"");
        yield return new("PyTorch, from a shell", "sh", $"python3 model.py \"{Beginning}\"");
        yield return new("PyTorch", "python", $"""
            from model import go_on, load

            print(go_on(load(), "{Beginning}", count=100))
            """);
        yield return new("ONNX Runtime, Python", "python", $$"""
            # pip install onnxruntime numpy
            import json

            import numpy as np
            import onnxruntime

            session = onnxruntime.InferenceSession("model.onnx")
            classes = json.loads(session.get_modelmeta().custom_metadata_map["classes"])

            text = {{(model.Input.IsCharacters ? $"list(\"{Beginning}\")" : $"\"{Beginning}\".split()")}}
            tokens = np.array([[classes.index(token) for token in text]], dtype=np.int64)
            (probabilities,) = session.run(["probabilities"], {"tokens": tokens})
            for token in np.argsort(-probabilities[0, -1])[:5]:
                print(f"{classes[token]!r}: {probabilities[0, -1, token]:.1%}")
            """);
    }

    private static IEnumerable<Snippet> OfImages(ModelDescription model)
    {
        var input = model.Input;
        yield return new("NasPlatform", "sh", "nas predict . photo.png");
        yield return new("PyTorch, from a shell", "sh", "python3 model.py photo.png");
        yield return new("PyTorch", "python", """
            import torch
            from model import CLASSES, load, read_image

            net = load()
            with torch.no_grad():
                probabilities = net(read_image("photo.png").unsqueeze(0)).softmax(dim=1)[0]
            for name, probability in zip(CLASSES, probabilities.tolist()):
                print(f"{name}: {probability:.1%}")
            """);
        yield return new("ONNX Runtime, Python", "python", $$"""
            # pip install onnxruntime pillow numpy
            import json

            import numpy as np
            import onnxruntime
            from PIL import Image, ImageOps

            session = onnxruntime.InferenceSession("model.onnx")
            classes = json.loads(session.get_modelmeta().custom_metadata_map["classes"])

            image = ImageOps.exif_transpose(Image.open("photo.png")).convert("{{(input.Channels == 1 ? "L" : "RGB")}}")
            image = {{PillowFit(input)}}
            pixels = np.asarray(image, dtype=np.float32).reshape({{input.Height}}, {{input.Width}}, {{input.Channels}}).transpose(2, 0, 1) / 255
            (probabilities,) = session.run(["probabilities"], {"image": pixels[np.newaxis]})
            for name, probability in zip(classes, probabilities[0]):
                print(f"{name}: {probability:.1%}")
            """);
        yield return new("ONNX Runtime, Node", "js", $$"""
            // npm install onnxruntime-node sharp
            const ort = require("onnxruntime-node");
            const sharp = require("sharp");
            const { classes } = require("./architecture.json");

            const [channels, height, width] = [{{input.Channels}}, {{input.Height}}, {{input.Width}}];

            async function main() {
              const pixels = await sharp("photo.png").rotate().flatten({ background: "white" })
                .resize(width, height, { fit: "{{SharpFit(input)}}", background: "black" })
                .toColourspace("{{(input.Channels == 1 ? "b-w" : "srgb")}}").raw().toBuffer();
              const image = new Float32Array(channels * height * width);
              for (let place = 0; place < height * width; place++) {
                for (let channel = 0; channel < channels; channel++) {
                  image[channel * height * width + place] = pixels[place * channels + channel] / 255;
                }
              }

              const session = await ort.InferenceSession.create("model.onnx");
              const { probabilities } = await session.run({ image: new ort.Tensor("float32", image, [1, channels, height, width]) });
              classes.forEach((name, index) => console.log(`${name}: ${(100 * probabilities.data[index]).toFixed(1)}%`));
            }

            main();
            """);
    }

    private static string PillowFit(ModelInput input) => input.Fit switch
    {
        "crop" => $"ImageOps.fit(image, ({input.Width}, {input.Height}), Image.LANCZOS)",
        "pad" => $"ImageOps.pad(image, ({input.Width}, {input.Height}), Image.LANCZOS)",
        _ => $"image.resize(({input.Width}, {input.Height}), Image.LANCZOS)",
    };

    private static string SharpFit(ModelInput input) => input.Fit switch
    {
        "crop" => "cover",
        "pad" => "contain",
        _ => "fill",
    };
}
