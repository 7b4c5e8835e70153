using System.Text.Json;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Tests.Networks;

public sealed class LayerGraphTests
{
    private static readonly TaskShape Task = new(3, 32, 32, 10);

    [Fact]
    public void A_layer_that_does_not_fit_is_named_with_the_reason()
    {
        var graph = new LayerGraphBuilder(new TaskShape(1, 4, 4, 2));
        var error = Assert.Throws<InvalidArchitectureException>(() => graph.Add("block/pool", new Op.MaxPool(8, 1, 0), graph.Input));
        Assert.Equal("Layer 'block/pool': max_pool 8x8 pad=0x0: a 8x8 window does not fit an image of 4×4; use larger images or fewer strided layers.", error.Message);
    }

    [Fact]
    public void Sums_of_different_shapes_groups_that_do_not_divide_and_names_used_twice_are_refused()
    {
        var graph = new LayerGraphBuilder(Task);
        var a = graph.Conv("a", graph.Input, 8, 3);
        var b = graph.Conv("b", graph.Input, 16, 3);

        Assert.Throws<InvalidArchitectureException>(() => graph.Add("sum", new Op.Add(), a, b));
        Assert.Throws<InvalidArchitectureException>(() => graph.Conv("c", a, 9, 3, groups: 2));
        Assert.Throws<InvalidArchitectureException>(() => graph.Conv("a", graph.Input, 8, 3));
        Assert.Throws<InvalidArchitectureException>(() => graph.Finish(a));
    }

    [Fact]
    public void Shapes_costs_and_dilation_follow_the_formulas()
    {
        var graph = new LayerGraphBuilder(Task);
        var strided = graph.Add("conv", new Op.Conv2d(12, new(3, 5), new(2, 3), new(1, 0), new(2, 1), 3, Bias: true), graph.Input);

        // rows (32 + 2 − 2·2 − 1)/2 + 1 = 15, columns (32 − 4 − 1)/3 + 1 = 10
        Assert.Equal(Shape.Image(12, 15, 10), strided.Shape);
        Assert.Equal(12 * (15 + 1), NetworkCost.Of(strided).ParameterCount);
        Assert.Equal(12L * 150 * 16, NetworkCost.Of(strided).MultiplyAdds);
    }

    [Fact]
    public void Layers_that_the_output_does_not_need_are_dropped()
    {
        var graph = new LayerGraphBuilder(Task);
        graph.Conv("unused", graph.Input, 64, 7);
        var finished = graph.Finish(graph.Classifier(graph.Input));
        Assert.Equal(["input", "classifier/pool", "classifier/linear"], finished.Layers.Select(layer => layer.Name));
    }

    [Fact]
    public void Key_ignores_names_the_order_of_layers_and_of_summands()
    {
        Assert.Equal(Key(["a", "b"], swap: false), Key(["x", "y"], swap: true));

        static ArchitectureKey Key(string[] names, bool swap)
        {
            var graph = new LayerGraphBuilder(Task);
            Layer first, second;
            if (swap)
            {
                second = graph.Conv(names[1], graph.Input, 8, 5);
                first = graph.Conv(names[0], graph.Input, 8, 3);
            }
            else
            {
                first = graph.Conv(names[0], graph.Input, 8, 3);
                second = graph.Conv(names[1], graph.Input, 8, 5);
            }

            Layer[] terms = swap ? [second, first] : [first, second];
            return ArchitectureKey.Of(graph.Finish(graph.Classifier(graph.Sum("sum", terms))));
        }
    }

    [Fact]
    public void One_layer_read_twice_and_two_equal_layers_have_different_keys()
    {
        var shared = new LayerGraphBuilder(Task);
        var one = shared.Conv("a", shared.Input, 8, 3);
        var copied = new LayerGraphBuilder(Task);
        var (a, b) = (copied.Conv("a", copied.Input, 8, 3), copied.Conv("b", copied.Input, 8, 3));

        Assert.NotEqual(
            ArchitectureKey.Of(shared.Finish(shared.Classifier(shared.Sum("sum", [one, one])))),
            ArchitectureKey.Of(copied.Finish(copied.Classifier(copied.Sum("sum", [a, b])))));
    }

    [Fact]
    public void Equal_branches_of_unequal_use_have_one_key_whichever_is_used()
    {
        Assert.Equal(Key(continueFirst: true), Key(continueFirst: false));

        static ArchitectureKey Key(bool continueFirst)
        {
            var graph = new LayerGraphBuilder(Task);
            var (a, b) = (graph.Conv("a", graph.Input, 8, 3), graph.Conv("b", graph.Input, 8, 3));
            var (longer, shorter) = continueFirst ? (a, b) : (b, a);
            return ArchitectureKey.Of(graph.Finish(graph.Classifier(graph.Sum("sum", [graph.Conv("c", longer, 8, 1), shorter]))));
        }
    }

    [Fact]
    public void Without_zeros_nothing_is_added_to_nothing_and_what_fed_it_is_gone()
    {
        var graph = new LayerGraphBuilder(Task);
        var dead = graph.Conv("dead", graph.Input, 8, 3);
        var zero = graph.Add("none", new Op.Zero(), dead);
        var live = graph.Conv("live", graph.Input, 8, 3);
        var finished = graph.Finish(graph.Classifier(graph.Sum("sum", [zero, live])));

        var simple = finished.WithoutZeros();

        Assert.Contains(finished.Layers, layer => layer.Name == "dead");
        Assert.Equal(["input", "live", "classifier/pool", "classifier/linear"], simple.Layers.Select(layer => layer.Name));
    }

    [Fact]
    public void A_network_that_is_all_zeros_keeps_its_shape()
    {
        var graph = new LayerGraphBuilder(Task);
        var zero = graph.Add("none", new Op.Zero(), graph.Conv("dead", graph.Input, 8, 3));
        var simple = graph.Finish(graph.Classifier(graph.Sum("sum", [zero, zero]))).WithoutZeros();

        Assert.Equal(["input", "none", "classifier/pool", "classifier/linear"], simple.Layers.Select(layer => layer.Name));
        Assert.Equal(Shape.Image(8, 32, 32), simple.Layers[1].Shape);
    }

    [Fact]
    public void An_auxiliary_classifier_is_no_part_of_what_is_counted_keyed_and_written()
    {
        var (with, without) = (Graph(hasAuxiliary: true), Graph(hasAuxiliary: false));

        Assert.Equal("auxiliary/linear", with.AuxiliaryOutput?.Name);
        Assert.Equal(Enumerable.Range(0, with.Layers.Length + with.AuxiliaryLayers.Length), with.Layers.Concat(with.AuxiliaryLayers).Select(layer => layer.Index));
        Assert.Equal("auxiliary/linear", with.WithoutZeros().AuxiliaryOutput?.Name);
        Assert.Null(with.WithoutAuxiliary().AuxiliaryOutput);
        Assert.Null(without.AuxiliaryOutput);
        Assert.Equal((without.Cost, without.Depth, ArchitectureKey.Of(without)), (with.Cost, with.Depth, ArchitectureKey.Of(with)));
        Assert.Equal(JsonSerializer.Serialize(without), JsonSerializer.Serialize(with));

        static LayerGraph Graph(bool hasAuxiliary)
        {
            var graph = new LayerGraphBuilder(Task);
            var trunk = graph.ConvNorm("trunk", graph.Input, 8, 3);
            return graph.Finish(graph.Classifier(graph.Relu("relu", trunk)), hasAuxiliary ? graph.AuxiliaryClassifier(trunk) : null);
        }
    }

    [Fact]
    public void An_image_smaller_than_its_window_has_no_auxiliary_classifier()
    {
        var graph = new LayerGraphBuilder(new TaskShape(3, 5, 4, 10));
        Assert.Null(graph.AuxiliaryClassifier(graph.Input));
    }

    [Theory]
    [InlineData("chain")]
    [InlineData("nasbench201")]
    public void Json_round_trips(string space)
    {
        var known = SearchSpaceCatalog.Create(space);
        var random = new RandomSource(3);
        for (var draw = 0; draw < 10; draw++)
        {
            var graph = known.Build(known.Sample(random), Task).WithoutZeros();
            var again = JsonSerializer.Deserialize<LayerGraph>(JsonSerializer.Serialize(graph))!; // not null: it was not null

            Assert.Equal(graph.Layers.Select(layer => layer.ToString()), again.Layers.Select(layer => layer.ToString()));
            Assert.Equal(ArchitectureKey.Of(graph), ArchitectureKey.Of(again));
        }
    }

    [Theory]
    [InlineData("darts")]
    [InlineData("darts-rnn")]
    public void Json_of_a_relaxed_network_round_trips(string space)
    {
        var graph = space == "darts"
            ? SearchSpaceCatalog.Create("darts", new Dictionary<string, string> { ["cells"] = "3", ["nodes"] = "1" }).Relaxed(Task)! // not null: it is a search network
            : SearchSpaceCatalog.Create("darts-rnn", new Dictionary<string, string> { ["hidden"] = "4", ["nodes"] = "2" }).Relaxed(TaskShape.Text(3, 5))!; // not null: as above
        var again = JsonSerializer.Deserialize<LayerGraph>(JsonSerializer.Serialize(graph))!; // not null: it was not null

        Assert.Equal(graph.Layers.Select(layer => layer.ToString()), again.Layers.Select(layer => layer.ToString()));
        Assert.Equal(graph.Alphas, again.Alphas);
        string[] rows = space == "darts" ? ["normal/node2/edge0", "normal/node2/edge1", "reduction/node2/edge0", "reduction/node2/edge1"] : ["node1/edge0", "node2/edge0", "node2/edge1"];
        Assert.Equal(rows, graph.Alphas.Select(row => row.Name));
    }

    [Fact]
    public void A_row_mixes_as_many_inputs_everywhere_and_of_one_shape()
    {
        var graph = new LayerGraphBuilder(Task);
        var (a, b) = (graph.Conv("a", graph.Input, 8, 3), graph.Conv("b", graph.Input, 16, 3));
        graph.Add("mix", new Op.Mix("row"), a, a);

        Assert.Contains("'mix' mixes 2", Assert.Throws<InvalidArchitectureException>(() => graph.Add("other", new Op.Mix("row"), a, a, a)).Message, StringComparison.Ordinal);
        Assert.Contains("one shape", Assert.Throws<InvalidArchitectureException>(() => graph.Add("wrong", new Op.Mix("new"), a, b)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidArchitectureException>(() => graph.Add("single", new Op.Mix("new"), a));
    }

    [Fact]
    public void A_mixture_of_zeros_alone_is_zeros()
    {
        var graph = new LayerGraphBuilder(Task);
        var zero = graph.Add("zero", new Op.Zero(), graph.Input);
        var mix = graph.Add("mix", new Op.Mix("row"), zero, zero);
        var runs = graph.Finish(graph.Classifier(graph.Sum("sum", [graph.Input, mix]))).WithoutZeros();
        Assert.Equal(["input", "classifier/pool", "classifier/linear"], runs.Layers.Select(layer => layer.Name));
    }
}
