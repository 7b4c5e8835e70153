using NasPlatform.Search;
using NasPlatform.Search.Export;
using NasPlatform.Search.Networks;
using NasPlatform.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Export;

/// <summary>Exported models give the same numbers in different programs.</summary>
public sealed class ExportParityTests : IDisposable
{
    private const double Tolerance = 1e-5;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Chain_networks_agree_in_onnxruntime_and_PyTorch()
    {
        var grey = new TaskShape(1, 28, 28, 10);
        var wide = new TaskShape(3, 19, 33, 4);
        Compare(
            Chain("3x3/1x1/24", grey),
            Chain("5x3/1x1/36 3x7/2x1/24@1 1x1/1x1/48@1,2", grey),
            Chain("7x1/3x2/24 3x3/1x1/24 5x5/2x3/36@1,2 3x3/1x2/24 1x7/1x1/48@2,3", wide),
            Chain("3x3/3x3/24 3x3/2x1/64@1 5x5/1x1/24@1,2 7x7/1x1/36 3x3/1x1/24@2,4 3x5/1x1/24@1,5", wide));

        static LayerGraph Chain(string genotype, TaskShape task) =>
            SampleModels.Build("chain", genotype, task, ("layers", $"{genotype.Split(' ').Length}"));
    }

    [Fact]
    public void NasBench201_networks_agree_in_onnxruntime_and_PyTorch()
    {
        var task = new TaskShape(3, 20, 28, 5);
        Compare(
            Cell("|nor_conv_3x3~0|+|nor_conv_1x1~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|", task),
            Cell("|none~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|none~1|avg_pool_3x3~2|", task),
            Cell("|skip_connect~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_1x1~2|", task),
            Cell("|none~0|+|none~0|nor_conv_3x3~1|+|none~0|avg_pool_3x3~1|none~2|", task),
            Cell("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|", task));

        static LayerGraph Cell(string genotype, TaskShape task) => SampleModels.Build("nasbench201", genotype, task, ("channels", "8"), ("cells", "2"));
    }

    [Fact]
    public void Every_primitive_agrees_in_onnxruntime_and_PyTorch()
    {
        var graph = SampleModels.EveryOp(new(3, 19, 14, 7));

        // Without what was merely built, a new primitive would be tested by nothing.
        var text = SampleModels.EveryTextOp(TaskShape.Text(6, 9));
        Assert.Equal(OpTypes().Order(), graph.Layers.Concat(text.Layers).Select(layer => layer.Op.GetType().Name).Distinct().Order());
        Assert.Equal(
            Enum.GetValues<ActivationKind>(),
            graph.Layers.Select(layer => layer.Op).OfType<Op.Activation>().Select(activation => activation.Kind).Distinct().Order());
        Compare(graph, graph.WithoutZeros());

        // A mixture is refused.
        static IEnumerable<string> OpTypes() => typeof(Op).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(Op)) && type != typeof(Op.Mix) && type != typeof(Op.HighwayMix)).Select(type => type.Name);
    }

    [Fact]
    public void Recurrent_networks_agree_in_onnxruntime_and_PyTorch_and_with_ours()
    {
        var task = TaskShape.Text(6, 9);
        Compare(
            SampleModels.EveryTextOp(task),
            SampleModels.Build("darts-rnn", "sigmoid@0 relu@1 relu@1 identity@1 tanh@2 sigmoid@5 tanh@3 relu@5", task, ("hidden", "12")),
            SampleModels.Build("darts-rnn", "relu@0 relu@1", task, ("hidden", "8"), ("nodes", "2"), ("embedding", "5"), ("layers", "2")),
            SampleModels.Build("enas-rnn", "0 0 0 1 1 2 1 2 0 2 0 5 1 1 0 6 1 8 1 8 1 8 1", task, ("hidden", "12")),
            SampleModels.Build("nasrl-rnn", "add-tanh multiply-relu multiply-sigmoid inject=add-relu@0 c=1", task, ("hidden", "12"), ("base", "2")));
    }

    private void Compare(params LayerGraph[] graphs)
    {
        ExternalTool.RequireOnnxRuntimeNode();
        ExternalTool.RequireTorchPython();
        List<ExportedModel> models = [.. graphs.Select((graph, index) => SampleModels.Export(_folder, $"model{index}", graph))];

        var onnx = ExportedModel.RunOnnx(models);
        var pytorch = ExportedModel.RunPyTorch(models);

        for (var index = 0; index < graphs.Length; index++)
        {
            var distance = Math.Max(onnx[index].Distance(pytorch[index]), Ours(models[index]).Distance(onnx[index]));
            TestContext.Current.TestOutputHelper?.WriteLine($"model {index}: logits like {pytorch[index].Logits[0]}, distance {distance:e2}");
            Assert.True(distance <= Tolerance, $"model {index} differs by {distance}");
            Assert.Equal(1, onnx[index].Probabilities[..graphs[index].Task.Outputs].Sum(), 1e-5);
        }
    }

    /// <summary>What our network gives.</summary>
    private static ModelOutput Ours(ExportedModel model)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var package = ModelPackage.Open(model.Folder);
        var (graph, input) = (package.Description.Graph, package.Description.Input);
        using var network = new Network(graph, CPU, new RandomSource(1));
        network.Load(name => WeightFile.Read(package.Weights, name));
        network.eval();
        var examples = tensor(model.Images, [.. model.Shape.Select(side => (long)side)]);
        var logits = network.call(model.AreTokens ? examples.to(int64) : (examples - PerChannel(input.Mean)) / PerChannel(input.Std));
        return new(Numbers(logits), Numbers(logits.softmax(-1)));

        static Tensor PerChannel(IReadOnlyList<double> numbers) => tensor([.. numbers.Select(number => (float)number)], [1, numbers.Count, 1, 1]);

        static float[] Numbers(Tensor values) => values.contiguous().data<float>().ToArray();
    }
}
