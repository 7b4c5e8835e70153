using System.Numerics;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Contracts;

namespace NasPlatform.Tests.Spaces;

public sealed class MlpSpaceTests : SearchSpaceContract
{
    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("mlp");

    protected override TaskShape Small { get; } = TaskShape.Table(5, 3);

    /// <summary>Another number of layers is one edit, whatever it makes necessary.</summary>
    protected override int Edits(Genotype parent, Genotype child)
    {
        var before = parent.ToDictionary();
        return child.Decisions.Count(decision => before.TryGetValue(decision.Name, out var value) && value != decision.Value);
    }

    [Fact]
    public void Its_size_is_what_enumeration_counts()
    {
        var space = SearchSpaceCatalog.Create("mlp", new Dictionary<string, string> { ["layers"] = "2", ["units"] = "4,8", ["activations"] = "relu,tanh", ["dropout"] = "0,50" });
        Assert.Equal(2 * (4 + 16), space.Size);
        Assert.Equal(2 * (4 + 16), space.Enumerate().Distinct().Count());
        Assert.Equal(4 * Enumerable.Range(1, 4).Aggregate(BigInteger.Zero, (sum, depth) => sum + BigInteger.Pow(15, depth)), Space.Size);
    }

    [Fact]
    public void Parameters_are_those_of_the_closed_form()
    {
        var graph = Space.Build(Space.Parse("32/relu 64/tanh dropout=20"), TaskShape.Table(10, 3));
        Assert.Equal((10 * 32) + (2 * 32) + (32 * 64) + (2 * 64) + (64 * 3) + 3, graph.Cost.ParameterCount);
        Assert.Equal(3, graph.Depth);
    }

    [Theory]
    [InlineData("32/relu", "its last word must be 'dropout='")]
    [InlineData("dropout=0", "it has 0 layers and can have 1 to 4")]
    [InlineData("32 dropout=0", "layer 1, '32', is not <units>/<activation>")]
    [InlineData("32/relu 33/relu dropout=0", "the units of layer 2 is '33', which is not one of 16, 32, 64, 128, 256")]
    [InlineData("32/step dropout=0", "the activation of layer 1 is 'step'")]
    public void A_malformed_text_says_where(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<UserErrorException>(() => Space.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Series_and_images_are_read_as_all_their_numbers()
    {
        var genotype = Space.Parse("16/relu dropout=0");
        Assert.Equal(Shape.Vector(24), Space.Build(genotype, TaskShape.Forecast(7, 96, 24)).Output.Shape);
        Assert.Equal((7 * 96 * 16) + (2 * 16) + (16 * 24) + 24, Space.Build(genotype, TaskShape.Forecast(7, 96, 24)).Cost.ParameterCount);
        Assert.Equal(Shape.Vector(10), Space.Build(genotype, TaskShape.Cifar10).Output.Shape);
    }
}
