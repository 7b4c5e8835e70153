using System.Numerics;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Contracts;

namespace NasPlatform.Tests.Spaces;

public sealed class ChainSpaceTests : SearchSpaceContract
{
    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("chain");

    [Fact]
    public void NASRL_K4_15_layers_have_105_skip_bits()
    {
        var genotype = Create(("layers", "15")).Sample(new RandomSource(1));
        var withImage = Create(("layers", "15"), ("image_anchor", "yes")).Sample(new RandomSource(1));
        Assert.Equal(105, genotype.Decisions.Count(decision => decision.Choice == Choice.Connection));
        Assert.Equal(120, withImage.Decisions.Count(decision => decision.Choice == Choice.Connection));
    }

    [Fact]
    public void NASRL_K2_the_depth_schedule_passes_its_limits()
    {
        var space = Create(("grow", "1600"));
        var limits = Enumerable.Range(1, 12_800).Select(proposal => space.At(proposal).Settings["layers"]).Distinct();

        Assert.Equal(["6", "8", "10", "12", "14", "16", "18", "20"], limits);
        Assert.Equal(("6", "8"), (space.At(1600).Settings["layers"], space.At(1601).Settings["layers"]));
    }

    [Fact]
    public void Architectures_of_any_depth_are_read_by_the_space_that_grew()
    {
        var space = Create(("layers", "2"), ("grow", "10"), ("strides", "1"));
        var deeper = space.At(21).Sample(new RandomSource(1));

        Assert.Equal(6, deeper.Decisions.Count(decision => decision.Choice.Kind == "filters"));
        Assert.Equal(deeper, space.FromValues(deeper.ToDictionary()));
        Assert.Equal(deeper, space.Parse(space.Format(deeper)));
        Assert.Equal(6, space.Build(deeper, TaskShape.Cifar10).Layers.Count(layer => layer.Op is Op.Conv2d));
        Assert.Equal(space.At(21).Key(deeper), space.Key(deeper));
        Assert.Equal(8, space.At(31).Mutate(deeper, new RandomSource(2)).Decisions.Count(decision => decision.Choice.Kind == "filters"));
    }

    [Fact]
    public void Max_pooling_stands_at_its_places_and_filters_are_added()
    {
        var space = Create(("layers", "3"), ("pools", "1,3"), ("more_filters", "40"));
        var graph = space.Build(space.Parse("3x3/1x1/24 3x3/1x1/36@1 3x3/1x1/48@2"), TaskShape.Cifar10);

        Assert.Equal(["layer1/pool", "layer3/pool"], graph.Layers.Where(layer => layer.Op is Op.MaxPool).Select(layer => layer.Name));
        Assert.Equal(Shape.Image(88, 8, 8), graph.Layers.Single(layer => layer.Name == "layer3/pool").Shape);
    }

    [Fact]
    public void The_image_as_an_anchor_can_be_joined_with_layers()
    {
        var space = Create(("layers", "2"), ("image_anchor", "yes"));
        var graph = space.Build(space.Parse("3x3/1x1/24@0 3x3/1x1/36@0,1"), TaskShape.Cifar10);

        Assert.Equal(3 + 24, graph.Layers.Single(layer => layer.Name == "layer2/join").Shape.Channels);
        Assert.Equal("3x3/1x1/24@0 3x3/1x1/36@0,1", space.Format(space.Parse("3x3/1x1/24@0 3x3/1x1/36@0,1")));
    }

    [Fact]
    public void NASRL_K6_no_skip_at_all_joins_every_layer_at_the_end_and_previous_layer_bits_give_the_chain()
    {
        var space = Create(("layers", "3"));

        var parallel = space.Build(space.Parse("3x3/1x1/24 3x3/1x1/36 3x3/1x1/48"), TaskShape.Cifar10);
        var chain = space.Build(space.Parse("3x3/1x1/24 3x3/1x1/36@1 3x3/1x1/48@2"), TaskShape.Cifar10);

        Assert.All(parallel.Layers.Where(layer => layer.Op is Op.Conv2d), conv => Assert.IsType<Op.Input>(conv.Inputs[0].Op));
        Assert.Equal(24 + 36 + 48, parallel.Layers.Single(layer => layer.Op is Op.Concat).Shape.Channels);
        Assert.DoesNotContain(chain.Layers, layer => layer.Op is Op.Concat);
        Assert.Equal(48, chain.Output.Inputs[0].Shape.Channels);
    }

    [Fact]
    public void Sizes_are_those_of_the_sheet()
    {
        // search-methods-rl.md §1.2: 64 choices a layer without strides, 576 with, and L(L−1)/2 skip bits.
        Assert.Equal(BigInteger.Pow(64, 6) << 15, Create(("layers", "6"), ("strides", "1")).Size);
        Assert.Equal(BigInteger.Pow(64, 12) << 66, Create(("layers", "12"), ("strides", "1")).Size);
        Assert.Equal(BigInteger.Pow(576, 20) << 190, Create(("layers", "20")).Size);
    }

    [Fact]
    public void Parameters_and_multiply_adds_follow_the_closed_form()
    {
        var space = Create(("layers", "2"));
        var graph = space.Build(space.Parse("3x5/2x1/24 1x7/1x3/36@1"), new TaskShape(3, 32, 32, 10));

        // conv + norm, conv + norm, full layer; outputs 16×32 and 16×11.
        Assert.Equal((24 * 3 * 15) + 48 + (36 * 24 * 7) + 72 + (36 * 10) + 10, graph.Cost.ParameterCount);
        Assert.Equal((24L * 16 * 32 * 3 * 15) + (36L * 16 * 11 * 24 * 7) + 370, graph.Cost.MultiplyAdds);
    }

    [Fact]
    public void Inputs_of_unequal_size_are_padded_to_the_largest_before_they_are_joined()
    {
        var space = Create(("layers", "3"));
        var graph = space.Build(space.Parse("3x3/1x1/24 3x3/3x3/36@1 3x3/1x1/48@1,2"), new TaskShape(1, 28, 28, 10));

        var join = graph.Layers.Single(layer => layer.Name == "layer3/join");
        Assert.Equal(Shape.Image(60, 28, 28), join.Shape);
        Assert.Equal(new Op.Pad(9, 9, 9, 9), join.Inputs[1].Op);
    }

    [Fact]
    public void Order_of_names_does_not_change_the_key_but_the_function_does()
    {
        var space = Create(("layers", "2"));

        var key = space.Key(space.Parse("3x3/1x1/24 3x3/1x1/36@1"));

        Assert.NotEqual(key, space.Key(space.Parse("3x3/1x1/36 3x3/1x1/24@1")));
        Assert.NotEqual(key, space.Key(space.Parse("3x3/1x1/24 3x3/1x1/36")));
    }

    [Theory]
    [InlineData("3x3/1x1/24", "has 1 layers")]
    [InlineData("3x3/1x1/24 2x3/1x1/24", "filter_height 2")]
    [InlineData("3x3/1x1/24 3x3/1x1/24@2", "cannot be fed by layer '2'")]
    [InlineData("3x3/1x1/24 3x3/24", "is not a layer")]
    public void What_is_wrong_with_a_text_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Create(("layers", "2")).Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static SearchSpace Create(params (string Name, string Value)[] settings) =>
        SearchSpaceCatalog.Create("chain", settings.ToDictionary(setting => setting.Name, setting => setting.Value));
}
