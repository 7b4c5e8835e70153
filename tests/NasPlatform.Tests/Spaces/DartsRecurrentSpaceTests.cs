using System.Numerics;
using System.Text.Json;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Spaces;

public sealed class DartsRecurrentSpaceTests : SearchSpaceContract
{
    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("darts-rnn");

    protected override TaskShape Small => TaskShape.Text(4, 20);

    [Fact]
    public void DARTS_K2_2642411520_discrete_recurrent_cells() => Assert.Equal(new BigInteger(2_642_411_520), Space.Size);

    [Theory]
    [InlineData("DARTS_V1")]
    [InlineData("DARTS_V2")]
    public void The_final_network_for_Penn_Treebank_has_the_stated_parameters(string name)
    {
        var final = Create(("network", "final"));
        var graph = final.Build(final.Find(name), TaskShape.Text(35, 10_000));
        Assert.Equal(22_960_000, graph.Cost.ParameterCount);
        Assert.Equal(final.Settings, Space.Final.Settings);
    }

    [Fact]
    public void Published_cells_are_those_of_the_shared_data()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedData.Require("nas-genotypes/rnn-cells.json")));
        Assert.Equal(3, document.RootElement.EnumerateObject().Count());
        foreach (var cell in document.RootElement.EnumerateObject())
        {
            var nodes = cell.Value.GetProperty("recurrent").EnumerateArray().Select(node => $"{node[0]}@{node[1]}").ToList();
            var output = cell.Value.GetProperty("concat").EnumerateArray().Select(node => node.GetInt32()).ToList();
            var space = Create(("nodes", $"{nodes.Count}"), ("output", output.Count == nodes.Count ? "all" : "unread"));
            Assert.Equal(string.Join(' ', nodes), space.Published[cell.Name]);
            var recurrent = (Op.Recurrent)space.Build(space.Find(cell.Name), Small).Layers.Single(layer => layer.Op is Op.Recurrent).Op;
            Assert.Equal(output.Select(node => $"node{node}"), recurrent.Cell.Output.Inputs.Select(layer => layer.Name));
            if (cell.Value.TryGetProperty("params_ptb", out var parameters))
            {
                Assert.Equal(parameters.GetInt64(), space.Final.Build(space.Find(cell.Name), TaskShape.Text(35, 10_000)).Cost.ParameterCount);
            }
        }
    }

    [Fact]
    public void A_node_s_matrix_is_the_same_whatever_it_reads_and_does()
    {
        Assert.Equal(Names("sigmoid@0 relu@1 relu@1"), Names("tanh@0 identity@0 sigmoid@2"));

        static IEnumerable<string> Names(string text)
        {
            var space = Create(("nodes", "3"));
            return space.Build(space.Parse(text), TaskShape.Text(4, 20)).Layers.SelectMany(WeightSpec.Of).Select(spec => spec.Name);
        }
    }

    [Fact]
    public void Series_are_classified_and_continued_from_their_last_step()
    {
        var space = Create(("hidden", "8"));
        foreach (var task in new[] { TaskShape.Series(3, 12, 5), TaskShape.Forecast(2, 12, 24) })
        {
            var graph = space.Build(space.Sample(new RandomSource(1)), task);
            Assert.Equal(Shape.Vector(task.Outputs), graph.Output.Shape);
            Assert.Equal("output/step", graph.Layers.Single(layer => layer.Op is Op.LastStep).Name);
        }
    }

    [Fact]
    public void The_output_is_tied_where_the_sizes_agree()
    {
        Assert.Single(Layers(("hidden", "8")), layer => layer.Op is Op.TiedLinear);
        Assert.Single(Layers(("hidden", "8"), ("embedding", "6")), layer => layer is { Op: Op.Linear, Name: "output/linear" });
        Assert.Equal(2, Layers(("hidden", "8"), ("layers", "2")).Count(layer => layer.Op is Op.Recurrent));

        IEnumerable<Layer> Layers(params (string Name, string Value)[] settings)
        {
            var space = Create(settings);
            return space.Build(space.Sample(new RandomSource(1)), Small).Layers;
        }
    }

    [Fact]
    public void The_final_network_grows_and_keeps_dropouts_that_were_set()
    {
        var final = Create(("hidden", "60"), ("drop_x", "0")).Final;
        Assert.Equal(("170", "0", "0.25", "final"), (final.Settings["hidden"], final.Settings["drop_x"], final.Settings["drop_h"], final.Settings["network"]));
    }

    [Theory]
    [InlineData("tanh@0 relu@1", "has 2 nodes, the space has 3")]
    [InlineData("tanh@0 relu@2 tanh@0", "node 2, 'relu@2', must read a node from 0 to 1, and '2' is none")]
    [InlineData("tanh@0 relu@1 none@0", "node 3, 'none@0', has the function 'none', which is not one of tanh")]
    [InlineData("tanh@0 relu tanh@0", "node 2, 'relu', is not a function and a node joined by @")]
    public void What_is_wrong_with_a_text_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Create(("nodes", "3")).Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static SearchSpace Create(params (string Name, string Value)[] settings) =>
        SearchSpaceCatalog.Create("darts-rnn", settings.ToDictionary(setting => setting.Name, setting => setting.Value));
}

public sealed class DartsRecurrentSeriesSpaceTests : SearchSpaceContract
{
    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("darts-rnn", new Dictionary<string, string> { ["hidden"] = "16", ["nodes"] = "11", ["output"] = "unread", ["layers"] = "2" });

    protected override TaskShape Small => TaskShape.Series(3, 12, 4);
}
