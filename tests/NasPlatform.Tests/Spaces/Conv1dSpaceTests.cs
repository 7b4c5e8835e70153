using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Contracts;

namespace NasPlatform.Tests.Spaces;

public sealed class Conv1dSpaceTests : SearchSpaceContract
{
    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("conv1d");

    protected override TaskShape Small { get; } = TaskShape.Series(3, 24, 4);

    /// <summary>Another number of layers is one edit, whatever it makes necessary.</summary>
    protected override int Edits(Genotype parent, Genotype child)
    {
        var before = parent.ToDictionary();
        return child.Decisions.Count(decision => before.TryGetValue(decision.Name, out var value) && value != decision.Value);
    }

    [Fact]
    public void Its_size_is_what_enumeration_counts()
    {
        var space = SearchSpaceCatalog.Create("conv1d", new Dictionary<string, string> { ["layers"] = "2", ["kernels"] = "3", ["filters"] = "4,8", ["strides"] = "1,2" });
        Assert.Equal(2 * 2 * (12 + 144), space.Size);
        Assert.Equal(2 * 2 * (12 + 144), space.Enumerate().Distinct().Count());
    }

    [Fact]
    public void Parameters_are_those_of_the_closed_form_and_a_layer_that_keeps_the_shape_adds_its_input()
    {
        var graph = Space.Build(Space.Parse("conv/5/32/2 dilated/3/32/1 separable/9/16/1 head=mean linear=no"), TaskShape.Series(6, 100, 4));
        Assert.Equal((5 * 6 * 32) + 64 + (3 * 32 * 32) + 64 + (9 * 32) + (32 * 16) + 32 + (16 * 4) + 4, graph.Cost.ParameterCount);
        Assert.Equal(["layer2/add"], graph.Layers.Where(layer => layer.Op is Op.Add).Select(layer => layer.Name));
        Assert.Equal(Shape.Image(16, 1, 50), graph.Layers.Single(layer => layer.Name == "layer3/relu").Shape);
    }

    [Fact]
    public void A_head_that_takes_all_steps_keeps_their_places()
    {
        var graph = Space.Build(Space.Parse("conv/3/16/2 head=all linear=no"), TaskShape.Forecast(7, 96, 24));
        Assert.Equal(Shape.Vector(16 * 48), graph.Layers.Single(layer => layer.Name == "output/vector").Shape);
        Assert.Equal(Shape.Vector(24), graph.Output.Shape);
    }

    [Fact]
    public void A_linear_part_reads_the_whole_series()
    {
        var task = TaskShape.Forecast(7, 96, 24);
        var without = Space.Build(Space.Parse("conv/3/16/2 head=mean linear=no"), task);
        var with = Space.Build(Space.Parse("conv/3/16/2 head=mean linear=yes"), task);
        Assert.Equal(without.Cost.ParameterCount + (7 * 96 * 24), with.Cost.ParameterCount);
    }

    [Theory]
    [InlineData("conv/3/16/1", "its last words must be 'head='")]
    [InlineData("conv/3/16 head=mean linear=no", "layer 1, 'conv/3/16', is not <operation>/<kernel>/<filters>/<stride>")]
    [InlineData("conv/3/16/1 pool/3/16/1 head=mean linear=no", "the operation of layer 2 is 'pool', which is not one of conv, dilated, separable")]
    [InlineData("conv/4/16/1 head=mean linear=no", "the kernel of layer 1 is '4'")]
    public void A_malformed_text_says_where(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<UserErrorException>(() => Space.Parse(text)).Message, StringComparison.Ordinal);
}
