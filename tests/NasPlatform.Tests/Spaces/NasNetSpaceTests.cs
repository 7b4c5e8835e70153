using System.Numerics;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Contracts;

namespace NasPlatform.Tests.Spaces;

public sealed class NasNetSpaceTests : SearchSpaceContract
{
    private static readonly TaskShape ImageNet = new(3, 224, 224, 1000);

    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("nasnet");

    [Fact]
    public void NASNET_K1_50_decisions_for_two_cells() => Assert.Equal(50, Space.Sample(new RandomSource(1)).Decisions.Length);

    [Fact]
    public void Size_is_that_of_the_sheet()
    {
        // search-methods-rl.md §2.2: 720 ways to choose each of the two inputs, 13² · 2 for operations and combination in each of five nodes.
        var cell = BigInteger.Pow(720, 2) * BigInteger.Pow(13 * 13 * 2, 5);
        Assert.Equal(cell * cell, Space.Size);
        Assert.Equal(5.2299e36, (double)Space.Size, 1e32);
    }

    [Theory]
    [InlineData(32, 768)]
    [InlineData(44, 1056)]
    [InlineData(96, 2304)]
    [InlineData(168, 4032)]
    public void NASNET_K2_channels_before_the_classifier(int filters, int channels)
    {
        var graph = NasNetA(TaskShape.Cifar10, ("repeats", "1"), ("filters", $"{filters}"));
        Assert.Equal(channels, graph.Layers.Single(layer => layer.Name == "classifier/pool").Shape.Channels);
    }

    [Theory]
    [InlineData(6, 7, 14)]
    [InlineData(4, 5, 10)]
    public void NASNET_K3_reductions_after_a_third_and_two_thirds_of_the_normal_cells(int repeats, int first, int second)
    {
        // Numbered with the reduction cells: after 6 and 12 normal cells stand cells 7 and 14.
        var graph = NasNetA(TaskShape.Cifar10, ("repeats", $"{repeats}"));
        var sides = Enumerable.Range(1, (3 * repeats) + 2).Select(cell => graph.Layers.Single(layer => layer.Name == $"cell{cell}/output").Shape.Height).ToList();
        Assert.Equal([first, second], Enumerable.Range(2, sides.Count - 1).Where(cell => sides[cell - 1] < sides[cell - 2]));
    }

    [Fact]
    public void NASNET_K4_parameters_of_the_mobile_imagenet_network()
    {
        var space = Preset("imagenet-mobile");
        var graph = space.Build(space.Parse(space.Published["NASNet-A"]), ImageNet);
        Assert.Equal(5_289_978, graph.Cost.ParameterCount);
        Assert.Equal(5_326_716, WithStatistics(graph));
    }

    [Fact]
    public void NASNET_K4_parameters_of_the_large_imagenet_network()
    {
        var space = Preset("imagenet-large");
        var graph = space.Build(space.Parse(space.Published["NASNet-A"]), ImageNet with { Height = 331, Width = 331 });
        Assert.Equal(88_753_150, graph.Cost.ParameterCount);
        Assert.Equal(88_949_818, WithStatistics(graph));
    }

    [Theory]
    [InlineData(6, 32, 3_346_538)]
    [InlineData(4, 44, 4_264_798)]
    [InlineData(6, 64, 12_751_050)]
    [InlineData(2, 32, 1_294_698)]
    public void NASNET_K5_parameters_of_the_cifar_networks(int repeats, int filters, long parameters) =>
        Assert.Equal(parameters, NasNetA(TaskShape.Cifar10, ("repeats", $"{repeats}"), ("filters", $"{filters}")).Cost.ParameterCount);

    [Fact]
    public void NASNET_K7_what_the_released_cells_give_out_is_not_what_is_unread()
    {
        var space = Preset("small-released");
        var released = space.Parse(space.Published["NASNet-A"]);
        var unread = space.Parse(string.Join(' ', space.Published["NASNet-A"].Split(' ').Where(word => !word.StartsWith("out=", StringComparison.Ordinal))));

        Assert.Equal([1, 2, 3, 4, 5, 6], Ends(space.Sketches(released)[0]));
        Assert.Equal([3, 4, 5, 6], Ends(space.Sketches(released)[1]));
        Assert.Equal([2, 3, 4, 5, 6], Ends(space.Sketches(unread)[0]));
        Assert.Equal([4, 5, 6], Ends(space.Sketches(unread)[1]));
        Assert.NotEqual(space.Key(released), space.Key(unread));
    }

    [Fact]
    public void EVO_K3_what_amoebanet_a_gives_out()
    {
        var space = Preset("amoebanet");
        var sketches = space.Sketches(space.Parse(space.Published["AmoebaNet-A"]));
        var graph = space.Build(space.Parse(space.Published["AmoebaNet-A"]), TaskShape.Cifar10);

        Assert.Equal([1, 3, 4, 6], Ends(sketches[0]));
        Assert.Equal([2, 3, 4, 5, 6], Ends(sketches[1]));
        Assert.Equal(4 * 36, graph.Layers.Single(layer => layer.Name == "cell1/output").Shape.Channels);
        Assert.Equal(5 * 72, graph.Layers.Single(layer => layer.Name == "cell7/output").Shape.Channels);
    }

    [Fact]
    public void NASNET_K9_drop_path_grows_with_depth_and_training_and_spares_identities()
    {
        var space = Preset("paper-final");
        var graph = space.Build(space.Parse(space.Published["NASNet-A"]), TaskShape.Cifar10);
        var drops = graph.Layers.Where(layer => layer.Op is Op.DropPath).ToList();

        Assert.Equal(20, graph.Layers.Count(layer => layer.Name.Split('/') is [_, "output"]));
        Assert.All(drops.Where(layer => layer.Name.StartsWith("cell10/", StringComparison.Ordinal)), layer => Assert.Equal(0.90, 1 - (0.5 * ((Op.DropPath)layer.Op).Probability), 9));
        Assert.Equal(0.4, ((Op.DropPath)drops[^1].Op).Probability, 9);
        Assert.DoesNotContain(drops, layer => layer.Name.Contains("identity", StringComparison.Ordinal));
    }

    [Fact]
    public void The_auxiliary_classifier_reads_the_cell_before_the_second_reduction_cell()
    {
        var graph = NasNetA(TaskShape.Cifar10, ("repeats", "2"), ("network", "final"));
        Assert.Equal("cell5/output", graph.AuxiliaryLayers[0].Inputs[0].Name);
        Assert.Equal(new Extent(4, 4), ((Op.Conv2d)graph.AuxiliaryLayers.Single(layer => layer.Name == "auxiliary/whole/conv").Op).Kernel);
        Assert.Empty(NasNetA(TaskShape.Cifar10).AuxiliaryLayers);
    }

    [Fact]
    public void NASNET_K10_the_first_cell_reads_the_stem_in_place_of_an_older_output()
    {
        var graph = NasNetA(TaskShape.Cifar10, ("repeats", "1"), ("filters", "32"));

        // The identity, the two average pools that read it and what the cell gives out bring 96 channels to 32; later cells need none of that.
        Assert.Equal(
            [
                "cell1/newer/conv", "cell1/node4/y/identity/conv", "cell1/node5/x/avg_pool_3x3/conv", "cell1/node5/y/avg_pool_3x3/conv", "cell1/output/from1/conv",
            ],
            graph.Layers.Where(layer => layer.Name.StartsWith("cell1/", StringComparison.Ordinal) && layer.Op is Op.Conv2d { Kernel: { Height: 1, Width: 1 }, Groups: 1 }
                && !layer.Name.Contains("sep_conv", StringComparison.Ordinal)).Select(layer => layer.Name).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(graph.Layers, layer => layer.Name == "cell1/older/conv");
        Assert.Contains(graph.Layers, layer => layer.Name == "cell2/older/conv");
    }

    [Fact]
    public void Only_what_reads_an_input_of_a_reduction_cell_strides()
    {
        var graph = NasNetA(TaskShape.Cifar10, ("repeats", "1"));
        var strided = graph.Layers.Where(layer => layer.Name.StartsWith("cell2/node", StringComparison.Ordinal)
            && layer.Op is Op.Conv2d { Stride.Height: 2 } or Op.MaxPool { Stride.Height: 2 } or Op.AvgPool { Stride.Height: 2 });
        Assert.Equal(["node2", "node3", "node4", "node6"], strided.Select(layer => layer.Name.Split('/')[1]).Where(part => part.StartsWith("node", StringComparison.Ordinal)).Distinct().Order());
    }

    [Fact]
    public void Skipping_the_reduction_s_input_changes_the_network_and_not_its_size()
    {
        var plain = NasNetA(TaskShape.Cifar10, ("repeats", "2"));
        var skipping = NasNetA(TaskShape.Cifar10, ("repeats", "2"), ("skip_reduction_input", "yes"));
        Assert.Equal(plain.Cost.ParameterCount, skipping.Cost.ParameterCount);
        Assert.NotEqual(ArchitectureKey.Of(plain), ArchitectureKey.Of(skipping));
        Assert.Equal("cell2/output", Before(plain));
        Assert.Equal("cell1/output", Before(skipping));

        static string Before(LayerGraph graph) => graph.Layers.Single(layer => layer.Name == "cell4/older/relu").Inputs[0].Name;
    }

    [Fact]
    public void A_joined_node_has_twice_the_filters_and_is_brought_back_by_what_reads_it()
    {
        var space = Create(("nodes", "2"), ("repeats", "1"));
        var graph = space.Build(space.Parse("max_pool_3x3@0,conv_3x3@1 identity@2+conv_1x1@2 / identity@0+identity@1 conv_3x3@0,conv_3x3@1"), TaskShape.Cifar10);

        Assert.Equal(16, graph.Layers.Single(layer => layer.Name == "cell1/node2/join").Shape.Channels);
        Assert.Equal(8, graph.Layers.Single(layer => layer.Name == "cell1/node3/x/identity/norm").Shape.Channels);
        Assert.Equal(Shape.Image(32, 16, 16), graph.Layers.Single(layer => layer.Name == "cell2/output").Shape);
    }

    [Fact]
    public void Bottlenecks_work_on_a_quarter_of_the_filters_and_on_three_eighths_for_one_by_three()
    {
        var space = Create(("nodes", "1"), ("repeats", "1"), ("filters", "16"), ("convolutions", "bottleneck"));
        var graph = space.Build(space.Parse("conv_1x7_7x1@0+conv_1x3_3x1@1 / conv_3x3@0+conv_1x1@1"), TaskShape.Cifar10);

        Assert.Equal(4, graph.Layers.Single(layer => layer.Name == "cell1/node2/x/conv_1x7_7x1/down/conv").Shape.Channels);
        Assert.Equal(6, graph.Layers.Single(layer => layer.Name == "cell1/node2/y/conv_1x3_3x1/down/conv").Shape.Channels);
        Assert.Equal(new Op.Conv2d(8, 3, 2, 1, 1, 1, Bias: false), graph.Layers.Single(layer => layer.Name == "cell2/node2/x/conv_3x3/conv").Op);
    }

    [Theory]
    [InlineData(28)]
    [InlineData(30)]
    public void The_window_of_two_keeps_and_halves_sizes_as_the_others_do(int side)
    {
        var space = Create(("nodes", "1"), ("repeats", "1"), ("operations", "all"));
        var graph = space.Build(space.Parse("max_pool_2x2@0+max_pool_3x3@1 / max_pool_2x2@0+max_pool_3x3@1"), new(1, side, side, 7));
        Assert.Equal(((side / 2) + 1) / 2, graph.Layers.Single(layer => layer.Name == "classifier/pool").Inputs[0].Shape.Height);
    }

    [Fact]
    public void An_odd_number_of_filters_in_the_mobile_stem_can_be_halved()
    {
        var space = Create(("nodes", "1"), ("repeats", "1"), ("filters", "44"), ("stem", "imagenet"), ("stem_multiplier", "1"));
        var graph = space.Build(space.Parse("identity@0+identity@0 / identity@0+identity@0"), ImageNet);
        Assert.Equal(22, graph.Layers.Single(layer => layer.Name == "cell1/output").Shape.Channels);
    }

    [Fact]
    public void The_final_network_is_the_paper_s()
    {
        var final = Preset("paper-search").Final;
        Assert.Equal(("6", "32", "final", "0.4"), (final.Settings["repeats"], final.Settings["filters"], final.Settings["network"], final.Settings["drop_path"]));
    }

    [Theory]
    [InlineData("identity@0+identity@1", "it has 1 cells and needs a normal and a reduction cell")]
    [InlineData("identity@0+identity@1 / identity@0+identity@1 identity@0+identity@1", "the reduction cell has 2 nodes and needs 1")]
    [InlineData("identity@0 / identity@0+identity@1", "node 2 of the normal cell, 'identity@0', needs two branches")]
    [InlineData("identity@0+conv_9x9@1 / identity@0+identity@1", "has the operation 'conv_9x9', which is not one of identity")]
    [InlineData("identity@0+identity@1 / identity@0+identity@2", "node 2 of the reduction cell, 'identity@0+identity@2', reads place '2' and can read 0 to 1")]
    [InlineData("identity@0+identity / identity@0+identity@1", "has the branch 'identity', which is no operation@place")]
    [InlineData("identity@0+identity@1 out=2 / identity@0+identity@1", "what a cell gives out cannot be chosen here")]
    public void What_is_wrong_with_a_text_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Create(("nodes", "1")).Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("identity@0+identity@1 out=0 / identity@0+identity@1", "without its last node, 2")]
    [InlineData("identity@0+identity@1 out=0,0,2 / identity@0+identity@1", "gives out place '0'")]
    [InlineData("identity@0,identity@1 / identity@0+identity@1", "joins its branches, which are always added here")]
    public void What_is_wrong_with_a_released_cell_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Create(("nodes", "1"), ("cells", "released")).Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stem_of_cells_needs_filters_that_can_be_quartered()
    {
        var error = Assert.Throws<UserErrorException>(() => Create(("stem", "imagenet"), ("filters", "18")));
        Assert.Contains("multiple of 4", error.Message, StringComparison.Ordinal);
    }

    // Before the places lies what is common to them, and after them the output.
    private static IEnumerable<int> Ends(Sketch sketch) => sketch.Edges.Where(edge => edge.To == sketch.Nodes.Length - 1).Select(edge => edge.From - 1);

    private static long WithStatistics(LayerGraph graph) =>
        graph.Cost.ParameterCount + graph.Layers.Where(layer => layer.Op is Op.BatchNorm).Sum(layer => 2L * layer.Shape.Channels);

    private static LayerGraph NasNetA(TaskShape task, params (string Name, string Value)[] settings)
    {
        var space = Create([("cells", "released"), .. settings]);
        return space.Build(space.Parse(space.Published["NASNet-A"]), task);
    }

    private static SearchSpace Preset(string name) => SearchSpaceCatalog.Create("nasnet", Create().Presets.Single(preset => preset.Name == name).Settings);

    private static SearchSpace Create(params (string Name, string Value)[] settings) =>
        SearchSpaceCatalog.Create("nasnet", settings.ToDictionary(setting => setting.Name, setting => setting.Value));
}

public sealed class NasNetReleasedSpaceTests : SearchSpaceContract
{
    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create(
        "nasnet", new Dictionary<string, string> { ["cells"] = "released", ["operations"] = "all", ["repeats"] = "1", ["convolutions"] = "bottleneck" });
}
