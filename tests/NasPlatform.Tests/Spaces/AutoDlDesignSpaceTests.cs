using System.Numerics;
using System.Text.Json;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies.Controllers;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Spaces;

public sealed class AutoDlDesignSpaceTests : SearchSpaceContract
{
    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("autodl-design");

    [Fact]
    public void PADDLE_K1_20_ids_90_bits_38_steps_of_the_generator()
    {
        var generator = new StepCounter();
        Space.Decide(generator);

        Assert.Equal((20, 90), (generator.Ids, generator.Bits));
        Assert.Equal(38, generator.Steps);
        Assert.Equal(BigInteger.Pow(10, 20) << 90, Space.Size);
    }

    [Fact]
    public void PADDLE_K2_columns_of_the_adjacency_matrix()
    {
        var genotype = Create(("nodes", "4")).Parse("0,1,2,3:1.01.100 0,0,0,0:0.00.000");

        Assert.Equal([1], Column(1));
        Assert.Equal([0, 1], Column(2));
        Assert.Equal([1, 0, 0], Column(3));

        IEnumerable<int> Column(int node) => Enumerable.Range(0, node).Select(earlier => genotype[$"normal/node{node}/input/{earlier}"]);
    }

    [Fact]
    public void PADDLE_K3_without_any_bit_all_nodes_are_roots_and_free_ends()
    {
        var graph = Build(Space, bit: 0);

        Assert.Equal(10, Named(graph, "cell1/", "/in/conv").Count());
        Assert.Equal(Shape.Image(160, 32, 32), graph.Layers.Single(layer => layer.Name == "cell1/join").Shape);
        Assert.Equal(64, graph.Layers.Single(layer => layer.Name == "cell1/out/conv").Shape.Channels);
    }

    [Fact]
    public void PADDLE_K4_with_every_bit_node_0_is_the_only_root_and_node_9_the_only_free_end()
    {
        var graph = Build(Space, bit: 1);

        Assert.Equal(["cell1/node0/in/conv"], Named(graph, "cell1/", "/in/conv").Select(layer => layer.Name));
        var read = graph.Layers.Single(layer => layer.Name == "cell1/out/conv").Inputs[0];
        Assert.StartsWith("cell1/node9/", read.Name, StringComparison.Ordinal);
        Assert.Equal(16, read.Shape.Channels);
    }

    [Fact]
    public void PADDLE_K9_nine_cells_of_sides_32_16_and_8()
    {
        var graph = Space.Build(Space.Sample(new RandomSource(1)), TaskShape.Cifar10);
        var cells = graph.Layers.Where(layer => layer.Name.EndsWith("/out/conv", StringComparison.Ordinal)).Select(layer => layer.Shape).ToList();

        Assert.Equal([32, 32, 32, 16, 16, 16, 8, 8, 8], cells.Select(cell => cell.Height));
        Assert.Equal([64, 64, 64, 128, 128, 128, 256, 256, 256], cells.Select(cell => cell.Channels));
    }

    [Fact]
    public void Parameters_follow_the_closed_form()
    {
        // One root of each cell, all convolutions 1×1 with biases; 8 to 16 channels, a quarter of them in a node.
        var space = Create(("nodes", "1"), ("width", "8"), ("stages", "2"), ("cells", "1"));
        var cost = space.Build(space.Parse("0: 4:"), TaskShape.Cifar10).Cost;

        var stem = (27 * 8) + 8;
        var normal = 16 + ((8 * 2) + 2) + 4 + ((2 * 2) + 2) + ((2 * 8) + 8);
        var reduction = 16 + ((8 * 2) + 2) + 4 + (2 * ((3 * 2 * 2) + 2)) + ((2 * 4) + 4) + ((4 * 16) + 16);
        Assert.Equal(stem + normal + reduction + 32 + ((16 * 10) + 10), cost.ParameterCount);
    }

    [Fact]
    public void A_dilated_convolution_is_dilated_only_where_the_size_stays()
    {
        var space = Create(("nodes", "1"));
        var graph = space.Build(space.Parse("3: 3:"), TaskShape.Cifar10);

        Assert.All(Named(graph, "cell1/", "dilated_3x3/conv"), layer => Assert.Equal(new(2, 2), ((Op.Conv2d)layer.Op).Dilation));
        Assert.All(Named(graph, "cell4/", "dilated_3x3/conv"), layer => Assert.Equal(Extent.One, ((Op.Conv2d)layer.Op).Dilation));
    }

    [Fact]
    public void The_published_cells_are_those_of_the_released_file()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedData.Require("nas-genotypes/autodl-design-hinas.json")));
        var model = document.RootElement.GetProperty("cell_model");
        var genotype = Space.Parse(Space.Published[model.GetProperty("name").GetString()!]); // not null: the file has it
        foreach (var (cell, word) in new[] { ("normal", "normal"), ("reduction", "reduce") })
        {
            var tokens = model.GetProperty($"{word}_tokens").EnumerateArray().Select(token => token.GetInt32());
            Assert.Equal(tokens, Enumerable.Range(0, 10).Select(node => genotype[$"{cell}/node{node}/operation"]));
            var adjacency = model.GetProperty($"{word}_adjacency");
            for (var node = 1; node < 10; node++)
            {
                Assert.Equal(
                    Enumerable.Range(0, node).Select(earlier => adjacency[earlier][node].GetInt32()),
                    Enumerable.Range(0, node).Select(earlier => genotype[$"{cell}/node{node}/input/{earlier}"]));
            }
        }
    }

    [Fact]
    public void A_controller_sets_anchors_anew_for_each_cell()
    {
        var space = Create(("nodes", "2"));
        var controller = new Controller<float>(space, new RandomSource(4), 5, 1, 1.0);

        var genotype = controller.Sample(space, new RandomSource(1));

        Assert.Equal(genotype, space.FromValues(genotype.ToDictionary()));
        Assert.True(controller.Score(space, genotype).LogProbability < 0);
    }

    [Theory]
    [InlineData("0,1:1", "has 1 cells, not 2")]
    [InlineData("0,1:1 0,1", "the reduction cell, '0,1', must be ids and bits")]
    [InlineData("0:1 0,1:1", "the normal cell has 1 ids, not 2")]
    [InlineData("0,10:1 0,1:1", "'10', the id of node 1 of the normal cell")]
    [InlineData("0,1:1.0 0,1:1", "the normal cell has the bits of 2 nodes")]
    [InlineData("0,1:1 0,1:2", "'2', the inputs of node 1 of the reduction cell")]
    public void What_is_wrong_with_a_text_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Create(("nodes", "2")).Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static LayerGraph Build(SearchSpace space, int bit)
    {
        var values = space.Sample(new RandomSource(1)).Decisions.ToDictionary(decision => decision.Name, decision => decision.Choice == Choice.Connection ? bit : decision.Value);
        return space.Build(space.FromValues(values), TaskShape.Cifar10);
    }

    private static IEnumerable<Layer> Named(LayerGraph graph, string start, string end) =>
        graph.Layers.Where(layer => layer.Name.StartsWith(start, StringComparison.Ordinal) && layer.Name.EndsWith(end, StringComparison.Ordinal));

    private static SearchSpace Create(params (string Name, string Value)[] settings) =>
        SearchSpaceCatalog.Create("autodl-design", settings.ToDictionary(setting => setting.Name, setting => setting.Value));

    /// <summary>Counts as the reference's generator steps: once for an id, once for all the bits of a node.</summary>
    private sealed class StepCounter : IChoices
    {
        public int Ids { get; private set; }

        public int Bits { get; private set; }

        public int Steps { get; private set; }

        public int Choose(string name, Choice choice)
        {
            Ids++;
            Steps++;
            return 0;
        }

        public bool[] Connect(string name, int earlierPlaces)
        {
            Bits += earlierPlaces;
            Steps += earlierPlaces > 0 ? 1 : 0;
            return new bool[earlierPlaces];
        }
    }
}
