using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Web.Architectures;

namespace NasPlatform.Tests.Architectures;

public sealed class ArchitectureDiagramTests
{
    private static readonly TaskShape Fashion = new(1, 28, 28, 10);

    [Fact]
    public void A_cell_is_drawn_with_its_operations_and_what_has_no_effect()
    {
        var diagram = Cell("|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|none~1|none~2|", cells: 1);

        var sketch = Assert.Single(diagram.Sketches);
        Assert.Equal(["input", "node 1", "node 2", "output"], sketch.Nodes.Select(node => node.Label));
        Assert.Equal(["nor_conv_3x3", "none", "avg_pool_3x3", "skip_connect", "none", "none"], sketch.Edges.Select(edge => edge.Operation));
        Assert.Equal([false, false, false, true, false, false], sketch.LiveEdges());

        var drawing = SketchDrawing.Of(sketch, Flow.Down);
        Assert.Equal(4 + 6, drawing.Nodes.Length);
        Assert.Equal(
            ["avg pool 3×3", "conv 3×3", "none", "none", "none", "skip"],
            drawing.Nodes.Where(node => node.Kind != "value").Select(node => node.Lines[0]).Order(StringComparer.Ordinal));
        Assert.Equal(["node 1", "node 2"], drawing.Nodes.Where(node => node.Kind == "value" && node.IsDead).Select(node => node.Lines[0]));
    }

    [Fact]
    public void The_whole_network_is_stem_stages_residual_blocks_and_head()
    {
        var diagram = Cell("|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|", cells: 5);
        var network = diagram.Network!;

        Assert.Equal(
            ["input", "stem", "stage 1, cell 1 to 5", "stage 2, residual", "stage 2, cell 1 to 5", "stage 3, residual", "stage 3, cell 1 to 5", "last", "classifier"],
            network.Blocks.Select(block => block.Title));
        Assert.Equal(Enumerable.Range(0, 8).Select(place => (place, place + 1)), network.Edges);
        Assert.Equal("16×28×28", $"{network.Blocks[2].Shape}");
        Assert.Equal(diagram.Cost!.Value.ParameterCount, network.Blocks.Sum(block => block.ParameterCount * block.Count));
        Assert.Equal(diagram.Cost.Value.MultiplyAdds, network.Blocks.Sum(block => block.MultiplyAdds * block.Count));
    }

    [Fact]
    public void A_block_opens_to_its_layers_and_says_which_are_dead()
    {
        var cell = Cell("|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|none~1|none~2|", cells: 1).Network!.Blocks.First(block => block.Name == "stage1/cell1");

        var drawing = NetworkDrawing.Of(cell);

        Assert.Equal(["from", "stem/norm"], drawing.Nodes[0].Lines);
        Assert.Contains(drawing.Nodes, node => node.Lines[0] == "conv 3×3" && node.IsDead);
        Assert.Contains(drawing.Nodes, node => node.Kind == "zero" && node.IsDead);
        Assert.Contains(drawing.Edges, edge => edge.IsDead);
    }

    [Fact]
    public void A_chain_shows_its_layers_and_skip_connections_in_both_drawings()
    {
        var space = SearchSpaceCatalog.Create("chain", new Dictionary<string, string> { ["layers"] = "3" });
        var diagram = ArchitectureDiagram.Of(space, space.Parse("3x3/1x1/36 5x5/2x2/48@1 3x3/1x1/64@1,2").ToDictionary(), Fashion);

        var sketch = Assert.Single(diagram.Sketches);
        Assert.Equal(["image", "layer 1", "layer 2", "layer 3", "classifier"], sketch.Nodes.Select(node => node.Label));
        Assert.Equal("5×5 · 48 filters · stride 2×2", sketch.Nodes[2].Detail);
        Assert.Equal([(0, 1), (1, 2), (1, 3), (2, 3), (3, 4)], sketch.Edges.Select(edge => (edge.From, edge.To)).Order());
        Assert.Equal(["input", "layer 1", "layer 2", "layer 3", "classifier"], diagram.Network!.Blocks.Select(block => block.Title));
        Assert.Equal([(0, 1), (1, 2), (1, 3), (2, 3), (3, 4)], diagram.Network.Edges);
    }

    [Fact]
    public void Without_the_dataset_the_decisions_and_the_cell_are_still_there()
    {
        var space = SearchSpaceCatalog.Create("nasbench201");
        var diagram = ArchitectureDiagram.Of(space, space.Sample(new(1)).ToDictionary(), task: null);

        Assert.Null(diagram.Network);
        Assert.NotNull(diagram.Problem);
        Assert.Equal(6, diagram.Decisions.Length);
        Assert.Single(diagram.Sketches);
    }

    private static ArchitectureDiagram Cell(string genotype, int cells)
    {
        var space = SearchSpaceCatalog.Create("nasbench201", new Dictionary<string, string> { ["cells"] = $"{cells}" });
        return ArchitectureDiagram.Of(space, space.Parse(genotype).ToDictionary(), Fashion);
    }
}
