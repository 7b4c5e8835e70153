using System.Numerics;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Eas;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Spaces.Eas;

public sealed class EasPlainSpaceTests : SearchSpaceContract
{
    private const string Start = "conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_fc-8";

    protected override SearchSpace Space { get; } = Create();

    protected override bool HasInvalidEncodings => true;

    protected override int Edits(Genotype parent, Genotype child) => EasEdits.Count((EasSpace)Space, parent, child);

    [Fact]
    public void The_released_start_net_has_one_layer_a_block()
    {
        var graph = Space.Build(Space.Find("start"), TaskShape.Cifar10);

        // Convolutions and batch norms of 4 filters, a full layer of 8 with batch norm, the classifier.
        Assert.Equal((4 * 3 * 9) + (3 * 4 * 4 * 9) + (4 * 8) + (8 * 4) + 16 + (8 * 10) + 10, graph.Cost.ParameterCount);
        Assert.Equal(6, graph.Depth);
        Assert.Equal(Shape.Image(4, 4, 4), Net(graph, "block4/layer1/relu").Shape);
        Assert.Equal(Start, Space.Published["start"]);
        Assert.Equal(["start-large"], Create("paper-large").Published.Keys);
    }

    [Fact]
    public void Sizes_are_those_of_the_closed_form()
    {
        // 30 kinds of convolution, 10 of full layers, 1 to 10 of them a block.
        var convs = (BigInteger.Pow(30, 11) - 30) / 29;
        var full = (BigInteger.Pow(10, 11) - 10) / 9;
        Assert.Equal(BigInteger.Pow(convs, 4) * full, Space.Size);

        var tiny = Create(("filters", "4,8"), ("units", "8"), ("kernels", "3"), ("layers", "2"));
        Assert.Equal(6 * 6 * 6 * 6 * 2, tiny.Size);
        Assert.Equal(tiny.Size, tiny.Enumerate().Distinct().Count());
        Assert.Equal(tiny.Size, tiny.Enumerate().Select(genotype => tiny.Format(genotype)).Distinct().Count());
    }

    [Fact]
    public void More_layers_than_the_encoder_reads_are_no_network()
    {
        var block = string.Join('_', Enumerable.Repeat("conv-4-1", 10));
        var full = string.Join('_', Enumerable.Repeat("fc-8", 10));
        var longest = Space.Parse($"{block}_pool_{block}_pool_{block}_pool_{block}_pool_fc-8_fc-8_fc-8_fc-8_fc-8_fc-8");
        var tooLong = Space.Parse($"{block}_pool_{block}_pool_{block}_pool_{block}_pool_{full}");

        Assert.True(Space.IsValid(longest));
        Assert.All(((EasSpace)Space).Edits(longest), edit => Assert.IsType<EasEdit.Wider>(edit));
        Assert.False(Space.IsValid(tooLong));
        var refusal = Assert.Throws<InvalidArchitectureException>(() => Space.Build(tooLong, TaskShape.Cifar10));
        Assert.Contains("54 layers and poolings, and 50 are the most", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EAS_K8_a_layer_at_the_top_level_is_not_widened()
    {
        var space = (EasSpace)Space;
        var edits = space.Edits(Space.Parse("conv-40-3_pool_conv-36-3_pool_conv-40-3_pool_conv-40-3_pool_fc-80")).ToList();

        Assert.Equal([new EasEdit.Wider(1, 0)], edits.OfType<EasEdit.Wider>());
        Assert.Equal((4 * 3) + 1, edits.OfType<EasEdit.Deeper>().Count()); // a kernel of three for each convolution; none for the full layer
    }

    [Theory]
    [InlineData("conv-8-3_pool_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_fc-8")] // wider convolution
    [InlineData("conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_conv-8-3_pool_fc-8")] // before the full layers
    [InlineData("conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_fc-16")] // wider full layer
    [InlineData("conv-4-3_conv-4-5_pool_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_fc-8")] // deeper, 5×5
    [InlineData("conv-4-3_pool_conv-4-3_conv-4-1_pool_conv-4-3_pool_conv-4-3_pool_fc-8")] // deeper, 1×1
    [InlineData("conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_fc-8_fc-8")] // deeper full layer
    public void An_edited_network_computes_the_same(string text)
    {
        var space = (EasSpace)Create(("dropout", "0.2"));
        var (parent, child) = (space.Parse(Start), space.Parse(text));
        var network = TrainedNetworks.Draw(space.Build(parent, TaskShape.Cifar10));

        var edited = space.Transform(network, parent, child, new RandomSource(1), exact: true);

        Assert.Equal(space.Build(child, TaskShape.Cifar10).Layers.Select(layer => $"{layer}"), edited.Graph.Layers.Select(layer => $"{layer}"));
        TrainedNetworks.AssertSame(network, edited);
    }

    [Fact]
    public void A_lineage_of_mutations_computes_what_its_first_network_does() =>
        EasEdits.AssertLineage((EasSpace)Space, Space.Find("start"), steps: 25);

    [Fact]
    public void Layers_after_a_new_one_keep_their_weights()
    {
        var space = (EasSpace)Space;
        var (parent, child) = (space.Parse(Start.Replace("conv-4-3_pool_fc", "conv-4-3_conv-8-5_pool_fc")), space.Parse(Start.Replace("conv-4-3_pool_fc", "conv-4-3_conv-4-1_conv-8-5_pool_fc")));
        var network = TrainedNetworks.Draw(space.Build(parent, TaskShape.Cifar10));

        var edited = space.Transform(network, parent, child, new RandomSource(1), exact: true);

        Assert.Equal(network.Weights["block4.layer2.conv.weight"], edited.Weights["block4.layer3.conv.weight"]);
        Assert.Equal(network.Weights["block4.layer1.conv.weight"], edited.Weights["block4.layer1.conv.weight"]);
        Assert.Equal(16, edited.Weights["block4.layer2.conv.weight"].Length);
    }

    [Fact]
    public void With_a_batch_of_data_the_new_batch_norm_begins_as_the_identity_in_training_too()
    {
        using var scope = NewDisposeScope();
        var space = (EasSpace)Space;
        var (parent, child) = (space.Parse(Start), space.Parse(Start.Replace("pool_fc-8", "pool_fc-8_fc-8")));
        var network = TrainedNetworks.Draw(space.Build(parent, TaskShape.Cifar10));
        var images = rand(64, 3, 32, 32, generator: new Generator(12));

        var edited = space.Transform(network, parent, child, new RandomSource(1), exact: true, images);

        var statistics = ChannelStatistics.Of(network, "block5/layer1/relu", images);
        Assert.Equal(statistics.Mean, edited.Weights["block5.layer2.norm.running_mean"]);
        Assert.Equal(statistics.Mean, edited.Weights["block5.layer2.norm.bias"]);
        TrainedNetworks.AssertSame(network, edited);
    }

    [Fact]
    public void Noise_moves_what_is_new_and_nothing_else()
    {
        var space = (EasSpace)Space;
        var (parent, child) = (space.Parse(Start), space.Parse("conv-4-3_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_fc-8"));
        var network = TrainedNetworks.Draw(space.Build(parent, TaskShape.Cifar10));

        var (exact, noisy) = (space.Transform(network, parent, child, new RandomSource(1), exact: true), space.Transform(network, parent, child, new RandomSource(1)));

        Assert.Equal(["block1.layer2.conv.weight"], exact.Weights.Keys.Where(name => !exact.Weights[name].SequenceEqual(noisy.Weights[name])));
        Assert.All(exact.Weights["block1.layer2.conv.weight"].Zip(noisy.Weights["block1.layer2.conv.weight"]), pair => Assert.Equal(pair.First, pair.Second, 2e-3f));
    }

    [Theory]
    [InlineData(Start, "they are the same")]
    [InlineData("conv-4-5_pool_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_fc-8", "layer 1 of block 1 has another kernel")]
    [InlineData("conv-12-3_pool_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_fc-8", "layer 1 of block 1 is wider by more than one level")]
    [InlineData("conv-8-3_pool_conv-8-3_pool_conv-4-3_pool_conv-4-3_pool_fc-8", "blocks 1 and 2 differ")]
    [InlineData("conv-4-3_conv-4-3_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_fc-8", "block 1 has 2 more layers")]
    [InlineData("conv-4-3_conv-8-3_pool_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_fc-8", "the new layer of block 1 does not follow one of its width")]
    public void What_is_not_one_edit_away_is_refused_with_the_reason(string child, string reason)
    {
        var space = (EasSpace)Space;
        var error = Assert.Throws<UserErrorException>(() => space.EditBetween(space.Parse(Start), space.Parse(child)));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_went_back_and_whose_network_it_is_not_is_refused()
    {
        var space = (EasSpace)Space;
        var (small, wide, deep) = (space.Parse(Start), space.Parse(Start.Replace("fc-8", "fc-16")), space.Parse(Start.Replace("fc-8", "fc-8_fc-8")));

        Assert.Contains("is narrower", Assert.Throws<UserErrorException>(() => space.EditBetween(wide, small)).Message, StringComparison.Ordinal);
        Assert.Contains("has fewer layers", Assert.Throws<UserErrorException>(() => space.EditBetween(deep, small)).Message, StringComparison.Ordinal);
        var network = TrainedNetworks.Draw(space.Build(small, TaskShape.Cifar10));
        var error = Assert.Throws<UserErrorException>(() => space.Transform(network, wide, space.Apply(wide, new EasEdit.Wider(0, 0)), new RandomSource(1)));
        Assert.Contains("the network is not that of", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("conv-4-3_pool_fc-8", "it has 2 blocks with '_pool_' between, not 5")]
    [InlineData("conv-4-3_conv-5-3_pool_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_fc-8", "layer 2 of block 1 is 'conv-5-3', not 'conv-' with one of 4, 8")]
    [InlineData("conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_conv-4-3", "layer 1 of block 5 is 'conv-4-3', not 'fc-'")]
    [InlineData("conv-4-3_pool_conv-4_pool_conv-4-3_pool_conv-4-3_pool_fc-8", "layer 1 of block 2 is 'conv-4'")]
    public void What_is_wrong_with_a_text_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Space.Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_layers_of_a_block_and_an_even_kernel_are_named()
    {
        var small = Create("small");
        var error = Assert.Throws<UserErrorException>(() => small.Parse("conv-4-3_conv-4-3_conv-4-3_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_conv-4-3_pool_fc-8"));
        Assert.Contains("block 1 has 4 layers, and 3 are the most", error.Message, StringComparison.Ordinal);
        Assert.Contains("kernel side 2 is even", Assert.Throws<UserErrorException>(() => Create(("kernels", "1,2"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encodings_are_as_long_for_every_architecture()
    {
        var random = new RandomSource(1);
        var start = Space.Encode(Space.Find("start"));
        Assert.Equal((4 * 10 * 13) + (10 * 10), start.Length);
        Assert.Equal(9, start.Sum()); // a width a layer, and a kernel a convolution
        Assert.Equal(start.Length, Space.Encode(Space.Sample(random)).Length);
    }

    private static Layer Net(LayerGraph graph, string name) => graph.Layers.Single(layer => layer.Name == name);

    private static SearchSpace Create(params (string Name, string Value)[] settings) =>
        SearchSpaceCatalog.Create("eas-plain", settings.ToDictionary(setting => setting.Name, setting => setting.Value));

    private static SearchSpace Create(string preset) => SearchSpaceCatalog.Create("eas-plain", Create().Presets.Single(known => known.Name == preset).Settings);
}
