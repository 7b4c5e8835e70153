namespace NasPlatform.Search.Export;

/// <summary>A program to copy.</summary>
/// <param name="Title">What runs it.</param>
/// <param name="Language">Of the text, as Markdown names it: <c>sh</c>, <c>python</c>, <c>js</c>.</param>
public sealed record Snippet(string Title, string Language, string Text);

/// <summary>The model card's programs to copy: each reads one image file and prints its class.</summary>
public static class CardSnippets
{
    internal static IEnumerable<string> HowToRun(ModelDescription model)
    {
        yield return "## How to run it";
        yield return """
            | File | What it is |
            | --- | --- |
            | model.onnx | the network for any ONNX runtime: operator set 17, normalisation and softmax inside, batch norm folded |
            | model.py | the network as PyTorch source, trainable; reads model.safetensors |
            | model.safetensors | the weights by layer name, float32, in PyTorch's layout |
            | architecture.json | layers, genotype and every fact of this card |
            """;
        yield return "Where parity.json lies beside them, it tells whether ONNX Runtime, given all the test images, gave with model.onnx what the network itself gave.";
        yield return "Each of these runs in the folder of the files. Programs differ a little in how they scale images, so an image of another size may get slightly different probabilities from each.";
        foreach (var program in Programs(model))
        {
            yield return $"### {program.Title}";
            yield return $"```{program.Language}\n{program.Text}\n```";
        }
    }

    /// <summary>Programs that run in the folder of a model's files.</summary>
    public static IEnumerable<Snippet> Programs(ModelDescription model)
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
