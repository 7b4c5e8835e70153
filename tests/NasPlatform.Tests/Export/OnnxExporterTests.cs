using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using NasPlatform.Search;
using NasPlatform.Search.Export;
using NasPlatform.Search.Export.Onnx;
using NasPlatform.Search.Networks;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Export;

public sealed class OnnxExporterTests : IDisposable
{
    private static readonly TaskShape Task = new(3, 20, 28, 5);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_format_s_own_checker_accepts_the_file_and_infers_the_shapes_that_it_states()
    {
        var python = ExternalTool.RequireOnnxPython();
        LayerGraph[] graphs =
        [
            SampleModels.EveryOp(new(3, 19, 14, 7)),
            SampleModels.Build("nasbench201", "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|", Task, ("cells", "1")),
            SampleModels.Build("chain", "3x3/1x1/24 5x5/2x2/36@1 3x3/1x1/24@1,2", Task, ("layers", "3")),
        ];

        foreach (var graph in graphs)
        {
            var model = SampleModels.Export(_folder, $"{graph.Layers.Length}", graph);
            var found = JsonNode.Parse(ExternalTool.Run(python, ExternalTool.Script("check-onnx.py"), Path.Join(model.Folder, "model.onnx")))!; // not null: an object

            Assert.Equal("[]", found["contradicted"]!.ToJsonString());
            Assert.True((int)found["stated"]! > 1);
            Assert.Equal("""{"":17}""", found["operatorSets"]!.ToJsonString());
            Assert.Equal(8, (int)found["irVersion"]!);
            Assert.Equal($$"""{"image":["batch",3,{{graph.Task.Height}},{{graph.Task.Width}}]}""", found["inputs"]!.ToJsonString());
            Assert.Equal($$"""{"logits":["batch",{{graph.Task.Outputs}}],"probabilities":["batch",{{graph.Task.Outputs}}]}""", found["outputs"]!.ToJsonString());
        }
    }

    [Fact]
    public void Every_layer_that_computes_is_a_node_of_its_name()
    {
        var graph = SampleModels.Build("chain", "3x3/1x1/24 5x5/2x2/36@1 3x3/1x1/24@1,2", Task, ("layers", "3"));

        var names = Export(graph).Graph.Node.Select(node => node.Name).ToHashSet();

        var computing = graph.Layers.Where(layer => layer.Op is not Op.BatchNorm);
        Assert.All(computing, layer => Assert.Contains(layer.Name, names));
    }

    [Fact]
    public void A_batch_norm_is_folded_where_it_alone_reads_a_convolution_and_kept_elsewhere()
    {
        var graph = SampleModels.EveryOp(new(3, 19, 14, 7));

        var nodes = Export(graph).Graph.Node;

        Assert.Equal(["raw/norm", "class/lambda/norm", "plain/norm", "vector/norm"], nodes.Where(node => node.OpType == "BatchNormalization").Select(node => node.Name));
        Assert.DoesNotContain(nodes, node => node.OpType is "Dropout" || node.Name.Contains("drop", StringComparison.Ordinal));
        Assert.Equal(["stem.conv.weight", "stem.conv.bias"], nodes.Single(node => node.Name == "stem/conv").Input.Skip(1));
    }

    [Fact]
    public void Folding_follows_the_formula()
    {
        var builder = new LayerGraphBuilder(new(1, 2, 2, 2));
        var conv = builder.Add("conv", new Op.Conv2d(1, 1, 1, 0, 1, 1, Bias: true), builder.Input);
        var graph = builder.Finish(builder.Classifier(builder.Add("norm", new Op.BatchNorm(Epsilon: 0.25), conv)));
        var values = new Dictionary<string, float>
        {
            ["conv.weight"] = 3,
            ["conv.bias"] = 5,
            ["norm.weight"] = 4,
            ["norm.bias"] = 7,
            ["norm.running_mean"] = 2,
            ["norm.running_var"] = 3.75f,
        };
        ModelPackage.Write(_folder["a"], SampleModels.Describe(graph), spec => new(
            spec.Name, TensorType.F32, spec.Shape, stream => stream.Write(Floats(spec.Shape.Aggregate(1L, (a, b) => a * b), values.GetValueOrDefault(spec.Name)))));
        using var package = ModelPackage.Open(_folder["a"]);

        var weights = OnnxExporter.Export(package).Graph.Initializer.ToDictionary(tensor => tensor.Name, tensor => tensor.RawData.ToByteArray());

        // 4 / √(3.75 + 0.25) = 2: weight 3 · 2, bias 7 + 2 · (5 − 2)
        Assert.Equal(6, BitConverter.ToSingle(weights["conv.weight"]));
        Assert.Equal(13, BitConverter.ToSingle(weights["conv.bias"]));

        static byte[] Floats(long count, float value) => [.. Enumerable.Range(0, (int)count).SelectMany(_ => BitConverter.GetBytes(value))];
    }

    [Fact]
    public void The_metadata_says_what_a_user_of_the_file_must_know()
    {
        var model = Export(SampleModels.EveryOp(Task with { Height = 19, Width = 14 }));

        var facts = model.MetadataProps.ToDictionary(pair => pair.Key, pair => pair.Value);
        Assert.Equal(["T-shirt \"top\"", "кот | 犬 🐕\\", "class 2", "class 3", "class 4"], JsonSerializer.Deserialize<string[]>(facts["classes"])!); // not null: a list
        Assert.Equal("[3,19,14]", facts["input_size"]);
        Assert.Equal("[0, 1]", facts["input_range"]);
        Assert.Equal("inside", facts["normalization"]);
        Assert.Equal("[0.4,0.45,0.5]", facts["mean"]);
        Assert.Equal("[0.3,0.26,0.22]", facts["std"]);
        Assert.Equal("pad", facts["fit"]);
        Assert.Equal("chain", facts["space"]);
        Assert.Equal("3x3/1x1/24", facts["genotype"]);
        Assert.Equal("0.9125", facts["test_accuracy"]);
        Assert.Equal(("NasPlatform", "1.2.3"), (model.ProducerName, model.ProducerVersion));
    }

    [Fact]
    public void A_file_is_read_back_as_it_was_written_and_what_is_unknown_in_it_is_skipped()
    {
        var model = Export(SampleModels.EveryOp(new(3, 19, 14, 7)));
        var bytes = model.ToByteArray();

        // Field 5, the model's version, and field 25, its functions: not among ours.
        byte[] foreign = [0x28, 0x03, .. bytes, 0xCA, 0x01, 0x02, 0x0A, 0x00];
        var again = OnnxModel.Parser.WithDiscardUnknownFields(true).ParseFrom(foreign);

        Assert.Equal(model, again);
        Assert.Equal(bytes, again.ToByteArray());
    }

    [Fact]
    public void The_numbers_of_the_wire_are_those_of_the_format()
    {
        // By hand from the format's description: IR version 8; graph (7) with one node (1) of an operator (4) "Relu", input (1) "x"
        // and output (2) "y"; operator set (8) version (2) 17.
        byte[] expected = [0x08, 8, 0x3A, 14, 0x0A, 12, 0x0A, 1, 0x78, 0x12, 1, 0x79, 0x22, 4, 0x52, 0x65, 0x6C, 0x75, 0x42, 2, 0x10, 17];

        var model = new OnnxModel
        {
            IrVersion = 8,
            Graph = new() { Node = { new OnnxNode { OpType = "Relu", Input = { "x" }, Output = { "y" } } } },
            OpsetImport = { new OnnxOperatorSet { Version = 17 } },
        };

        Assert.Equal(expected, model.ToByteArray());
    }

    [Fact]
    public void Any_number_of_images_can_be_run_and_each_is_taken_for_itself()
    {
        ExternalTool.RequireOnnxRuntimeNode();
        var three = SampleModels.Export(_folder, "a", SampleModels.Build("nasbench201", "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|", Task, ("cells", "1")), images: 3);
        var first = three with { Shape = [1, .. three.Shape[1..]], Images = three.Images[..(three.Images.Length / 3)] };

        var outputs = ExportedModel.RunOnnx(three, first);

        Assert.Equal(outputs[0].Logits[..5], outputs[1].Logits);
        Assert.Equal(5, outputs[1].Probabilities.Length);
    }

    private OnnxModel Export(LayerGraph graph)
    {
        SampleModels.Write(_folder["model"], SampleModels.Describe(graph));
        using var package = ModelPackage.Open(_folder["model"]);
        return OnnxExporter.Export(package);
    }
}
