using System.Runtime.InteropServices;
using System.Text.Json;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Export;
using NasPlatform.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Spaces.PyTorch;

/// <summary>
/// Networks against plain PyTorch modules that were written by hand from the papers' rules, one file a space beside this one. The two share the names of the weights and nothing else, so a rule
/// that a space gets wrong shows as another number.
/// </summary>
public sealed class PyTorchRebuildTests : IDisposable
{
    private const int Images = 2;
    private const double Tolerance = 1e-4;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <param name="spaceName">The space; its script has the same name.</param>
    /// <param name="settings">Of the space, <c>name=value</c> with spaces between.</param>
    /// <param name="architecture">The name of a published genotype, or a text.</param>
    /// <param name="channels">Of the images.</param>
    /// <param name="height">Of the images.</param>
    /// <param name="width">Of the images.</param>
    [Theory]
    [InlineData("darts", "cells=5 channels=4", "DARTS_V2", 3, 32, 32)]
    [InlineData("darts", "cells=3 channels=4 stem=imagenet", "DARTS_V1", 3, 64, 80)]
    [InlineData("darts", "cells=4 channels=4 nodes=5 rules=any", "AmoebaNet", 1, 28, 30)]
    [InlineData("darts", "cells=3 channels=4 rules=any", "SETN", 1, 28, 28)]
    [InlineData("nasnet", "cells=released repeats=2 filters=4", "NASNet-A", 3, 32, 32)]
    [InlineData("nasnet", "cells=released repeats=1 filters=8 stem=imagenet stem_multiplier=1 skip_reduction_input=yes", "NASNet-A", 3, 80, 96)]
    [InlineData(
        "nasnet", "repeats=1 filters=4",
        "conv_1x3_3x1@0,dil_conv_3x3@1 conv_1x7_7x1@1+avg_pool_3x3@2 max_pool_5x5@2,identity@2 conv_3x3@4+sep_conv_3x3@0 max_pool_7x7@4,conv_1x1@3 / "
        + "identity@0,max_pool_5x5@0 conv_1x3_3x1@0+dil_conv_3x3@2 conv_1x7_7x1@0,sep_conv_7x7@3 max_pool_7x7@0+conv_3x3@4 conv_1x1@0+avg_pool_3x3@4", 1, 28, 30)]
    [InlineData("nasnet", "cells=released operations=all convolutions=bottleneck repeats=1 filters=8", "AmoebaNet-A", 3, 32, 32)]
    [InlineData("nasnet", "cells=released operations=all convolutions=bottleneck repeats=1 filters=8", "AmoebaNet-D", 1, 28, 30)]
    [InlineData("nasbench101", "cells=2 channels=8", "best mean test accuracy", 3, 32, 32)]
    [InlineData("nasbench101", "cells=1 channels=9", "smallest hash", 3, 32, 32)]
    [InlineData("nasbench101", "cells=1 channels=10", "Inception-like", 1, 28, 30)]
    [InlineData("nasbench101", "cells=1 channels=5", "empty", 3, 16, 16)]
    [InlineData("hierarchical", "channels=4", "1/23/456 6/06/006 0/10/013 1/20/500 0/00/000 2/02/053 1/23/041/6125", 3, 32, 32)]
    [InlineData("hierarchical", "flat=yes cell_nodes=6 channels=4 repeats=2", "1/03/000/5046/20103", 1, 28, 30)]
    [InlineData("autodl-design", "width=16 cells=2", "inception-like", 3, 32, 32)]
    [InlineData(
        "autodl-design", "width=12 cells=1",
        "0,1,2,3,4,5,6,7,8,9:0.00.000.0000.00000.000000.0000000.00000000.000000000 "
        + "0,1,2,3,4,5,6,7,8,9:0.00.000.0000.00000.000000.0000000.00000000.000000000",
        1, 28, 28)]
    [InlineData(
        "autodl-design", "width=12 cells=2",
        "9,8,7,6,5,4,3,2,1,0:1.01.100.0000.01001.000011.0000000.10000010.001000010 "
        + "3,5,7,9,1,2,4,6,8,0:0.11.000.1010.00000.100001.0000010.01010000.000000001",
        3, 16, 24)]
    [InlineData("autodl-design", "width=8 nodes=4 cells=1 ratio=2", "0,1,2,3:1.01.100 6,1,1,0:0.00.001", 1, 28, 28)]
    [InlineData("eas-plain", "dropout=0.2", "conv-8-3_conv-4-1_pool_conv-12-5_pool_conv-8-3_conv-8-3_pool_conv-16-3_pool_fc-24_fc-8", 3, 32, 32)]
    [InlineData("eas-plain", "filters=3,5,7 units=6,9", "conv-3-3_pool_conv-5-5_pool_conv-7-1_pool_conv-7-3_pool_fc-9", 1, 28, 30)]
    [InlineData("eas-dense", "dropout=0.2", "t_g6-g4_t_g8_t_g4-g10-g4_t", 3, 32, 32)]
    [InlineData("eas-dense", "growth=3,5", "t_g3_t_g5-g3_t_g3_t", 1, 28, 30)]
    [InlineData("enas-macro", "layers=24 channels=4 network=final", "ENAS-macro", 3, 32, 32)]
    [InlineData("enas-macro", "layers=24 channels=4 network=search", "ENAS-macro", 3, 16, 24)]
    [InlineData("enas-macro", "layers=6 channels=6 network=final", "0 1 1 4 0 1 2 1 0 1 5 0 1 1 0 3 1 1 1 1 1", 1, 28, 28)]
    [InlineData("enas-macro", "layers=6 channels=6 network=search", "0 1 1 4 0 1 2 1 0 1 5 0 1 1 0 3 1 1 1 1 1", 1, 28, 28)]
    [InlineData("enas-micro", "cells=3 channels=6 network=final", "ENAS-micro", 3, 32, 32)]
    [InlineData("enas-micro", "cells=3 channels=6 network=search", "ENAS-micro", 3, 32, 32)]
    [InlineData("enas-micro", "nodes=4 cells=4 channels=4 network=final", "1 4 1 0 2 1 2 2 1 3 1 4 2 0 2 1", 1, 28, 28)]
    [InlineData("enas-micro", "nodes=4 cells=4 channels=4 network=search", "1 4 1 0 2 1 2 2 1 3 1 4 2 0 2 1", 1, 28, 28)]
    public void A_network_computes_what_a_module_written_from_the_paper_computes(string spaceName, string settings, string architecture, int channels, int height, int width) =>
        Compare(spaceName, settings, architecture, new TaskShape(channels, height, width, 10));

    /// <param name="spaceName">The space; its script has the same name.</param>
    /// <param name="settings">Of the space, <c>name=value</c> with spaces between.</param>
    /// <param name="architecture">The name of a published genotype, or a text.</param>
    /// <param name="task">A text or series.</param>
    [Theory]
    [InlineData("darts-rnn", "hidden=12", "DARTS_V2", "text:7/20")]
    [InlineData("darts-rnn", "hidden=12 embedding=7", "DARTS_V1", "text:5/9")]
    [InlineData("darts-rnn", "hidden=9 nodes=11 output=unread layers=2", "ENAS", "series:3x8/10")]
    [InlineData("enas-rnn", "hidden=12", "ENAS-PTB", "text:7/20")]
    [InlineData("enas-rnn", "hidden=10 nodes=6", "2 0 3 1 2 0 1 3 0 2 2", "series:4x9/5")]
    [InlineData("enas-rnn", "hidden=12 nodes=6 variant=google-research", "0 2 0 3 2 1 1 0 2 2", "text:6/15")]
    [InlineData("nasrl-rnn", "hidden=12 base=2", "worked example", "text:7/20")]
    [InlineData(
        "nasrl-rnn", "hidden=10 base=5 layers=1", "add-tanh multiply-relu add-sigmoid multiply-identity add-relu add-tanh multiply-tanh add-identity multiply-sigmoid inject=multiply-tanh@6 c=7",
        "forecast:2x9/6")]
    public void A_recurrent_network_computes_what_a_module_written_from_the_paper_computes(string spaceName, string settings, string architecture, string task)
    {
        Assert.True(TaskShape.TryParse(task, out var shape));
        Compare(spaceName, settings, architecture, shape);
    }

    private void Compare(string spaceName, string settings, string architecture, TaskShape task)
    {
        var space = Create(spaceName, settings);
        var genotype = space.Find(architecture);
        AssertSame(space, space.Format(genotype), space.Build(genotype, task).WithoutAuxiliary().WithoutZeros(), $"{spaceName}.py");
    }

    /// <summary>The search network, with shares that are far from even.</summary>
    [Theory]
    [InlineData("darts", "cells=3 channels=4", 3, 32, 32)]
    [InlineData("darts", "cells=5 channels=4 nodes=2", 1, 28, 28)]
    public void A_relaxed_network_computes_what_a_module_written_from_the_paper_computes(string spaceName, string settings, int channels, int height, int width)
    {
        var space = Create(spaceName, settings);
        AssertSame(space, "", space.Relaxed(new(channels, height, width, 10))!, $"{spaceName}-relaxed.py"); // not null: it is a search network
    }

    private static SearchSpace Create(string name, string settings) =>
        SearchSpaceCatalog.Create(name, settings.Split(' ').Select(setting => setting.Split('=')).ToDictionary(parts => parts[0], parts => parts[1]));

    private void AssertSame(SearchSpace space, string genotype, LayerGraph graph, string script)
    {
        var python = ExternalTool.RequireTorchPython();
        var task = graph.Task;
        WriteCase(space, genotype, graph);

        var network = Network(graph);
        ExternalTool.Run(python, Path.Join(ExternalTool.Repository, "tests", "NasPlatform.Tests", "Spaces", "PyTorch", script), _folder.Path);
        var module = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(_folder["logits"])).ToArray();

        Assert.Equal(network.Length, module.Length);
        Assert.All(network, logit => Assert.True(float.IsFinite(logit)));
        var largest = network.Max(Math.Abs);
        Assert.InRange(Distance(network, module), 0, Tolerance * largest);

        // Numbers that hardly depend on the images would agree whatever lies between.
        var one = (int)task.Output.Count;
        Assert.InRange(Distance(network[..one], network[one..]), 100 * Tolerance * largest, double.MaxValue);
    }

    private static double Distance(float[] left, float[] right) => left.Zip(right, (a, b) => Math.Abs((double)a - b)).Max();

    private void WriteCase(SearchSpace space, string genotype, LayerGraph graph)
    {
        var random = new RandomSource(1);
        var task = graph.Task;
        var isText = task.Kind == TaskKind.LanguageModelling;
        var images = new float[Images * task.Input.Count];
        foreach (ref var pixel in images.AsSpan())
        {
            pixel = isText ? random.Next(task.Outputs) : (float)random.NextGaussian();
        }

        _folder.Write("case.json", JsonSerializer.Serialize(new { genotype, settings = space.Settings, channels = isText ? 0 : task.Channels, classes = task.Outputs }));
        SafetensorsFile.Write(_folder["images.safetensors"], [Entry("images", [Images, .. task.Input.Dimensions.Select(side => (long)side)], images)]);
        SafetensorsFile.Write(
            _folder["weights.safetensors"], graph.Layers.SelectMany(WeightSpec.Of).Select(spec => Entry(spec.Name, spec.Shape, SampleModels.Draw(spec, random.Split(spec.Name)))));
        SafetensorsFile.Write(_folder["alphas.safetensors"], graph.Alphas.Select(row => Entry(row.Name, [row.Options], Shares(row.Options, random.Split(row.Name)))));

        static float[] Shares(int options, RandomSource random) => [.. Enumerable.Range(0, options).Select(_ => (float)(2 * random.NextGaussian()))];

        static TensorEntry Entry(string name, long[] shape, float[] numbers) => new(name, TensorType.F32, shape, MemoryMarshal.AsBytes<float>(numbers).ToArray());
    }

    /// <summary>What our network gives, in evaluation.</summary>
    private float[] Network(LayerGraph graph)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var weights = SafetensorsFile.Open(_folder["weights.safetensors"]);
        using var images = SafetensorsFile.Open(_folder["images.safetensors"]);
        using var network = new Network(graph, CPU, new RandomSource(1));
        network.Load(name => WeightFile.Read(weights, name));
        using var alphas = SafetensorsFile.Open(_folder["alphas.safetensors"]);
        foreach (var (name, row) in network.Alphas)
        {
            row.copy_(WeightFile.Read(alphas, name));
        }

        network.eval();
        var examples = WeightFile.Read(images, "images");
        return network.call(graph.Task.Kind == TaskKind.LanguageModelling ? examples.to(int64) : examples).contiguous().data<float>().ToArray();
    }
}
