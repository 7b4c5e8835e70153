using System.Numerics;
using System.Text.Json;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Enas;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Spaces.Enas;

public sealed class EnasRecurrentSpaceTests : SearchSpaceContract
{
    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("enas-rnn", new Dictionary<string, string> { ["hidden"] = "40" });

    protected override TaskShape Small => TaskShape.Text(4, 20);

    [Fact]
    public void ENAS_K2_sizes_as_printed_and_as_counted()
    {
        Assert.Equal(new BigInteger(669_692_775_628_800), Space.Size);
        Assert.Equal("4^N·N! = 8,036,313,307,545,600 for N = 12", Space.PrintedSize);
    }

    [Fact]
    public void ENAS_K4_K12_the_released_arc_has_23_numbers()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedData.Require("nas-genotypes/enas-arcs.json")));
        var ptb = document.RootElement.GetProperty("ptb");
        var arc = string.Join(' ', ptb.GetProperty("sequence").EnumerateArray().Select(number => number.GetInt32()));
        Assert.Equal("0 0 0 1 1 2 1 2 0 2 0 5 1 1 0 6 1 8 1 8 1 8 1", arc);
        Assert.Equal(arc, Space.Published["ENAS-PTB"]);
        Assert.Equal(23, arc.Split(' ').Length);
        Assert.Equal(arc, Space.Format(Space.Parse(arc)));
        Assert.Equal(ptb.GetProperty("settings").GetProperty("depth").GetInt32(), int.Parse(Space.Settings["nodes"]));
        Assert.Equal($"{ptb.GetProperty("settings").GetProperty("hidden").GetInt32()}", Create(("network", "final")).Settings["hidden"]);
    }

    [Theory]
    [InlineData("0 0 1 1 1 0 0", "node3 node4")] // the paper's example
    [InlineData("0 0 0 1 0 2 0", "node4")] // a chain
    [InlineData("0 0 0 0 0 0 0", "node2 node3 node4")] // a star
    public void ENAS_K14_loose_ends(string arc, string ends)
    {
        var output = Cell(arc, ("nodes", "4")).Output;
        Assert.Equal(ends, output.Op is Op.Mean ? string.Join(' ', output.Inputs.Select(layer => layer.Name)) : output.Name);
        Assert.Equal(ends, string.Join(' ', EnasArc.LooseEnds(4, arc.Split(' ').Skip(1).Where((_, place) => place % 2 == 0).Select(int.Parse)).Select(place => $"node{place + 1}")));
    }

    [Fact]
    public void Each_ordered_pair_of_nodes_has_one_matrix_for_gate_and_value()
    {
        var cell = Cell("0 0 1 1 1 0 0", ("nodes", "4"));
        Assert.Equal(
            ["node1.input.weight", "node1.state.weight", "node2.from1.weight", "node3.from2.weight", "node4.from1.weight"], cell.Layers.SelectMany(WeightSpec.Of).Select(spec => spec.Name));
        Assert.All(cell.Layers.SelectMany(WeightSpec.Of), spec => Assert.Equal([80, 40], spec.Shape));

        // Whatever the functions.
        Assert.Equal(
            cell.Layers.SelectMany(WeightSpec.Of).Select(spec => spec.Name), Cell("3 0 2 1 3 0 1", ("nodes", "4")).Layers.SelectMany(WeightSpec.Of).Select(spec => spec.Name));
    }

    [Fact]
    public void The_corrected_variant_has_a_fixed_first_node_and_the_mean_of_all_others()
    {
        var space = Create(("variant", "google-research"), ("nodes", "4"), ("hidden", "40"));
        Assert.Equal(new BigInteger(4 * 4 * 4 * 6), space.Size);
        var cell = Cell("0 2 0 1 1 3", ("variant", "google-research"), ("nodes", "4"));
        Assert.Equal(["node2", "node3", "node4"], cell.Output.Inputs.Select(layer => layer.Name));
        Assert.Equal(ActivationKind.Tanh, ((Op.Activation)cell.Layers.Single(layer => layer.Name == "node1/tanh").Op).Kind);
        Assert.Contains(cell.Layers, layer => layer.Name == "node2/sigmoid"); // its third function
        Assert.DoesNotContain(cell.Layers, layer => layer.Name == "node4/identity"); // its fourth does nothing
    }

    [Fact]
    public void The_state_s_mask_is_one_for_all_nodes()
    {
        var cell = Cell("0 0 1 1 1 0 0", ("nodes", "4"));
        var drops = cell.Layers.Where(layer => layer.Op is Op.Dropout).ToList();
        Assert.Equal(["x/dropout", "h/dropout", "node1/dropout", "node2/dropout"], drops.Select(layer => layer.Name));
        Assert.All(drops.Skip(1), layer => Assert.Equal(new Op.Dropout(0.25, Mask: "h"), layer.Op));
    }

    [Theory]
    [InlineData("0 0 1 1 1 0", "it has 6 numbers and needs 7 for 4 nodes")]
    [InlineData("0 0 1 2 1 0 0", "number 4, '2', is what node 3 reads and must be a whole number from 0 to 1")]
    [InlineData("0 0 4 1 1 0 0", "number 3, '4', is the function of node 2 and must be a whole number from 0 to 3")]
    public void What_is_wrong_with_an_arc_is_said(string arc, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Create(("nodes", "4")).Parse(arc));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static RecurrentCell Cell(string arc, params (string Name, string Value)[] settings)
    {
        var space = Create([("hidden", "40"), .. settings]);
        return ((Op.Recurrent)space.Build(space.Parse(arc), TaskShape.Text(4, 20)).Layers.Single(layer => layer.Op is Op.Recurrent).Op).Cell;
    }

    private static SearchSpace Create(params (string Name, string Value)[] settings) =>
        SearchSpaceCatalog.Create("enas-rnn", settings.ToDictionary(setting => setting.Name, setting => setting.Value));
}

public sealed class EnasCorrectedRecurrentSpaceTests : SearchSpaceContract
{
    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("enas-rnn", new Dictionary<string, string> { ["variant"] = "google-research", ["nodes"] = "10", ["hidden"] = "12" });

    protected override TaskShape Small => TaskShape.Forecast(3, 8, 6);
}
