using System.Numerics;
using System.Text.Json;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Darts;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Spaces;

public sealed class DartsSpaceTests : SearchSpaceContract
{
    private static readonly TaskShape ImageNet = new(3, 224, 224, 1000);

    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("darts");

    private DartsSpace Darts => (DartsSpace)Space;

    [Fact]
    public void DARTS_K1_14_edges_of_8_operations_and_rows_from_0_2_5_9()
    {
        Assert.Equal(14, DartsSpace.Edges(4));
        Assert.Equal(112, DartsSpace.Edges(4) * DartsSpace.MixtureOperations.Length);
        Assert.Equal([0, 2, 5, 9], Enumerable.Range(0, 4).Select(node => DartsSpace.Row(node, 0)));
        Assert.Equal(Enumerable.Range(0, 14), Enumerable.Range(0, 4).SelectMany(node => Enumerable.Range(0, node + 2).Select(place => DartsSpace.Row(node, place))));
    }

    [Fact]
    public void DARTS_K2_1037664180_discrete_cells() => Assert.Equal(BigInteger.Pow(1_037_664_180, 2), Space.Size);

    [Theory]
    [InlineData("DARTS_V2", 3_349_342)]
    [InlineData("DARTS_V1", 3_169_414)]
    [InlineData("NASNet", 3_830_950)]
    [InlineData("AmoebaNet", 3_145_078)]
    public void DARTS_K4_parameters_of_the_cifar_networks(string name, long parameters) =>
        Assert.Equal(parameters, Published(name, "paper-final", TaskShape.Cifar10).Cost.ParameterCount);

    [Theory]
    [InlineData("DARTS_V2", 476_426)]
    [InlineData("DARTS_V1", 476_426)]
    [InlineData("NASNet", 457_994)]
    [InlineData("AmoebaNet", 457_994)]
    public void DARTS_K4_X_K10_parameters_of_the_auxiliary_classifier(string name, long parameters)
    {
        var graph = Published(name, "paper-final", TaskShape.Cifar10);
        Assert.Equal(parameters, graph.AuxiliaryLayers.Sum(layer => NetworkCost.Of(layer).ParameterCount));
        Assert.Equal("cell14/output", graph.AuxiliaryLayers[0].Inputs[0].Name);
    }

    [Theory]
    [InlineData("DARTS_V2", 4_718_752)]
    [InlineData("DARTS_V1", 4_510_432)]
    [InlineData("NASNet", 5_564_320)]
    [InlineData("AmoebaNet", 4_627_360)]
    public void DARTS_K5_parameters_of_the_imagenet_networks(string name, long parameters) =>
        Assert.Equal(parameters, Published(name, "imagenet", ImageNet).Cost.ParameterCount);

    [Theory]
    [InlineData(8, 2, 5)]
    [InlineData(20, 6, 13)]
    [InlineData(14, 4, 9)]
    public void DARTS_K6_where_the_reduction_cells_are(int cells, int first, int second)
    {
        var space = Create(("cells", $"{cells}"));
        var graph = space.Build(space.Sample(new RandomSource(1)), TaskShape.Cifar10);
        var sides = Enumerable.Range(1, cells).Select(cell => graph.Layers.Single(layer => layer.Name == $"cell{cell}/output").Shape.Height).ToList();
        Assert.Equal([first, second], Enumerable.Range(1, cells - 1).Where(cell => sides[cell] < sides[cell - 1]));
    }

    [Fact]
    public void DARTS_K8_equal_weights_give_the_first_places_and_the_first_operation_that_is_not_none()
    {
        var node = "max_pool_3x3@0+max_pool_3x3@1";
        var cell = string.Join(' ', Enumerable.Repeat(node, 4));
        Assert.Equal($"{cell} / {cell}", Space.Format(Darts.Discretise(Equal(), Equal())));
    }

    [Fact]
    public void Discretisation_ranks_edges_by_their_largest_weight_that_is_not_none()
    {
        var weights = Equal();
        // Node 3 (row 5 on) can read places 0 to 3. An edge that none dominates ranks low, however strong none is.
        weights[DartsSpace.Row(2, 0)] = [0.93, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01];
        weights[DartsSpace.Row(2, 1)] = [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.3, 0.1];
        weights[DartsSpace.Row(2, 3)] = [0.02, 0.02, 0.02, 0.9, 0.01, 0.01, 0.01, 0.01];

        var reduction = Space.Format(Darts.Discretise(Equal(), weights)).Split(" / ")[1].Split(' ');

        Assert.Equal("dil_conv_3x3@1+skip_connect@3", reduction[2]);
        Assert.Equal("max_pool_3x3@0+max_pool_3x3@1", reduction[3]);
    }

    [Fact]
    public void Weights_that_stand_for_a_published_cell_give_it_back()
    {
        foreach (var text in Space.Published.Values)
        {
            var cells = text.Split(" / ").Select(Peaked).ToList();
            Assert.Equal(Space.Parse(text), Darts.Discretise(cells[0], cells[1]));
        }

        static double[][] Peaked(string cell)
        {
            var weights = Equal();
            foreach (var (word, node) in cell.Split(' ').Select((word, node) => (word, node)))
            {
                foreach (var branch in word.Split('+'))
                {
                    var (operation, place) = (branch.Split('@')[0], int.Parse(branch.Split('@')[1]));
                    weights[DartsSpace.Row(node, place)] = [.. DartsSpace.MixtureOperations.Select(other => other == operation ? 0.65 : 0.05)];
                }
            }

            return weights;
        }
    }

    [Fact]
    public void Weights_of_another_shape_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Darts.Discretise(Equal()[..13], Equal()));
        Assert.Contains("14 rows of 8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Published_cells_are_those_of_the_shared_data_with_its_parameter_counts()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedData.Require("nas-genotypes/cnn-cells.json")));
        var cells = document.RootElement.EnumerateObject().ToList();
        Assert.Equal(8, cells.Count);
        foreach (var cell in cells)
        {
            var nodes = cell.Value.GetProperty("normal").GetArrayLength() / 2;
            var space = Create(("nodes", $"{nodes}"), ("rules", "any"), ("cells", "20"), ("channels", "36"));
            var genotype = space.Parse(space.Published[cell.Name]);
            Assert.Equal(space.Parse($"{Text("normal")} / {Text("reduce")}"), genotype);
            if (cell.Value.TryGetProperty("params_cifar10_C36_L20", out var parameters))
            {
                Assert.Equal(parameters.GetInt64(), space.Build(genotype, TaskShape.Cifar10).Cost.ParameterCount);
            }

            // The two of a node in the order of their places, as they are written here; equal places keep their order.
            string Text(string kind)
            {
                var branches = cell.Value.GetProperty(kind).EnumerateArray().Select(branch => (Operation: branch[0].GetString(), Place: branch[1].GetInt32()));
                var words = branches.Chunk(2).Select(pair => string.Join('+', pair.OrderBy(branch => branch.Place).Select(branch => $"{branch.Operation}@{branch.Place}")));
                return $"{string.Join(' ', words)} out={string.Join(',', cell.Value.GetProperty($"{kind}_concat").EnumerateArray())}";
            }
        }
    }

    [Fact]
    public void A_node_s_two_branches_can_be_written_in_either_order()
    {
        var space = Create(("nodes", "1"));
        Assert.Equal(space.Parse("skip_connect@0+sep_conv_3x3@1 / avg_pool_3x3@0+dil_conv_5x5@1"), space.Parse("sep_conv_3x3@1+skip_connect@0 / dil_conv_5x5@1+avg_pool_3x3@0"));
    }

    [Fact]
    public void Drop_path_is_the_same_in_every_cell_and_spares_identities()
    {
        var graph = Published("DARTS_V2", "paper-final", TaskShape.Cifar10);
        var drops = graph.Layers.Where(layer => layer.Op is Op.DropPath).ToList();

        Assert.All(drops, layer => Assert.Equal(new Op.DropPath(0.2), layer.Op));
        Assert.All(
            drops.Where(layer => layer.Name.Contains("skip_connect", StringComparison.Ordinal)), layer => Assert.IsType<Op.BatchNorm>(layer.Inputs[0].Op)); // a skip that halves is no identity
        Assert.Contains(drops, layer => layer.Name == "cell1/node2/x/sep_conv_3x3/drop");
        Assert.DoesNotContain(drops, layer => layer.Name.StartsWith("cell1/node4/x/skip_connect", StringComparison.Ordinal));
    }

    [Fact]
    public void The_final_network_is_the_paper_s()
    {
        var final = Space.Final;
        Assert.Equal(("20", "36", "final", "0.2"), (final.Settings["cells"], final.Settings["channels"], final.Settings["network"], final.Settings["drop_path"]));
    }

    [Theory]
    [InlineData("skip_connect@0+skip_connect@0 / skip_connect@0+skip_connect@1", "node 2 of the normal cell, 'skip_connect@0+skip_connect@0', reads one place twice")]
    [InlineData("skip_connect@0+none@1 / skip_connect@0+skip_connect@1", "has the operation 'none', which is not one of max_pool_3x3")]
    [InlineData("skip_connect@0,skip_connect@1 / skip_connect@0+skip_connect@1", "joins its branches")]
    [InlineData("skip_connect@0+skip_connect@1 out=2 / skip_connect@0+skip_connect@1", "cannot be chosen here")]
    public void What_is_wrong_with_a_text_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Create(("nodes", "1")).Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static double[][] Equal() => [.. Enumerable.Range(0, 14).Select(_ => Enumerable.Repeat(1.0 / 8, 8).ToArray())];

    private static LayerGraph Published(string name, string preset, TaskShape task)
    {
        var settings = new Dictionary<string, string>(Create().Presets.Single(known => known.Name == preset).Settings)
        {
            ["nodes"] = name.StartsWith("DARTS", StringComparison.Ordinal) ? "4" : "5",
            ["rules"] = name.StartsWith("DARTS", StringComparison.Ordinal) ? "darts" : "any",
        };
        var space = SearchSpaceCatalog.Create("darts", settings);
        return space.Build(space.Parse(space.Published[name]), task);
    }

    private static SearchSpace Create(params (string Name, string Value)[] settings) =>
        SearchSpaceCatalog.Create("darts", settings.ToDictionary(setting => setting.Name, setting => setting.Value));
}

public sealed class DartsWithoutRulesSpaceTests : SearchSpaceContract
{
    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create(
        "darts", new Dictionary<string, string> { ["nodes"] = "5", ["rules"] = "any", ["cells"] = "4", ["channels"] = "8" });
}
