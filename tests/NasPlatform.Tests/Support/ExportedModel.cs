using System.Runtime.InteropServices;
using System.Text.Json;

namespace NasPlatform.Tests.Support;

/// <summary>A model's folder with its exports, and examples to run them on.</summary>
/// <param name="Folder">Holds model.onnx, model.py and model.safetensors.</param>
/// <param name="Shape">Count, channels, height, width of the images; count and steps of texts.</param>
/// <param name="Images">In 0 to 1, row-major; token numbers of texts.</param>
/// <param name="AreTokens">Whether they are texts.</param>
internal sealed record ExportedModel(string Folder, int[] Shape, float[] Images, bool AreTokens = false)
{
    /// <summary>Runs models with onnxruntime-node, one process for all.</summary>
    public static IReadOnlyList<ModelOutput> RunOnnx(params IReadOnlyList<ExportedModel> models) =>
        Run(models, "model.onnx", ExternalTool.RequireOnnxRuntimeNode(), ExternalTool.Script("run-onnx.mjs"), ExternalTool.NodePackages);

    /// <summary>Runs models' PyTorch sources with python3-torch, one process for all.</summary>
    public static IReadOnlyList<ModelOutput> RunPyTorch(params IReadOnlyList<ExportedModel> models) =>
        Run(models, "model.py", ExternalTool.RequireTorchPython(), ExternalTool.Script("run-pytorch.py"));

    private static List<ModelOutput> Run(IReadOnlyList<ExportedModel> models, string file, string program, params string[] script)
    {
        using var folder = new TemporaryFolder();
        var runs = models.Select((model, index) => new
        {
            model = Path.GetFullPath(Path.Join(model.Folder, file)),
            images = folder.Write($"{index}.images", MemoryMarshal.AsBytes<float>(model.Images).ToArray()),
            shape = model.Shape,
            tokens = model.AreTokens,
            output = folder[$"{index}.output"],
        }).ToList();
        ExternalTool.Run(program, [.. script, folder.Write("runs.json", JsonSerializer.Serialize(runs))]);
        return [.. runs.Select(run => ModelOutput.Read(run.output))];
    }
}

/// <summary>What a model gave: one row an image, one number a class.</summary>
internal sealed record ModelOutput(float[] Logits, float[] Probabilities)
{
    public static ModelOutput Read(string path)
    {
        var numbers = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path)).ToArray();
        return new(numbers[..(numbers.Length / 2)], numbers[(numbers.Length / 2)..]);
    }

    /// <summary>The largest difference between two outputs; of logits beyond ±1, relative to their size.</summary>
    public double Distance(ModelOutput other)
    {
        Assert.Equal(Logits.Length, other.Logits.Length);
        Assert.All(Logits.Concat(other.Logits), value => Assert.True(float.IsFinite(value)));
        var logits = Logits.Zip(other.Logits, (a, b) => Math.Abs(a - b) / Math.Max(1, Math.Abs(a)));
        return logits.Concat(Probabilities.Zip(other.Probabilities, (a, b) => Math.Abs(a - b))).Max();
    }
}
