using System.Collections.Immutable;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Export;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Networks;

/// <summary>Wider and deeper networks give what the one that they were made of gives.</summary>
public sealed class Net2NetTests
{
    private const double Tolerance = 1e-5;

    private static readonly TaskShape Small = new(3, 8, 8, 4);

    public static TheoryData<string> Spaces => [.. SearchSpaceCatalog.Names];

    [Fact]
    public void EAS_K1_two_units_become_three()
    {
        var network = TwoLayers(hidden: 2, first: [1, 2, 3, 4], second: [10, 20]);

        var wider = Net2Net.Wider(network, "a", [0, 1, 0]);

        Assert.Equal([1, 2, 3, 4, 1, 2], wider.Weights["a.weight"]); // rows a, b, a
        Assert.Equal([5, 20, 5], wider.Weights["b.weight"].Take(3)); // columns p/2, q, p/2
        AssertSame(network, wider);
    }

    [Fact]
    public void EAS_K2_copies_share_what_the_unit_gave()
    {
        var network = TwoLayers(hidden: 2, first: [1, 2, 3, 4], second: [6, 6]);

        var wider = Net2Net.Wider(network, "a", [0, 1, 0, 0, 1]);

        Assert.Equal([2, 3, 2, 2, 3], wider.Weights["b.weight"].Take(5)); // 6 times 1/3, 1/2, 1/3, 1/3, 1/2
        AssertSame(network, wider);
    }

    [Fact]
    public void EAS_K4_an_inserted_convolution_is_the_identity_and_adds_its_weights()
    {
        var network = Draw(Chain());

        var deeper = Net2Net.Deeper(network, "layer1/relu", "new", 3);

        var channels = network.Graph.Layers.Single(layer => layer.Name == "layer1/relu").Shape.Channels;
        var weight = deeper.Weights["new.conv.weight"];
        for (var place = 0; place < weight.Length; place++)
        {
            var (row, column, tap) = (place / (channels * 9), place / 9 % channels, place % 9);
            Assert.Equal(row == column && tap == 4 ? 1 : 0, weight[place]);
        }

        Assert.Equal((9L * channels * channels) + (2 * channels), deeper.Graph.Cost.ParameterCount - network.Graph.Cost.ParameterCount);
        AssertSame(network, deeper);
    }

    [Fact]
    public void EAS_K5_the_new_batch_norm_is_the_identity_on_the_data_it_was_made_for()
    {
        using var scope = NewDisposeScope();
        var network = Draw(Chain());
        using var images = Noise(64);

        var statistics = ChannelStatistics.Of(network, "layer1/relu", images);
        var deeper = Net2Net.Deeper(network, "layer1/relu", "new", 3, statistics);

        // In training too: what goes into the norm and what comes out of the ReLU after it are the same.
        var before = ChannelStatistics.Of(deeper, "new/conv", images);
        Assert.Equal(statistics.Mean, deeper.Weights["new.norm.bias"]);
        Assert.All(statistics.Variance.Zip(deeper.Weights["new.norm.weight"]), pair => Assert.Equal(Math.Sqrt(pair.First + 1e-5), pair.Second, 1e-6));
        Assert.All(statistics.Mean.Zip(before.Mean), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        AssertSame(network, deeper);
    }

    /// <summary>Every convolution and full layer of every space: wider with the same outputs, or refused with a reason.</summary>
    [Theory]
    [MemberData(nameof(Spaces))]
    public void What_can_be_widened_computes_the_same(string name)
    {
        var space = SearchSpaceCatalog.Create(name);
        var random = new RandomSource(5);
        var network = Draw(Fitting(space, random));
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
            AssertSame(network, wider);
        }

        Assert.True(tried > 0, "Nothing could be widened.");
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void What_can_be_deepened_computes_the_same(string name)
    {
        var space = SearchSpaceCatalog.Create(name);
        var network = Draw(Fitting(space, new RandomSource(6)));
        var places = network.Graph.Layers.Where(layer => layer.Op is Op.Activation { Kind: ActivationKind.Relu }).ToList();
        foreach (var place in places.Where((_, index) => index % Math.Max(1, places.Count / 4) == 0))
        {
            AssertSame(network, Net2Net.Deeper(network, place.Name, "inserted", 3));
        }
    }

    [Fact]
    public void Edits_follow_one_another()
    {
        var random = new RandomSource(7);
        var network = Draw(Chain());

        var edited = Net2Net.Wider(network, "layer1/conv", 40, random, noise: 0);
        edited = Net2Net.Deeper(edited, "layer1/relu", "deep", 5);
        edited = Net2Net.Wider(edited, "deep/conv", 50, random, noise: 0);

        AssertSame(network, edited);
    }

    [Fact]
    public void Noise_tells_copies_apart_and_leaves_the_old_units()
    {
        var network = Draw(Chain());
        var old = network.Graph.Layers.Single(layer => layer.Name == "layer1/conv").Shape.Channels;

        var weight = Net2Net.Wider(network, "layer1/conv", old + 4, new RandomSource(1)).Weights["layer1.conv.weight"];

        var row = weight.Length / (old + 4);
        Assert.Equal(network.Weights["layer1.conv.weight"], weight.Take(old * row));
        Assert.Equal(4, Enumerable.Range(old, 4).Count(unit => !Enumerable.Range(0, old).Any(known => weight.AsSpan(unit * row, row).SequenceEqual(weight.AsSpan(known * row, row)))));
    }

    [Fact]
    public void What_cannot_be_is_refused_with_the_reason()
    {
        var every = Draw(SampleModels.EveryOp(new(3, 19, 14, 4)));

        AssertRefused("classes", () => Net2Net.Wider(every, "logits", [0, 1, 2, 3, 0]));
        AssertRefused("no such layer", () => Net2Net.Wider(every, "nowhere", [0]));
        AssertRefused("can be widened", () => Net2Net.Wider(every, "stem/norm", [0, 1, 2, 3, 4, 5, 6, 7, 0]));
        AssertRefused("after a ReLU", () => Net2Net.Deeper(every, "pools/sigmoid", "new", 3));
        AssertRefused("odd sides", () => Net2Net.Deeper(every, "vector/relu", "new", 2));
        AssertRefused("each as itself", () => Net2Net.Wider(every, "class/lambda/conv", [1, 0, 2, 3, 4, 5, 6, 7, 0]));
        AssertRefused("in groups", () => Net2Net.Wider(every, "class/lambda/conv", [0, 1, 2, 3, 4, 5, 6, 7, 0]));
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

    /// <summary>Weights and running statistics that are not those of a fresh network: identities would hide what goes wrong.</summary>
    private static TrainedNetwork Draw(LayerGraph graph)
    {
        var random = new RandomSource(3);
        return new(graph, graph.Layers.SelectMany(WeightSpec.Of).ToDictionary(spec => spec.Name, spec =>
        {
            var source = random.Split(spec.Name);
            var fanIn = spec.Shape.Skip(1).Aggregate(1L, (product, side) => product * side);
            return Enumerable.Range(0, (int)spec.Shape.Aggregate(1L, (product, side) => product * side)).Select(_ => (float)(spec.Part switch
            {
                "running_var" => 0.5 + source.NextDouble(),
                "weight" when spec.Shape.Length == 1 => 0.8 + (0.4 * source.NextDouble()),
                "weight" => source.NextGaussian() / Math.Sqrt(fanIn),
                _ => 0.2 * source.NextGaussian(),
            })).ToArray();
        }));
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

    private static void AssertSame(TrainedNetwork one, TrainedNetwork other)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var task = one.Graph.Task;
        var images = rand(2, task.Channels, task.Height, task.Width, generator: new Generator(11));
        var (expected, given) = (Run(one, images), Run(other, images));
        var scale = Math.Max(1, expected.abs().max().item<float>());
        var difference = (expected - given).abs().max().item<float>() / scale;
        Assert.True(difference <= Tolerance, $"The outputs differ by {difference} of the largest.");
    }

    private static Tensor Run(TrainedNetwork trained, Tensor images)
    {
        using var network = new Network(trained.Graph, CPU, channelsLast: false, new RandomSource(1));
        trained.CopyTo(network);
        network.eval();
        return network.call(images).clone();
    }

    private static Tensor Noise(int images) => rand(images, Small.Channels, Small.Height, Small.Width, generator: new Generator(12));
}
