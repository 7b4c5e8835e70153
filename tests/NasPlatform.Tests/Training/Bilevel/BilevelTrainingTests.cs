using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Bilevel;
using NasPlatform.Tests.Torch;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Training.Bilevel;

public sealed class BilevelTrainingTests : TorchTest
{
    private readonly (Tensor Inputs, Tensor Targets) _train = Batch(1);
    private readonly (Tensor Inputs, Tensor Targets) _validation = Batch(2);

    [Fact]
    public void The_defaults_are_those_of_the_paper()
    {
        var options = new BilevelOptions();
        options.Validate();
        Assert.Equal((GradientOrder.Second, 0.025, 0.9, 3e-4, 5), (options.Order, options.LearningRate, options.Momentum, options.WeightDecay, options.GradientClip));
        Assert.Equal((3e-4, (0.5, 0.999), 1e-3), (options.AlphaLearningRate, options.AlphaBetas, options.AlphaWeightDecay));
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Equal("The learning rate is 0; it must be above 0, at most 100.", Refused(new() { LearningRate = 0 }));
        Assert.Equal("The gradient clip is 0; it must be above 0.", Refused(new() { GradientClip = 0 }));
        Assert.Equal("The precision of a second-order gradient is BFloat16; it must be Float32.", Refused(new() { Precision = Precision.BFloat16 }));
        new BilevelOptions { Order = GradientOrder.First, Precision = Precision.BFloat16 }.Validate();

        static string Refused(BilevelOptions options) => Assert.Throws<UserErrorException>(options.Validate).Message;
    }

    [Theory]
    [InlineData(GradientOrder.First)]
    [InlineData(GradientOrder.Second)]
    public void DARTS_K10_an_architecture_step_is_Adam_s_on_the_gradient_and_leaves_the_weights_alone(GradientOrder order)
    {
        using var network = Network();
        using var reference = Network();
        using var training = new BilevelTraining(network, CPU, new() { Order = order });
        reference.train();
        var gradient = new ArchitectureGradient([.. reference.parameters()], [.. reference.Alphas.Values], [.. reference.buffers()]);
        var step = new UnrolledStep(0.025, 0.9, 3e-4, [.. reference.parameters().Select(_ => (Tensor?)null)]);
        var (expected, gradients) = order == GradientOrder.First
            ? gradient.FirstOrder(() => Loss(reference, _validation))
            : gradient.SecondOrder(() => Loss(reference, _train), () => Loss(reference, _validation), step);

        var loss = training.ArchitectureStep(_train, _validation);

        Assert.Equal(expected.item<float>(), loss.item<float>());
        foreach (var ((row, before), along) in network.Alphas.Values.Zip(reference.Alphas.Values).Zip(gradients))
        {
            // The first step of Adam is as long as its learning rate, against the sign of the gradient with its decay.
            var direction = along! + (1e-3 * before); // not null: all rows take part
            Assert.True(allclose(before - (3e-4 * direction / (direction.abs() + 1e-8)), row, 1e-5, 1e-8));
        }

        Assert.All(network.Trainable.Zip(reference.Trainable), pair => Assert.True(equal(pair.First.Parameter, pair.Second.Parameter)));
        static bool equal(Tensor one, Tensor other) => one.eq(other).all().item<bool>();
    }

    [Fact]
    public void A_weight_step_is_that_of_clipped_SGD_and_leaves_the_architecture_parameters_alone()
    {
        using var network = Network();
        using var reference = Network();
        using var training = new BilevelTraining(network, CPU, new() { GradientClip = 0.1 });
        using var optimiser = optim.SGD(reference.parameters(), 0.01, 0.9, weight_decay: 3e-4);
        training.LearningRate = 0.01;
        reference.train();
        for (var step = 0; step < 3; step++)
        {
            optimiser.zero_grad();
            var expected = Loss(reference, _train);
            expected.backward();
            nn.utils.clip_grad_norm_(reference.parameters(), 0.1);
            optimiser.step();

            Assert.Equal(expected.item<float>(), training.WeightStep(_train).item<float>(), 5);
        }

        Assert.All(network.Weights, pair => Assert.True(allclose(reference.Weights[pair.Key], pair.Value, 1e-4, 1e-6), pair.Key));
        Assert.All(network.Alphas, pair => Assert.Equal(reference.Alphas[pair.Key].data<float>().ToArray(), pair.Value.data<float>().ToArray()));
        Assert.All(network.Alphas.Values, row => Assert.True(row is { requires_grad: true, grad: null }));
    }

    [Theory]
    [InlineData(GradientOrder.First, Precision.Float32)]
    [InlineData(GradientOrder.First, Precision.BFloat16)]
    [InlineData(GradientOrder.Second, Precision.Float32)]
    public void Both_losses_fall(GradientOrder order, Precision precision)
    {
        using var network = Network();
        using var training = new BilevelTraining(network, CPU, new() { Order = order, Precision = precision, AlphaLearningRate = 0.02 });
        var (firstTrain, firstValidation) = Turn();
        var (train, validation) = (firstTrain, firstValidation);
        for (var turn = 0; turn < 25; turn++)
        {
            (train, validation) = Turn();
        }

        Assert.InRange(train, 0, 0.6 * firstTrain);
        Assert.InRange(validation, 0, 0.9 * firstValidation);

        (float Train, float Validation) Turn()
        {
            using var scope = NewDisposeScope();
            var loss = training.ArchitectureStep(_train, _validation).item<float>();
            return (training.WeightStep(_train).item<float>(), loss);
        }
    }

    [Theory]
    [InlineData(GradientOrder.First)]
    [InlineData(GradientOrder.Second)]
    public void The_same_seed_gives_the_same_numbers(GradientOrder order)
    {
        Assert.Equal(Run(), Run());

        float[] Run()
        {
            using var network = Network();
            using var training = new BilevelTraining(network, CPU, new() { Order = order });
            for (var step = 0; step < 2; step++)
            {
                training.ArchitectureStep(_train, _validation);
                training.WeightStep(_train);
            }

            return [.. network.Weights.Values.Concat(network.Alphas.Values).SelectMany(tensor => tensor.contiguous().data<float>().ToArray())];
        }
    }

    /// <summary>Steps of the architecture parameters read the training text too, and another one; the steps of the weights go on in theirs as if there were none.</summary>
    [Theory]
    [InlineData(GradientOrder.First)]
    [InlineData(GradientOrder.Second)]
    public void Two_texts_are_read_by_turns_and_each_goes_on_where_it_was_left(GradientOrder order)
    {
        var options = new BilevelOptions { Order = order, AlphaLearningRate = 1e-9, LearningRate = 0.1, Momentum = 0, ClipsUnrolled = true, GradientClip = 0.5 };
        var (withSteps, without) = (Losses(takesArchitectureSteps: true), Losses(takesArchitectureSteps: false));
        var (forgetting, other) = (Losses(takesArchitectureSteps: false, begins: true), Losses(takesArchitectureSteps: true, validationFrom: 3));

        Assert.All(without.Weights.Zip(withSteps.Weights), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.Equal(without.Weights[0], forgetting.Weights[0], 1e-6);
        Assert.NotEqual(without.Weights[1], forgetting.Weights[1], 1e-4);
        Assert.NotEqual(withSteps.Validation[1], other.Validation[0], 1e-4); // the same window, but from another state

        (List<float> Weights, List<float> Validation) Losses(bool takesArchitectureSteps, bool begins = false, int validationFrom = 0)
        {
            var space = SearchSpaceCatalog.Create("darts-rnn", new Dictionary<string, string>
            {
                ["nodes"] = "2",
                ["hidden"] = "8",
                ["drop_input"] = "0",
                ["drop_x"] = "0",
                ["drop_h"] = "0",
                ["drop_output"] = "0",
            });
            using var network = new Network(space.Relaxed(TaskShape.Text(3, 5))!, CPU, new RandomSource(5)); // not null: the space has such a network
            using var training = new BilevelTraining(network, CPU, options);
            var (weights, validation) = (new List<float>(), new List<float>());
            training.Begin(isContinuous: true);
            for (var window = 0; window < 3; window++)
            {
                if (takesArchitectureSteps)
                {
                    validation.Add(training.ArchitectureStep(Window(1, window), Window(2, window + validationFrom)).item<float>());
                }

                weights.Add(training.WeightStep(Window(1, window)).item<float>());
                if (begins)
                {
                    training.Begin(isContinuous: true);
                }
            }

            return (weights, validation);
        }

        // Windows of three tokens of four streams.
        static (Tensor Inputs, Tensor Targets) Window(ulong text, int window)
        {
            var tokens = randint(5, [4, 19], dtype: int64, generator: new Generator(text, CPU));
            return (tokens.narrow(1, 3 * window, 3).contiguous(), tokens.narrow(1, (3 * window) + 1, 3).contiguous());
        }
    }

    [Fact]
    public void A_network_that_mixes_nothing_is_refused()
    {
        var graph = new LayerGraphBuilder(new(3, 8, 8, 4));
        using var network = new Network(graph.Finish(graph.Classifier(graph.Input)), CPU, new RandomSource(1));
        Assert.Throws<ArgumentException>(() => new BilevelTraining(network, CPU, new()));
    }

    private static (Tensor Inputs, Tensor Targets) Batch(ulong seed) => (randn([12, 3, 8, 8], generator: new Generator(seed, CPU)), arange(12) % 4);

    private static Tensor Loss(Network network, (Tensor Inputs, Tensor Targets) batch) =>
        Kernels.cross_entropy(network.call(batch.Inputs.contiguous(memory_format.channels_last)), batch.Targets);

    private static Network Network()
    {
        var space = SearchSpaceCatalog.Create("darts", new Dictionary<string, string> { ["cells"] = "3", ["channels"] = "4", ["nodes"] = "2" });
        return new(space.Relaxed(new(3, 8, 8, 4))!, CPU, new RandomSource(5)); // not null: the space has such a network
    }
}
