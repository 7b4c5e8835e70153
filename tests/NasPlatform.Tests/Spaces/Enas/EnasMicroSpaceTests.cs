using System.Numerics;
using System.Text.Json;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Enas;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Spaces.Enas;

public sealed class EnasMicroSpaceTests : SearchSpaceContract
{
    private static readonly (string, string)[] PaperFinal = [("cells", "15"), ("channels", "36"), ("network", "final")];

    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("enas-micro");

    [Fact]
    public void ENAS_K3_the_printed_size() => Assert.Contains("129,600,000,000", Space.PrintedSize, StringComparison.Ordinal);

    [Fact]
    public void ENAS_K7_size_of_a_cell_is_5062500000000_and_of_both_its_square() => Assert.Equal(BigInteger.Pow(5_062_500_000_000, 2), Space.Size);

    [Fact]
    public void ENAS_K4_an_arc_has_40_numbers() => Assert.Equal(40, Space.Format(Space.Sample(new RandomSource(1))).Split(' ').Length);

    [Theory]
    [InlineData("search", 6, new[] { 2, 5 })]
    [InlineData("final", 15, new[] { 5, 11 })]
    public void ENAS_K5_where_the_reduction_cells_are(string network, int cells, int[] reductions)
    {
        var space = Create(("cells", $"{cells}"), ("network", network));
        var graph = space.Build(space.Sample(new RandomSource(1)), TaskShape.Cifar10);

        var channels = graph.Layers.Where(layer => layer.Op is Op.BatchNorm && layer.Name.StartsWith("layer", StringComparison.Ordinal))
            .GroupBy(layer => layer.Name.Split('/')[0]).Select(group => group.Max(layer => layer.Shape.Channels)).ToList();
        Assert.Equal(cells + 2, channels.Count);
        Assert.Equal(reductions, Enumerable.Range(1, cells + 1).Where(cell => channels[cell] > channels[cell - 1]));
    }

    [Fact]
    public void ENAS_K6_loose_ends_of_the_released_cells()
    {
        var sketches = Space.Sketches(Space.Parse(Space.Published["ENAS-micro"]));

        Assert.Equal([2, 3, 4, 5, 6], Ends(sketches[0]));
        Assert.Equal([2, 4, 5, 6], Ends(sketches[1]));
        Assert.All(sketches[0].Edges.Where(edge => edge.Operation is not null), edge => Assert.InRange(edge.From, 1, 2));

        // Before the places lies what is common to them, and after them the output.
        static IEnumerable<int> Ends(Sketch sketch) => sketch.Edges.Where(edge => edge.To == sketch.Nodes.Length - 1).Select(edge => edge.From - 1);
    }

    [Fact]
    public void ENAS_K8_parameters_and_width_of_the_final_network_of_the_released_cells()
    {
        var space = Create(PaperFinal);
        var graph = space.Build(space.Parse(space.Published["ENAS-micro"]), TaskShape.Cifar10);

        Assert.Equal(3_894_372, graph.Cost.ParameterCount);
        Assert.Equal(Shape.Image(720, 8, 8), graph.Layers.Single(layer => layer.Name == "classifier/pool").Inputs[0].Shape);
        Assert.Equal(494_848, graph.AuxiliaryLayers.Sum(layer => NetworkCost.Of(layer).ParameterCount));
        Assert.StartsWith("layer13/", graph.AuxiliaryLayers[0].Inputs[0].Name, StringComparison.Ordinal);
    }

    [Fact]
    public void ENAS_K8_all_candidates_together_have_the_parameters_of_the_shared_network()
    {
        var candidates =
            from operation in Enumerable.Range(0, 5)
            from place in Enumerable.Range(0, 6)
            select Space.Build(Alike(place, operation), TaskShape.Cifar10);
        Assert.Equal(5_373_140, WeightSharing.ParameterCount(candidates));

        // Every side reads this place, or the last one that it can, by this operation.
        Genotype Alike(int place, int operation) => Space.FromValues(Space.Sample(new RandomSource(1)).Decisions.ToDictionary(
            decision => decision.Name, decision => decision.Choice.Kind == "operation" ? operation : Math.Min(place, decision.Choice.Options.Length - 1)));
    }

    [Fact]
    public void ENAS_K10_entropy_of_a_uniform_policy_is_29_2529_a_cell()
    {
        var decisions = Space.Sample(new RandomSource(1)).Decisions;
        foreach (var cell in new[] { "normal/", "reduction/" })
        {
            Assert.Equal(29.2529, decisions.Where(decision => decision.Name.StartsWith(cell, StringComparison.Ordinal)).Sum(decision => Math.Log(decision.Choice.Options.Length)), 4);
        }
    }

    [Fact]
    public void ENAS_K14_loose_ends_of_the_example_of_a_chain_and_of_a_star()
    {
        // Nodes from 0; the example's tokens are tanh, (1, ReLU), (2, ReLU), (1, tanh).
        Assert.Equal([2, 3], EnasArc.LooseEnds(4, [0, 1, 0]));
        Assert.Equal([11], EnasArc.LooseEnds(12, Enumerable.Range(0, 11)));
        Assert.Equal(Enumerable.Range(1, 11), EnasArc.LooseEnds(12, Enumerable.Repeat(0, 11)));
    }

    [Fact]
    public void A_layer_has_the_same_weights_whatever_else_is_chosen() =>
        WeightSharing.AssertConsistent(Enumerable.Range(0, 20).Select(seed => Space.Build(Space.Sample(new RandomSource((ulong)seed)), TaskShape.Cifar10)));

    [Fact]
    public void The_published_arc_is_that_of_the_released_script()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedData.Require("nas-genotypes/enas-arcs.json")));
        var sequence = document.RootElement.GetProperty("micro").GetProperty("sequence").EnumerateArray().Select(number => number.GetInt32());
        Assert.Equal(string.Join(' ', sequence), Space.Published["ENAS-micro"]);
    }

    [Fact]
    public void Decisions_are_asked_inputs_first_and_written_input_by_operation()
    {
        var space = Create(("nodes", "3"));
        var genotype = space.Parse("0 2 1 4 1 0 0 3");
        Assert.Equal(
            ["normal/node3/x/input=0", "normal/node3/y/input=1", "normal/node3/x/operation=avg_pool_3x3", "normal/node3/y/operation=identity"],
            genotype.Decisions.Take(4).Select(decision => decision.ToString()));
    }

    [Fact]
    public void Drop_path_grows_with_the_depth_and_spares_identities()
    {
        var space = Create(PaperFinal);
        var graph = space.Build(space.Parse(space.Published["ENAS-micro"]), TaskShape.Cifar10);

        var drops = graph.Layers.Where(layer => layer.Op is Op.DropPath).ToList();
        Assert.DoesNotContain(drops, layer => layer.Name.Contains("identity", StringComparison.Ordinal));
        Assert.Equal(0.4 / 17, ((Op.DropPath)drops[0].Op).Probability, 9);
        Assert.Equal(0.4, ((Op.DropPath)drops[^1].Op).Probability, 9);
    }

    [Fact]
    public void An_input_that_no_node_of_a_reduction_cell_reads_is_halved_and_joined()
    {
        var space = Create(("nodes", "3"), ("cells", "1"), ("network", "final"));
        var graph = space.Build(space.Parse("0 4 1 4 0 4 0 4"), TaskShape.Cifar10);

        var joined = graph.Layers.Single(layer => layer.Name == "layer1/output");
        Assert.Equal(Shape.Image(80, 16, 16), joined.Shape);
        Assert.Equal("layer1/output/from2/norm", joined.Inputs[0].Name);
    }

    [Theory]
    [InlineData("0 2 1 4 1 0 0", "it has 7 numbers and needs 8 for 3 nodes")]
    [InlineData("0 2 2 4 1 0 0 3", "number 3, '2', is what node 3 of the normal cell reads and must be a whole number from 0 to 1")]
    [InlineData("0 2 1 4 1 0 0 5", "number 8, '5', is an operation of node 3 of the reduction cell")]
    public void What_is_wrong_with_an_arc_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Create(("nodes", "3")).Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_final_network_is_as_much_larger_as_the_paper_s() =>
        Assert.Equal(("15", "36", "final", "0.4"), (Space.Final.Settings["cells"], Space.Final.Settings["channels"], Space.Final.Settings["network"], Space.Final.Settings["drop_path"]));

    private static SearchSpace Create(params (string Name, string Value)[] settings) =>
        SearchSpaceCatalog.Create("enas-micro", settings.ToDictionary(setting => setting.Name, setting => setting.Value));
}
