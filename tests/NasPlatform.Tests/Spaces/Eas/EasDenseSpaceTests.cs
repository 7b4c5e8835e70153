using System.Numerics;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Eas;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Spaces.Eas;

public sealed class EasDenseSpaceTests : SearchSpaceContract
{
    protected override SearchSpace Space { get; } = Create();

    protected override bool HasInvalidEncodings => true;

    protected override int Edits(Genotype parent, Genotype child) => EasEdits.Count((EasSpace)Space, parent, child);

    [Fact]
    public void Start_nets_are_DenseNet_BC_of_depth_10_and_40()
    {
        var small = Space.Build(Space.Find("start"), TaskShape.Cifar10);
        var large = Space.Build(Space.Find("start-large"), TaskShape.Cifar10);

        Assert.Equal(10, small.Depth);
        Assert.Equal(40, large.Depth);
        Assert.Equal([8, 12, 6, 10, 5, 9], Channels(small, "stem/conv", "block1/layer1/join", "transition1/conv", "block2/layer1/join", "transition2/conv", "block3/layer1/join"));

        // Layer by layer: the stem, then norm, 1×1 to 16, norm, 3×3 to 4; transitions; the last norm; the classifier.
        var layers = new[] { 8, 6, 5 }.Sum(read => (2 * read) + (16 * read) + 32 + (4 * 16 * 9));
        Assert.Equal((8 * 3 * 9) + layers + (24 + (12 * 6)) + (20 + (10 * 5)) + 18 + 100, small.Cost.ParameterCount);
        Assert.Equal([80, 320, 160, 400, 200, 440], Channels(large, "stem/conv", "block1/layer6/join", "transition1/conv", "block2/layer6/join", "transition2/conv", "block3/layer6/join"));
    }

    [Fact]
    public void Sizes_are_those_of_the_closed_form()
    {
        Assert.Equal(BigInteger.Pow((BigInteger.Pow(23, 21) - 23) / 22, 3), Space.Size);

        var tiny = Create(("growth", "4,6"), ("layers", "2"));
        Assert.Equal(6 * 6 * 6, tiny.Size);
        Assert.Equal(tiny.Size, tiny.Enumerate().Select(genotype => tiny.Format(genotype)).Distinct().Count());
        var one = Create(("growth", "4"), ("layers", "3"));
        Assert.Equal(27, one.Size);
        Assert.Equal(27, one.Enumerate().Count());
    }

    [Theory]
    [InlineData("t_g6_t_g4_t_g4_t")] // more growth, so a wider first convolution and transitions
    [InlineData("t_g4_t_g4_t_g6_t")] // in the last block
    [InlineData("t_g4-g4_t_g4_t_g4_t")] // deeper
    [InlineData("t_g4_t_g4-g4_t_g4_t")]
    [InlineData("t_g4_t_g4_t_g4-g4_t")]
    public void An_edited_network_computes_the_same(string text)
    {
        var space = (EasSpace)Create(("dropout", "0.2"));
        var (parent, child) = (space.Find("start"), space.Parse(text));
        var network = TrainedNetworks.Draw(space.Build(parent, TaskShape.Cifar10));

        var edited = space.Transform(network, parent, child, new RandomSource(1), exact: true);

        Assert.Equal(space.Build(child, TaskShape.Cifar10).Layers.Select(layer => $"{layer}"), edited.Graph.Layers.Select(layer => $"{layer}"));
        TrainedNetworks.AssertSame(network, edited);
    }

    [Fact]
    public void Noise_moves_the_new_layer_and_nothing_else()
    {
        var space = (EasSpace)Space;
        var (parent, child) = (space.Find("start"), space.Parse("t_g4-g4_t_g4_t_g4_t"));
        var network = TrainedNetworks.Draw(space.Build(parent, TaskShape.Cifar10));

        var (exact, noisy) = (space.Transform(network, parent, child, new RandomSource(1), exact: true), space.Transform(network, parent, child, new RandomSource(1)));

        var moved = exact.Weights.Keys.Where(name => !exact.Weights[name].SequenceEqual(noisy.Weights[name]));
        Assert.Equal(["block1.layer2.bottleneck.conv.weight", "block1.layer2.conv.weight"], moved.Where(name => name.StartsWith("block", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_lineage_of_mutations_computes_what_its_first_network_does() =>
        EasEdits.AssertLineage((EasSpace)Space, Space.Find("start"), steps: 15);

    [Fact]
    public void A_layer_that_would_cost_the_first_convolution_a_filter_is_not_put_in()
    {
        // Twice the average: 10 with growths 6, 6, 4, 4; with one more of 4 it would be 9.
        var space = (EasSpace)Space;
        var parent = space.Parse("t_g6-g6_t_g4_t_g4_t");

        Assert.Equal([0, 0], space.Edits(parent).OfType<EasEdit.Deeper>().Select(edit => edit.Block));
        var error = Assert.Throws<UserErrorException>(() => space.EditBetween(parent, space.Parse("t_g6-g6_t_g4-g4_t_g4_t")));
        Assert.Contains("would lose filters", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("g4_t_g4_t_g4", "does not begin with 't_' and end with '_t'")]
    [InlineData("t_g4_t_g4_t", "it has 2 blocks with '_t_' between, not 3")]
    [InlineData("t_g4_t_g4-g5_t_g4_t", "layer 2 of block 2 is 'g5', not 'g' with one of 4, 6")]
    public void What_is_wrong_with_a_text_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Space.Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<int> Channels(LayerGraph graph, params string[] names) => names.Select(name => graph.Layers.Single(layer => layer.Name == name).Shape.Channels);

    private static SearchSpace Create(params (string Name, string Value)[] settings) =>
        SearchSpaceCatalog.Create("eas-dense", settings.ToDictionary(setting => setting.Name, setting => setting.Value));
}
