using System.Text.Json.Nodes;
using NasPlatform.Search;
using NasPlatform.Search.Export;
using NasPlatform.Search.Export.PyTorch;
using NasPlatform.Search.Networks;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Export;

public sealed class PyTorchExporterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_exported_network_can_be_trained()
    {
        var python = ExternalTool.RequireTorchPython();
        var graph = SampleModels.EveryOp(new(3, 19, 14, 7));
        var model = SampleModels.Export(_folder, "model", graph);

        var change = JsonNode.Parse(ExternalTool.Run(python, ExternalTool.Script("train-pytorch.py"), Path.Join(model.Folder, "model.py")))!; // not null: an object

        Assert.Equal(graph.Cost.ParameterCount, (long)change["parameters"]!);
        Assert.Equal("[]", change["withoutGradient"]!.ToJsonString());
        Assert.Equal("[]", change["unchangedStatistics"]!.ToJsonString());
        Assert.True((bool)change["noisy"]!);
        var losses = change["losses"]!.AsArray().Select(loss => (double)loss!).ToList();
        Assert.True(losses[^5..].Average() < losses[..5].Average(), string.Join(", ", losses));
    }

    [Fact]
    public void A_mixture_is_not_exported_but_the_genotype_that_is_read_off_it()
    {
        var graph = new LayerGraphBuilder(new(1, 8, 8, 2));
        var mix = graph.Add("mix", new Op.Mix("row"), graph.Conv("a", graph.Input, 4, 3), graph.Conv("b", graph.Input, 4, 1));
        SampleModels.Write(_folder["model"], SampleModels.Describe(graph.Finish(graph.Classifier(mix))));
        using var package = ModelPackage.Open(_folder["model"]);

        foreach (var format in new[] { ExportFormat.PyTorch, ExportFormat.Onnx })
        {
            var error = Assert.Throws<UserErrorException>(() => format.Write(package, _folder["model"], TestContext.Current.CancellationToken));
            Assert.Contains("Layer 'mix' mixes operations by architecture parameters", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_recurrent_cell_is_a_class_that_loops_over_the_steps_and_keeps_its_masks()
    {
        var python = ExternalTool.RequireTorchPython();
        var model = SampleModels.Export(_folder, "model", SampleModels.EveryTextOp(TaskShape.Text(6, 9)));
        _folder.Write("run.py", """
            import sys, torch
            sys.path.insert(0, sys.argv[1])
            import model
            net = model.load()
            tokens = torch.randint(9, (3, 6))
            print(torch.equal(net(tokens), net(tokens)))
            net.train()
            print(torch.equal(net(tokens), net(tokens)))
            net(tokens).square().mean().backward()
            print([name for name, parameter in net.named_parameters() if parameter.grad is None])
            print(sum(parameter.numel() for parameter in net.parameters()))
            """);

        var lines = ExternalTool.Run(python, _folder["run.py"], model.Folder).Split('\n');
        var source = File.ReadAllText(Path.Join(model.Folder, "model.py"));

        Assert.Equal(["True", "False", "[]", $"{SampleModels.EveryTextOp(TaskShape.Text(6, 9)).Cost.ParameterCount}"], lines[..4]);
        Assert.Contains("        for x in sequence.unbind(1):\n", source, StringComparison.Ordinal);
        Assert.Contains("mask_h = dropout_mask(self, sequence, 0.2, 4)\n", source, StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_that_are_alike_share_a_class()
    {
        var source = Source(SampleModels.Build(
            "nasbench201", "|nor_conv_3x3~0|+|nor_conv_1x1~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|", new(3, 32, 32, 10)));

        Assert.Equal(["Stage1Cell1", "Stage2Residual", "Stage2Cell1", "Stage3Residual", "Stage3Cell1", "Network"], Classes(source));
        Assert.Contains("cell5=Stage1Cell1(),", source, StringComparison.Ordinal);
        Assert.DoesNotContain("modules = {", source, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_that_cannot_be_called_as_one_is_written_out()
    {
        // "b" needs what comes out of "a" half-way, and "a" needs "b".
        var graph = new LayerGraphBuilder(new(1, 8, 8, 2));
        var first = graph.Conv("a/first", graph.Input, 4, 3);
        var between = graph.Conv("b/conv", first, 4, 3);
        var last = graph.Conv("a/last", between, 4, 3);

        var source = Source(graph.Finish(graph.Classifier(last)));

        Assert.Contains("        a_first = self.a_first(x)  # 4×8×8\n        b = self.b(a_first)  # 4×8×8\n        a_last = self.a_last(b)  # 4×8×8\n", source, StringComparison.Ordinal);
        Assert.Contains("\"a.first\": \"a_first\"", source, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_from_outside_stays_text()
    {
        var python = ExternalTool.RequireTorchPython();
        var graph = SampleModels.Build("chain", "3x3/1x1/24", new(1, 8, 8, 3), ("layers", "1"));
        string[] classes = ["\"\"\" + 1 {{network}}", "line\nbreak\t\\n \u2028 \u0007", "' кот 🐕 \\"];
        var description = SampleModels.Describe(graph) with { Name = "\"\"\"\nimport nothing \\", Classes = classes };
        SampleModels.Write(_folder["a"], description);
        _folder.Write("a/model.py", PyTorchExporter.Source(description));
        _folder.Write("print.py", "import json, sys\nsys.path.insert(0, sys.argv[1])\nimport model\nprint(json.dumps([model.CLASSES, model.__doc__.splitlines()[0]]))\n");

        var read = JsonNode.Parse(ExternalTool.Run(python, _folder["print.py"], _folder["a"]))!; // not null: a list

        Assert.Equal(classes, read[0]!.AsArray().Select(name => (string)name!));
        Assert.Equal("''' import nothing \\", (string)read[1]!);
    }

    [Fact]
    public void No_submodule_has_a_name_that_PyTorch_or_Python_keeps_for_itself()
    {
        var python = ExternalTool.RequireTorchPython();
        var kept = ExternalTool.Run(python, "-c", "import keyword, torch; print(*keyword.kwlist, *dir(torch.nn.Sequential()))").Split();

        Assert.All(kept.Where(name => name.Length > 0), name => Assert.NotEqual(name, PythonText.Attribute(name, [])));
    }

    [Fact]
    public void Long_lines_are_broken_between_items()
    {
        var graph = new LayerGraphBuilder(new(1, 8, 8, 2));
        Layer[] many = [.. Enumerable.Range(0, 12).Select(index => graph.Conv($"branch_number_{index}", graph.Input, 4, 3))];
        var joined = graph.Add("joined", new Op.Concat(), graph.Add("added", new Op.Add(), many), many[0], many[1], many[2], many[3], many[4], many[5]);

        var source = Source(graph.Finish(graph.Classifier(joined)));

        Assert.Contains("        added = (\n            branch_number_0 +\n            branch_number_1 +\n", source, StringComparison.Ordinal);
        Assert.Contains("        joined = torch.cat([\n            added,\n            branch_number_0,\n", source, StringComparison.Ordinal);
        Assert.All(source.Split('\n'), line => Assert.True(line.Length <= 120, line));
    }

    [Fact]
    public void The_file_says_how_it_is_used_and_what_is_wrong()
    {
        var python = ExternalTool.RequireTorchPython();
        var model = SampleModels.Export(_folder, "model", SampleModels.Build("chain", "3x3/1x1/24", new(1, 8, 8, 3), ("layers", "1")));
        _folder.Write("run.py", """
            import subprocess, sys
            for arguments in [[], ["absent.png"]]:
                run = subprocess.run([sys.executable, sys.argv[1], *arguments], capture_output=True, text=True)
                print(run.returncode, run.stderr.strip())
            """);

        var lines = ExternalTool.Run(python, _folder["run.py"], Path.Join(model.Folder, "model.py")).Split('\n');

        Assert.Equal("2 usage: python3 model.py <image> ...", lines[0]);
        Assert.StartsWith("1 absent.png: ", lines[1], StringComparison.Ordinal);
    }

    private static string Source(LayerGraph graph) => PyTorchExporter.Source(SampleModels.Describe(graph));

    private static IEnumerable<string> Classes(string source) =>
        source.Split('\n').Where(line => line.StartsWith("class ", StringComparison.Ordinal)).Select(line => line["class ".Length..line.IndexOf('(', StringComparison.Ordinal)]);
}
