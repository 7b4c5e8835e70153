using System.Collections.Immutable;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Export;
using NasPlatform.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Networks;

/// <summary>Wider and deeper networks give what the one that they were made of gives.</summary>
public sealed class Net2NetTests
{
    private static readonly TaskShape Small = new(3, 8, 8, 4);

    public static TheoryData<string> Spaces => [.. SearchSpaceCatalog.For(TaskKind.ImageClassification)];

    [Fact]
    public void EAS_K1_two_units_become_three()
    {
        var network = TwoLayers(hidden: 2, first: [1, 2, 3, 4], second: [10, 20]);

        var wider = Net2Net.Wider(network, "a", [0, 1, 0]);

        Assert.Equal([1, 2, 3, 4, 1, 2], wider.Weights["a.weight"]); // rows a, b, a
        Assert.Equal([5, 20, 5], wider.Weights["b.weight"].Take(3)); // columns p/2, q, p/2
        TrainedNetworks.AssertSame(network, wider);
    }

    [Fact]
    public void EAS_K2_copies_share_what_the_unit_gave()
    {
        var network = TwoLayers(hidden: 2, first: [1, 2, 3, 4], second: [6, 6]);

        var wider = Net2Net.Wider(network, "a", [0, 1, 0, 0, 1]);

        Assert.Equal([2, 3, 2, 2, 3], wider.Weights["b.weight"].Take(5)); // 6 times 1/3, 1/2, 1/3, 1/3, 1/2
        TrainedNetworks.AssertSame(network, wider);
    }

    [Fact]
    public void EAS_K4_an_inserted_convolution_is_the_identity_and_adds_its_weights()
    {
        var network = TrainedNetworks.Draw(Chain());

        var deeper = Net2Net.Deeper(network, "layer1/relu", "new", 3);

        var channels = network.Graph.Layers.Single(layer => layer.Name == "layer1/relu").Shape.Channels;
        var weight = deeper.Weights["new.conv.weight"];
        for (var place = 0; place < weight.Length; place++)
        {
            var (row, column, tap) = (place / (channels * 9), place / 9 % channels, place % 9);
            Assert.Equal(row == column && tap == 4 ? 1 : 0, weight[place]);
        }

        Assert.Equal((9L * channels * channels) + (2 * channels), deeper.Graph.Cost.ParameterCount - network.Graph.Cost.ParameterCount);
        TrainedNetworks.AssertSame(network, deeper);
    }

    [Fact]
    public void EAS_K5_the_new_batch_norm_is_the_identity_on_the_data_it_was_made_for()
    {
        using var scope = NewDisposeScope();
        var network = TrainedNetworks.Draw(Chain());
        using var images = Noise(64);

        var statistics = ChannelStatistics.Of(network, "layer1/relu", images);
        var deeper = Net2Net.Deeper(network, "layer1/relu", "new", 3, statistics);

        // In training too: what goes into the norm and what comes out of the ReLU after it are the same.
        var before = ChannelStatistics.Of(deeper, "new/conv", images);
        Assert.Equal(statistics.Mean, deeper.Weights["new.norm.bias"]);
        Assert.All(statistics.Variance.Zip(deeper.Weights["new.norm.weight"]), pair => Assert.Equal(Math.Sqrt(pair.First + 1e-5), pair.Second, 1e-6));
        Assert.All(statistics.Mean.Zip(before.Mean), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        TrainedNetworks.AssertSame(network, deeper);
    }

    /// <summary>Every convolution and full layer of every space: wider with the same outputs, or refused with a reason.</summary>
    [Theory]
    [MemberData(nameof(Spaces))]
    public void What_can_be_widened_computes_the_same(string name)
    {
        var space = SearchSpaceCatalog.Create(name);
        var random = new RandomSource(5);
        var network = TrainedNetworks.Draw(Fitting(space, random));
        var layers = network.Graph.Layers.Where(layer => layer.Op is Op.Conv2d or Op.Linear).ToList();
        var tried = 0;
        foreach (var layer in layers.Where((_, place) => place % Math.Max(1, layers.Count / 8) == 0))
        {
            TrainedNetwork wider;
            try
            {
                wider = Net2Net.Wider(network, layer.Name, layer.Shape.Channels + 3, random, noise: 0);
            }
            catch (InvalidArchitectureException refusal)
            {
                Assert.True(refusal.Message.Length > 20, refusal.Message);
                continue;
            }

            tried++;
            Assert.True(wider.Graph.Cost.ParameterCount > network.Graph.Cost.ParameterCount);
            TrainedNetworks.AssertSame(network, wider);
        }

        Assert.True(tried > 0, "Nothing could be widened.");
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void What_can_be_deepened_computes_the_same(string name)
    {
        var space = SearchSpaceCatalog.Create(name);
        var network = TrainedNetworks.Draw(Fitting(space, new RandomSource(6)));
        var places = network.Graph.Layers.Where(layer => layer.Op is Op.Activation { Kind: ActivationKind.Relu }).ToList();
        foreach (var place in places.Where((_, index) => index % Math.Max(1, places.Count / 4) == 0))
        {
            TrainedNetworks.AssertSame(network, Net2Net.Deeper(network, place.Name, "inserted", 3));
        }
    }

    [Fact]
    public void Edits_follow_one_another()
    {
        var random = new RandomSource(7);
        var network = TrainedNetworks.Draw(Chain());

        var edited = Net2Net.Wider(network, "layer1/conv", 40, random, noise: 0);
        edited = Net2Net.Deeper(edited, "layer1/relu", "deep", 5);
        edited = Net2Net.Wider(edited, "deep/conv", 50, random, noise: 0);

        TrainedNetworks.AssertSame(network, edited);
    }

    [Fact]
    public void Noise_tells_copies_apart_and_leaves_the_old_units()
    {
        var network = TrainedNetworks.Draw(Chain());
        var old = network.Graph.Layers.Single(layer => layer.Name == "layer1/conv").Shape.Channels;

        var weight = Net2Net.Wider(network, "layer1/conv", old + 4, new RandomSource(1)).Weights["layer1.conv.weight"];

        var row = weight.Length / (old + 4);
        Assert.Equal(network.Weights["layer1.conv.weight"], weight.Take(old * row));
        Assert.Equal(4, Enumerable.Range(old, 4).Count(unit => !Enumerable.Range(0, old).Any(known => weight.AsSpan(unit * row, row).SequenceEqual(weight.AsSpan(known * row, row)))));
    }

    [Fact]
    public void What_cannot_be_is_refused_with_the_reason()
    {
        var every = TrainedNetworks.Draw(SampleModels.EveryOp(new(3, 19, 14, 4)));

        AssertRefused("classes", () => Net2Net.Wider(every, "logits", [0, 1, 2, 3, 0]));
        AssertRefused("no such layer", () => Net2Net.Wider(every, "nowhere", [0]));
        AssertRefused("can be widened", () => Net2Net.Wider(every, "stem/norm", [0, 1, 2, 3, 4, 5, 6, 7, 0]));
        AssertRefused("after a ReLU", () => Net2Net.Deeper(every, "pools/sigmoid", "new", 3));
        AssertRefused("odd sides", () => Net2Net.Deeper(every, "vector/relu", "new", 2));
        AssertRefused("each as itself", () => Net2Net.Wider(every, "class/lambda/conv", [1, 0, 2, 3, 4, 5, 6, 7, 0]));
        AssertRefused("in groups", () => Net2Net.Wider(every, "class/lambda/conv", [0, 1, 2, 3, 4, 5, 6, 7, 0]));
    }

    [Fact]
    public void A_dense_layer_is_followed_by_one_that_copies_it()
    {
        var graph = new LayerGraphBuilder(Small);
        var stem = graph.Conv("stem", graph.Input, 4, 3);
        var first = graph.Conv("one/conv", graph.Relu("one/relu", graph.BatchNorm("one/norm", stem)), 3, 3);
        var joined = graph.Add("one/join", new Op.Concat(), stem, first);
        var network = TrainedNetworks.Draw(graph.Finish(graph.Classifier(graph.BatchNorm("last", joined))));

        var deeper = Net2Net.DeeperDense(network, "one", "two", [2, 0, 0]);

        // The copy sees none of the first one's output; what reads both divides: channel 0 is there three times, 1 once, 2 twice.
        Assert.Equal([network.Weights["one.norm.bias"], new float[3]], [deeper.Weights["two.norm.bias"].Take(4), deeper.Weights["two.norm.bias"].Skip(4)]);
        Assert.Equal(network.Weights["one.conv.weight"].Skip(2 * 4 * 9).Take(4 * 9), deeper.Weights["two.conv.weight"].Take(4 * 9));
        Assert.Equal(new float[3 * 9], deeper.Weights["two.conv.weight"].Skip(4 * 9).Take(3 * 9));
        var (before, after) = (network.Weights["classifier.linear.weight"], deeper.Weights["classifier.linear.weight"]);
        Assert.Equal([before[4] / 3, before[5], before[6] / 2, before[6] / 2, before[4] / 3, before[4] / 3], after.Skip(4).Take(6));
        Assert.Equal(["two/norm", "two/relu", "two/conv", "two/join"], deeper.Graph.Layers.Where(layer => layer.Name.StartsWith("two/", StringComparison.Ordinal)).Select(layer => layer.Name));
        TrainedNetworks.AssertSame(network, deeper);

        AssertRefused("no such layer", () => Net2Net.DeeperDense(network, "two", "three", [0]));
        AssertRefused("the map", () => Net2Net.DeeperDense(network, "one", "two", [0]));
    }

    [Fact]
    public void After_a_full_layer_with_batch_norm_comes_another_one()
    {
        var graph = new LayerGraphBuilder(Small);
        var features = graph.Add("full", new Op.Linear(5, Bias: false), graph.Add("pool", new Op.GlobalAvgPool(), graph.Input));
        var network = TrainedNetworks.Draw(graph.Finish(graph.Add("logits", new Op.Linear(4), graph.Relu("relu", graph.BatchNorm("norm", features)))));

        var deeper = Net2Net.Deeper(network, "relu", "new", 1);

        Assert.Equal((5 * 5) + 10, deeper.Graph.Cost.ParameterCount - network.Graph.Cost.ParameterCount);
        TrainedNetworks.AssertSame(network, deeper);
    }

    private static void AssertRefused(string reason, Action edit) =>
        Assert.Contains(reason, Assert.Throws<InvalidArchitectureException>(edit).Message, StringComparison.Ordinal);

    private static LayerGraph Chain()
    {
        var space = SearchSpaceCatalog.Create("chain", new Dictionary<string, string> { ["layers"] = "3", ["filters"] = "8,16" });
        return space.Build(space.Parse("3x3/1x1/8 3x3/1x1/16@1 3x3/2x2/8@1,2"), Small);
    }

    /// <summary>The first draw that fits the small images.</summary>
    private static LayerGraph Fitting(SearchSpace space, RandomSource random)
    {
        for (var draw = 0; draw < 100; draw++)
        {
            try
            {
                return space.Build(space.Sample(random), TaskShape.Cifar10);
            }
            catch (InvalidArchitectureException)
            {
                // Another one.
            }
        }

        throw new InvalidOperationException($"No draw of {space.Name} fits.");
    }

    /// <summary>Vectors of two features through <c>a</c> and, after a ReLU, <c>b</c>, which has two outputs of which the second is none.</summary>
    private static TrainedNetwork TwoLayers(int hidden, float[] first, float[] second)
    {
        var graph = new LayerGraphBuilder(new(2, 1, 1, 2));
        var a = graph.Add("a", new Op.Linear(hidden), graph.Add("flat", new Op.Flatten(), graph.Input));
        var whole = graph.Finish(graph.Add("b", new Op.Linear(2), graph.Relu("relu", a)));
        return new(whole, new Dictionary<string, float[]>
        {
            ["a.weight"] = first,
            ["a.bias"] = new float[hidden],
            ["b.weight"] = [.. second, .. new float[hidden]],
            ["b.bias"] = [0, 0],
        });
    }

    private static Tensor Noise(int images) => rand(images, Small.Channels, Small.Height, Small.Width, generator: new Generator(12));
}
