using System.Globalization;
using System.Numerics;
using System.Text.Json;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Spaces.Enas;

public sealed class EnasMacroSpaceTests : SearchSpaceContract
{
    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("enas-macro");

    [Fact]
    public void ENAS_K1_size_of_12_layers()
    {
        Assert.Equal(BigInteger.Parse("160618186625454535808756219904", CultureInfo.InvariantCulture), Space.Size);
        Assert.Equal(BigInteger.Pow(6, 12) << 66, Space.Size);
    }

    [Theory]
    [InlineData(12, 78)]
    [InlineData(24, 300)]
    public void ENAS_K4_an_arc_has_one_number_a_decision(int layers, int numbers)
    {
        var space = Create(("layers", $"{layers}"));
        var genotype = space.Sample(new RandomSource(1));
        Assert.Equal(numbers, genotype.Decisions.Length);
        Assert.Equal(numbers, space.Format(genotype).Split(' ').Length);
    }

    [Theory]
    [InlineData(12, new[] { 3, 7 })]
    [InlineData(24, new[] { 7, 15 })]
    public void ENAS_K5_everything_is_halved_after_a_third_and_two_thirds_of_the_layers(int layers, int[] after)
    {
        foreach (var network in new[] { "search", "final" })
        {
            var space = Create(("layers", $"{layers}"), ("network", network));
            var graph = space.Build(AllJoined(space, 0), TaskShape.Cifar10);

            var pooled = graph.Layers.Where(layer => layer.Name.Contains("/pool/from", StringComparison.Ordinal)).GroupBy(layer => layer.Name.Split('/')[0]).ToList();
            Assert.Equal(after.Select(index => $"layer{index + 1}"), pooled.Select(group => group.Key));

            // The stem's output and that of each layer so far.
            Assert.Equal(after.Select(index => index + 2), pooled.Select(group => group.Select(layer => layer.Name.Split('/')[2]).Distinct().Count()));
            Assert.Equal([32, 16, 8], graph.Layers.Where(layer => !layer.Shape.IsVector).Select(layer => layer.Shape.Height).Where(height => height is 32 or 16 or 8).Distinct());
        }
    }

    [Theory]
    [InlineData(96, 42_559_392)]
    [InlineData(64, 18_927_552)]
    [InlineData(36, 5_997_852)]
    public void ENAS_K8_parameters_of_the_final_network_of_the_released_arc(int channels, long parameters)
    {
        var space = Create(("layers", "24"), ("channels", $"{channels}"), ("network", "final"));
        Assert.Equal(parameters, space.Build(space.Parse(space.Published["ENAS-macro"]), TaskShape.Cifar10).Cost.ParameterCount);
    }

    [Fact]
    public void ENAS_K8_all_candidates_together_have_the_parameters_of_the_shared_network()
    {
        var graphs = Enumerable.Range(0, 6).Select(operation => Space.Build(AllJoined(Space, operation), TaskShape.Cifar10));
        Assert.Equal(697_860, WeightSharing.ParameterCount(graphs));
    }

    [Fact]
    public void ENAS_K10_entropy_of_a_uniform_policy() =>
        Assert.Equal(67.2488, Space.Sample(new RandomSource(1)).Decisions.Sum(decision => Math.Log(decision.Choice.Options.Length)), 4);

    [Fact]
    public void A_layer_has_the_same_weights_whatever_else_is_chosen() =>
        WeightSharing.AssertConsistent(Enumerable.Range(0, 20).Select(seed => Space.Build(Space.Sample(new RandomSource((ulong)seed)), TaskShape.Cifar10)));

    [Fact]
    public void The_published_arc_is_that_of_the_released_script()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedData.Require("nas-genotypes/enas-arcs.json")));
        var sequence = document.RootElement.GetProperty("macro").GetProperty("sequence").EnumerateArray().Select(number => number.GetInt32());
        Assert.Equal(string.Join(' ', sequence), Create(("layers", "24")).Published["ENAS-macro"]);
    }

    [Fact]
    public void Search_adds_what_is_joined_and_the_final_network_concatenates_it()
    {
        const string Arc = "0 1 0 2 1 0";
        var search = Create(("layers", "3")).Build(Create(("layers", "3")).Parse(Arc), TaskShape.Cifar10);
        var space = Create(("layers", "3"), ("network", "final"));
        var final = space.Build(space.Parse(Arc), TaskShape.Cifar10);

        // The third layer joins the stem's output; the second joins nothing, and yet has its batch norm.
        Assert.Equal(2, search.Layers.Single(layer => layer.Op is Op.Add).Inputs.Length);
        Assert.Contains(search.Layers, layer => layer.Name == "layer2/skip/norm");
        Assert.Contains(search.Layers, layer => layer.Op is Op.Conv2d { Groups: 36 });
        Assert.Equal(2 * 36 * 4, final.Layers.Single(layer => layer.Name == "layer3/skip/join").Shape.Channels);
        Assert.DoesNotContain(final.Layers, layer => layer.Op is Op.Conv2d { Groups: > 1 });
    }

    [Theory]
    [InlineData("0 1 0 2 1", "it has 5 numbers and needs 6")]
    [InlineData("0 6 0 2 1 0", "number 2, '6', is the operation of layer 2")]
    [InlineData("0 1 0 2 2 0", "number 5, '2', is whether layer 3 joins the stem")]
    [InlineData("0 1 0 2 1 x", "number 6, 'x', is whether layer 3 joins layer 1")]
    public void What_is_wrong_with_an_arc_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Create(("layers", "3")).Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_odd_number_of_channels_is_refused() =>
        Assert.Contains("must be even", Assert.Throws<UserErrorException>(() => Create(("channels", "7"))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_final_network_is_as_much_wider_as_the_paper_s() =>
        Assert.Equal(("12", "96", "final", "0.5"), (Space.Final.Settings["layers"], Space.Final.Settings["channels"], Space.Final.Settings["network"], Space.Final.Settings["dropout"]));

    private static Genotype AllJoined(SearchSpace space, int operation)
    {
        var values = space.Sample(new RandomSource(1)).Decisions.ToDictionary(decision => decision.Name, decision => decision.Choice == Choice.Connection ? 1 : operation);
        return space.FromValues(values);
    }

    private static SearchSpace Create(params (string Name, string Value)[] settings) =>
        SearchSpaceCatalog.Create("enas-macro", settings.ToDictionary(setting => setting.Name, setting => setting.Value));
}
