using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Contracts;

namespace NasPlatform.Tests.Spaces.Mobile;

public sealed class MnasNetSpaceTests : SearchSpaceContract
{
    private static readonly TaskShape ImageNet = new(3, 224, 224, 1000);

    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("mnasnet");

    [Theory]
    [InlineData("MnasNet-B1", 4_383_312, 314_415_872)]
    [InlineData("MnasNet-A1", 3_887_038, 311_579_072)]
    public void MNAS_K2_parameters_and_multiply_adds_of_the_released_networks(string name, long parameters, long multiplyAdds)
    {
        var space = SearchSpaceCatalog.Create("mnasnet", new Dictionary<string, string> { ["resolution"] = "224" });
        var graph = space.Build(space.Parse(space.Published[name]), ImageNet);

        // The published numbers of multiply-adds leave the additions of biases out.
        var biases = graph.Layers.Where(layer => layer.Op is Op.Conv2d { Bias: true } or Op.Linear { Bias: true }).Sum(layer => layer.Shape.Count);
        Assert.Equal((parameters, multiplyAdds), (graph.Cost.ParameterCount, graph.Cost.MultiplyAdds - biases));
    }

    [Fact]
    public void Published_texts_are_written_as_they_are_read() => Assert.All(Space.Published.Values, text => Assert.Equal(text, Space.Format(Space.Parse(text))));

    [Fact]
    public void The_squeeze_has_a_quarter_of_the_block_s_input_and_gates_each_channel()
    {
        var graph = Space.Build(Space.Parse(Space.Published["MnasNet-A1"]), TaskShape.Cifar10);

        // The third block's first layer: 24 filters come in, 72 are gated.
        Assert.Equal(Shape.Vector(6), graph.Layers.Single(layer => layer.Name == "block3/layer1/squeeze/reduce").Shape);
        Assert.Equal(72, graph.Layers.Single(layer => layer.Name == "block3/layer1/squeeze/scale").Shape.Channels);
        Assert.DoesNotContain(graph.Layers, layer => layer.Name.StartsWith("block2/layer1/squeeze", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("r1_k3_s11_e1_i32_o16", "it has 1 blocks, not 7")]
    [InlineData("r1_k3_s22_e1_i32_o16,,,,,,", "'s22' in 'r1_k3_s22_e1_i32_o16', block1, must be 's11'")]
    [InlineData("r1_k3_s11_e1_i32_o16,r1_k3_s22_e6_i24_o24,,,,,", "'i24' in 'r1_k3_s22_e6_i24_o24', block2, must be 'i16'")]
    [InlineData("r1_k3_s11_e1_i32_o17,,,,,,", "filters of block1, must be one of 16, 24")]
    [InlineData("r1_k3_s11_e1_i32_o16_noskip_se0.25,,,,,,", "'se0.25' in 'r1_k3_s11_e1_i32_o16_noskip_se0.25', block1, is not expected there")]
    [InlineData("k3_s11,,,,,,", "must begin with 'r'")]
    public void What_is_wrong_with_a_text_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Space.Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
