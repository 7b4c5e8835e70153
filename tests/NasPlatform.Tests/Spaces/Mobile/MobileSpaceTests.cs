using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Spaces.Mobile;

public sealed class MobileSpaceTests : SearchSpaceContract
{
    private static readonly TaskShape ImageNet = new(3, 224, 224, 1000);

    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("mobile");

    [Theory]
    [InlineData("32")]
    [InlineData("224")]
    public void PROXY_K1_size_of_21_blocks(string resolution)
    {
        var space = Create(("resolution", resolution));
        Assert.Equal(221_502_229_807_900_608, space.Size);
        Assert.Equal((6, 15), (Count(6), Count(7)));

        int Count(int options) => space.Sample(new RandomSource(1)).Decisions.Count(decision => decision.Choice.Options.Length == options);
    }

    [Theory]
    [InlineData("proxyless-gpu", 7_119_848)]
    [InlineData("proxyless-cpu", 4_361_648)]
    [InlineData("proxyless-mobile", 4_080_512)]
    public void A_released_network_has_as_many_parameters_as_its_re_implementation_is_reported_to_have(string name, long parameters)
    {
        // Reported in the table of models of osmr/imgclsmob, which builds them from the released configurations.
        var space = SearchSpaceCatalog.Create("mobile", Space.Presets.Single(preset => preset.Name == name).Settings);
        Assert.Equal(parameters, space.Build(space.Parse(space.Published[name]), ImageNet).Cost.ParameterCount);
    }

    [Fact]
    public void A_block_that_is_left_out_leaves_no_layer_and_one_that_is_not_is_added_to_its_input()
    {
        var graph = Space.Build(Space.Parse(Space.Published["proxyless-gpu"]), TaskShape.Cifar10);

        Assert.DoesNotContain(graph.Layers, layer => layer.Name.StartsWith("block2/", StringComparison.Ordinal));
        Assert.IsType<Op.Add>(graph.Layers.Single(layer => layer.Name == "block8/3x3_MBConv3/sum").Op);
        Assert.DoesNotContain(graph.Layers, layer => layer.Name == "block1/5x5_MBConv3/sum");
    }

    [Fact]
    public void Small_images_become_4_by_4_and_large_ones_7_by_7()
    {
        Assert.Equal(4, Side(Space, TaskShape.Cifar10));
        Assert.Equal(4, Side(Space, new(1, 28, 28, 10)));
        Assert.Equal(7, Side(Create(("resolution", "224")), ImageNet));

        static int Side(SearchSpace space, TaskShape task) => space.Build(space.Sample(new RandomSource(1)), task).Layers.Single(layer => layer.Name == "last/conv").Shape.Height;
    }

    [Theory]
    [InlineData("Zero", "it has 1 blocks, the space has 6")]
    [InlineData("Zero 3x3_MBConv3 3x3_MBConv3 3x3_MBConv3 3x3_MBConv3 3x3_MBConv3", "'Zero', block1, must be one of 3x3_MBConv3,")]
    [InlineData("3x3_MBConv3 3x3_MBConv3 4x4_MBConv3 3x3_MBConv3 3x3_MBConv3 3x3_MBConv3", "'4x4_MBConv3', block3,")]
    public void What_is_wrong_with_a_text_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Create(("cells", "1")).Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_has_the_same_weights_whatever_else_is_chosen() =>
        WeightSharing.AssertConsistent(Enumerable.Range(0, 20).Select(seed => Space.Build(Space.Sample(new RandomSource((ulong)seed)), TaskShape.Cifar10)));

    [Fact]
    public void Widths_for_another_number_of_stages_are_refused() =>
        Assert.Contains("one for each of the 6 stages", Assert.Throws<UserErrorException>(() => Create(("widths", "16,24"))).Message, StringComparison.Ordinal);

    private static SearchSpace Create(params (string Name, string Value)[] settings) =>
        SearchSpaceCatalog.Create("mobile", settings.ToDictionary(setting => setting.Name, setting => setting.Value));
}
