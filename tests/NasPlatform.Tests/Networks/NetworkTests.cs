using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Networks;

public sealed class NetworkTests
{
    private static readonly TaskShape Task = new(3, 12, 12, 5);

    public static TheoryData<string, bool> SpacesAndPlans => new()
    {
        { "chain", false }, { "chain", true }, { "nasbench201", false }, { "nasbench201", true },
    };

    [Theory]
    [MemberData(nameof(SpacesAndPlans))]
    public void Parameters_are_as_many_as_the_closed_form_says(string name, bool isPlanned)
    {
        var space = Space(name);
        var random = new RandomSource(1);
        for (var draw = 0; draw < 5; draw++)
        {
            var graph = space.Build(space.Sample(random), Task);
            using var network = new Network(graph, CPU, new RandomSource(1), isPlanned ? null : Plan.LayerByLayer(graph, isChannelsLast: false));
            Assert.Equal(graph.Cost.ParameterCount, network.ParameterCount);
        }
    }

    [Fact]
    public void A_mixture_is_the_sum_by_the_softmax_of_its_row_and_zeros_have_their_share()
    {
        using var scope = NewDisposeScope();
        var graph = new LayerGraphBuilder(Task);
        var mix = graph.Add(
            "mix", new Op.Mix("row"), graph.Add("none", new Op.Zero(), graph.Input), graph.Relu("relu", graph.Input), graph.Add("tanh", new Op.Activation(ActivationKind.Tanh), graph.Input));
        var again = graph.Add("again", new Op.Mix("row"), mix, graph.Add("none2", new Op.Zero(), mix), graph.Relu("relu2", mix)); // the same row
        using var network = new Network(graph.Finish(graph.Classifier(again)), CPU, new RandomSource(1));
        var images = Noise([2, 3, 12, 12]);
        using (no_grad())
        {
            network.Alphas["row"].copy_(tensor(new[] { 0.5f, -1f, 2f }));
        }

        var row = network.Alphas["row"].detach().requires_grad_();
        var share = row.softmax(0);
        var once = (images.relu() * share[1]) + (images.tanh() * share[2]);
        var twice = (once * share[0]) + (once.relu() * share[2]);
        var expected = nn.functional.linear(twice.mean([2, 3]), network.Weights["classifier.linear.weight"], network.Weights["classifier.linear.bias"]);
        var given = network.call(images);
        expected.square().sum().backward();
        given.square().sum().backward();

        Assert.InRange((expected - given).abs().max().item<float>(), 0, 1e-6f);
        Assert.InRange((row.grad! - network.Alphas["row"].grad!).abs().max().item<float>(), 0, 1e-5f); // not null: both took part
    }

    [Theory]
    [MemberData(nameof(SpacesAndPlans))]
    public void Gradients_are_those_of_the_function(string name, bool isPlanned)
    {
        // Along the gradient itself the loss must change by its squared length; any wrongly overwritten or dropped activation shows.
        using var scope = NewDisposeScope();
        var space = Space(name);
        var random = new RandomSource(4);
        for (var draw = 0; draw < 4; draw++)
        {
            var graph = space.Build(space.Sample(random), Task);
            using var network = new Network(graph, CPU, new RandomSource(2), isPlanned ? null : Plan.LayerByLayer(graph, isChannelsLast: false));
            network.train();
            var images = Noise([16, 3, 12, 12]);
            var labels = tensor(Enumerable.Range(0, 16).Select(place => (long)place % 5).ToArray());

            var loss = Loss();
            loss.backward();
            var gradients = network.Trainable.Select(entry => entry.Parameter.grad?.clone() ?? zeros_like(entry.Parameter)).ToList();
            var squared = gradients.Sum(gradient => gradient.pow(2).sum().item<float>());
            var step = 1e-3 / Math.Sqrt(squared);
            var change = (Moved(step) - Moved(-step)) / (2 * step);

            Assert.Equal(1, change / squared, 0.03);

            double Moved(double distance)
            {
                using var _ = no_grad();
                Move(distance);
                var moved = Loss().item<float>();
                Move(-distance);
                return moved;
            }

            void Move(double distance)
            {
                foreach (var (entry, gradient) in network.Trainable.Zip(gradients))
                {
                    entry.Parameter.add_(gradient * distance);
                }
            }

            Tensor Loss() => nn.functional.cross_entropy(network.call(images), labels);
        }
    }

    [Fact]
    public void Equal_layers_of_different_architectures_start_alike()
    {
        var space = SearchSpaceCatalog.Create("chain", new Dictionary<string, string> { ["layers"] = "2" });
        using var one = new Network(space.Build(space.Parse("3x3/1x1/24 3x3/1x1/36@1"), Task), CPU, new RandomSource(2));
        using var other = new Network(space.Build(space.Parse("3x3/1x1/24 5x5/1x1/48@1"), Task), CPU, new RandomSource(2));
        Assert.Equal(one.Weights["layer1.conv.weight"].data<float>().ToArray(), other.Weights["layer1.conv.weight"].data<float>().ToArray());
    }

    [Fact]
    public void Initial_weights_have_the_stated_spread()
    {
        var space = SearchSpaceCatalog.Create("chain", new Dictionary<string, string> { ["layers"] = "1" });
        using var network = new Network(space.Build(space.Parse("5x5/1x1/64"), Task), CPU, new RandomSource(2));
        using var scope = NewDisposeScope();
        var weight = network.Weights["layer1.conv.weight"];
        Assert.Equal(Math.Sqrt(2.0 / (64 * 25)), weight.std().item<float>(), 0.002);
        Assert.Equal(0, weight.mean().item<float>(), 0.002);
        Assert.Equal(1, network.Weights["layer1.norm.running_var"].mean().item<float>());
    }

    [Fact]
    public void Dropout_and_drop_path_follow_their_probability_in_training_and_vanish_in_evaluation()
    {
        var builder = new LayerGraphBuilder(new TaskShape(4, 20, 20, 4));
        var dropped = builder.Add("drop", new Op.Dropout(0.25), builder.Input);
        var path = builder.Add("path", new Op.DropPath(0.5), dropped);
        var pooled = builder.Add("pool", new Op.GlobalAvgPool(), path);
        using var network = new Network(builder.Finish(pooled), CPU, new RandomSource(2));
        using var scope = NewDisposeScope();
        var images = ones(400, 4, 20, 20);

        network.eval();
        Assert.Equal(1, network.call(images).mean().item<float>(), 6);
        network.train();
        var output = network.call(images);

        // A path is dropped for a whole example; the rest is doubled, and three quarters of the pixels are 4/3.
        var kept = output.gt(0).all(1).to(float32).mean().item<float>();
        Assert.InRange(kept, 0.38, 0.62);
        Assert.Equal(1, output.mean().item<float>() / (2 * kept), 0.02);
        network.SeedNoise(new RandomSource(9));
        var first = network.call(images).data<float>().ToArray();
        network.SeedNoise(new RandomSource(9));
        Assert.Equal(first, network.call(images).data<float>().ToArray());
    }

    [Fact]
    public void An_auxiliary_classifier_runs_in_training_only_and_changes_nothing_else()
    {
        using var scope = NewDisposeScope();
        var images = Noise([4, 3, 12, 12]);
        using var with = new Network(Graph(hasAuxiliary: true), CPU, new RandomSource(2));
        using var without = new Network(Graph(hasAuxiliary: false), CPU, new RandomSource(2));
        with.train();
        without.train();

        // Were there no auxiliary classifier, the ReLU would overwrite what that reads.
        Assert.Equal(without.call(images).data<float>().ToArray(), with.call(images).data<float>().ToArray());
        Assert.Equal([4, 5], with.AuxiliaryLogits!.shape);
        Assert.Null(without.AuxiliaryLogits);
        Assert.Equal(without.ParameterCount, with.ParameterCount);
        with.AuxiliaryLogits.square().mean().backward();
        Assert.True(with.Trainable.Single(entry => entry.Name == "auxiliary.linear.weight").Parameter.grad!.abs().sum().item<float>() > 0);
        Assert.True(with.Trainable.Single(entry => entry.Name == "trunk.conv.weight").Parameter.grad!.abs().sum().item<float>() > 0);

        with.eval();
        without.eval();
        Assert.Equal(without.call(images).data<float>().ToArray(), with.call(images).data<float>().ToArray());
        Assert.Null(with.AuxiliaryLogits);

        static LayerGraph Graph(bool hasAuxiliary)
        {
            var graph = new LayerGraphBuilder(Task);
            var trunk = graph.ConvNorm("trunk", graph.Input, 8, 3);
            return graph.Finish(graph.Classifier(graph.Relu("relu", trunk)), hasAuxiliary ? graph.AuxiliaryClassifier(trunk) : null);
        }
    }

    private static SearchSpace Space(string name) =>
        SearchSpaceCatalog.Create(name, name == "nasbench201" ? new Dictionary<string, string> { ["cells"] = "1", ["channels"] = "8" } : []);

    private static Tensor Noise(long[] shape)
    {
        var random = new RandomSource(8);
        var values = Enumerable.Range(0, (int)shape.Aggregate((product, side) => product * side)).Select(_ => (float)random.NextGaussian()).ToArray();
        return tensor(values).reshape(shape);
    }
}
