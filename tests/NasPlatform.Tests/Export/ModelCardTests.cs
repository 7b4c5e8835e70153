using NasPlatform.Search.Export;
using NasPlatform.Search.Networks;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Export;

public sealed class ModelCardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_card_states_the_facts_with_their_units()
    {
        const string genotype = "|nor_conv_3x3~0|+|nor_conv_1x1~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|";
        var graph = SampleModels.Build("nasbench201", genotype, new(3, 32, 32, 10), ("cells", "1"));
        var description = SampleModels.Describe(graph, "nasbench201", genotype);

        var card = ModelCard.Text(description);

        string[] facts =
        [
            "# A \"sample\" \\\\ model",
            "sorts colour 32×32 images into 10 classes",
            "strategy evolution in space nasbench201, 37 architectures tried",
            "**91.25 %** of 200 images",
            "0.2468 nats",
            "87.50 %, after the search's shorter training",
            $"{graph.Cost.ParameterCount:N0} (",
            "million an image",
            "2026-05-17 12:30 UTC by NasPlatform 1.2.3",
            "float32 `[batch, 3, 32, 32]`",
            "the mean 0.4, 0.45, 0.5 and divides by 0.3, 0.26, 0.22",
            "`pad`",
            "700 training, 100 validation and 200 test images",
            "| 1 | кот \\| 犬 🐕\\\\ | 99.00 % |",
            "| 2 | class 2 | no test images |",
            $"```text\n{genotype}\n```",
            description.Architecture.Key,
            "| Epochs | 5 |",
            "1 h 2 min on cpu, 1,234 images/s",
            "shift by up to 3 pixels, mirror",
            "| Seed | 12345678901234567890 |",
            "nas predict",
            "python3 model.py photo.png",
        ];
        Assert.All(facts, fact => Assert.Contains(fact, card, StringComparison.Ordinal));
        Assert.All(graph.Layers, layer => Assert.Contains($"| {layer.Name} | ", card, StringComparison.Ordinal));
        Assert.DoesNotContain("NaN", card, StringComparison.Ordinal);
    }

    // Wilson's interval, worked out by hand: for 0 of 10 it is 0 to z²/(n + z²).
    [Theory]
    [InlineData(0.0, 10, "0.00 % to 27.75 %")]
    [InlineData(1.0, 10, "72.25 % to 100.00 %")]
    [InlineData(0.5, 100, "40.38 % to 59.62 %")]
    public void The_accuracy_comes_with_what_chance_allows(double accuracy, int examples, string interval)
    {
        var description = SampleModels.Describe(SampleModels.Build("chain", "3x3/1x1/24", new(1, 8, 8, 2), ("layers", "1")));

        Assert.Contains(interval, ModelCard.Text(description with { Metrics = description.Metrics with { TestScore = accuracy, TestExamples = examples } }), StringComparison.Ordinal);
    }

    [Fact]
    public void The_program_for_node_runs_as_printed_and_agrees_with_the_network()
    {
        var node = ExternalTool.RequireOnnxRuntimeNode();
        Assert.SkipUnless(
            Directory.Exists(Path.Join(ExternalTool.NodePackages, "node_modules", "sharp")), "needs sharp (npm install --ignore-scripts --prefix build sharp)");

        foreach (var channels in new[] { 1, 3 })
        {
            var (model, expected) = ModelWithPhoto(channels);
            var program = Snippet(model, "js");
            File.WriteAllText(Path.Join(model.Folder, "run.cjs"), $"process.chdir({System.Text.Json.JsonSerializer.Serialize(model.Folder)});\n{program}");
            Directory.CreateSymbolicLink(Path.Join(model.Folder, "node_modules"), Path.Join(ExternalTool.NodePackages, "node_modules"));

            Assert.Equal(expected, ExternalTool.Run(node, Path.Join(model.Folder, "run.cjs")));
        }
    }

    [Fact]
    public void The_program_for_PyTorch_runs_as_printed_and_agrees_with_onnxruntime()
    {
        var python = ExternalTool.RequireTorchPython();
        Assert.SkipUnless(ExternalTool.Succeeds(python, "-c", "import PIL"), "needs Pillow");

        foreach (var channels in new[] { 1, 3 })
        {
            var (model, expected) = ModelWithPhoto(channels);
            File.WriteAllText(Path.Join(model.Folder, "run.py"), $"import os\nos.chdir(os.path.dirname(os.path.abspath(__file__)))\n{Snippet(model, "python")}");

            Assert.Equal(expected, ExternalTool.Run(python, Path.Join(model.Folder, "run.py")));
        }
    }

    // A model whose folder holds photo.png, an image of its size, and what a program should print for that.
    private (ExportedModel Model, string Expected) ModelWithPhoto(int channels)
    {
        var graph = SampleModels.Build("chain", "3x3/1x1/24 3x3/2x1/24@1", new(channels, 12, 16, 4), ("layers", "2"));
        var model = SampleModels.Export(_folder, $"model{channels}", graph, images: 1);
        byte[] bytes = [.. model.Images.Select(value => (byte)(value * 255))];
        TinyPng.Write(Path.Join(model.Folder, "photo.png"), channels, 12, 16, bytes);
        model = model with { Images = [.. bytes.Select(value => value / 255f)] };

        var probabilities = ExportedModel.RunOnnx(model)[0].Probabilities;
        var classes = SampleModels.Describe(graph).Classes;
        return (model, string.Concat(classes.Zip(probabilities, (name, probability) => $"{name}: {100 * probability:0.0}%\n")));
    }

    private static string Snippet(ExportedModel model, string language) =>
        File.ReadAllText(Path.Join(model.Folder, "README.md")).Split($"```{language}\n")[1].Split("\n```")[0];
}
