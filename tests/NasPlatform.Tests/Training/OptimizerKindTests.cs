using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Training;

/// <summary>Two steps of each rule from torch.optim's documentation, by hand; the rules' own twenty steps are compared with PyTorch's in <c>Torch/OptimizerTests</c>.</summary>
public sealed class OptimizerKindTests
{
    private const double Rate = 0.01;
    private const double Momentum = 0.8;
    private const double Decay = 0.1;

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.Adam)]
    [InlineData(OptimizerKind.AdamW)]
    [InlineData(OptimizerKind.Rmsprop)]
    public void A_trainer_steps_by_the_rule_of_its_optimiser(OptimizerKind kind)
    {
        set_num_threads(1);
        using var scope = NewDisposeScope();
        var builder = new LayerGraphBuilder(new TaskShape(1, 4, 4, 2));
        var graph = builder.Finish(builder.Classifier(builder.ConvNorm("trunk", builder.Input, 2, 3)));
        using var network = new Network(graph, CPU, new RandomSource(3));
        using var trainer = new Trainer(network, CPU, new() { Optimizer = kind, LearningRate = Rate, Momentum = Momentum, WeightDecay = Decay }, new RandomSource(3), TimeProvider.System);
        var images = arange(2 * 16, dtype: float32).sin().reshape(2, 1, 4, 4);
        var labels = tensor(new long[] { 0, 1 });
        var lossSum = zeros(1);
        network.train();
        var rule = network.Trainable.ToDictionary(entry => entry.Name, _ => RuleOf(kind));
        for (var step = 1; step <= 2; step++)
        {
            var before = network.Trainable.ToDictionary(entry => entry.Name, entry => entry.Parameter.detach().clone());
            trainer.Step(images, labels, lossSum);
            foreach (var (name, parameter) in network.Trainable)
            {
                // The gradients of the step are still there.
                var expected = rule[name](before[name], parameter.grad!, step); // not null: it took part
                Assert.True(allclose(expected, parameter, 1e-4, 1e-6), $"{kind}, step {step}, {name}");
            }
        }
    }

    [Fact]
    public void Words_name_the_kinds_and_another_family_brings_its_own_learning_rate()
    {
        Assert.Equal(["sgd", "adam", "adamw", "rmsprop"], Optimizers.AllWords);
        Assert.All(Enum.GetValues<OptimizerKind>(), kind => Assert.Equal(kind, Optimizers.Named(kind.Words)));
        Assert.Null(Optimizers.Named("lion"));
        Assert.Equal((OptimizerKind.AdamW, 0.001), Of(new TrainingOptions().By(OptimizerKind.AdamW)));
        Assert.Equal((OptimizerKind.Sgd, 0.03), Of(new TrainingOptions { LearningRate = 0.03 }.By(OptimizerKind.Sgd)));
        Assert.Equal((OptimizerKind.Rmsprop, 0.004), Of(new TrainingOptions { Optimizer = OptimizerKind.Adam, LearningRate = 0.004 }.By(OptimizerKind.Rmsprop)));

        static (OptimizerKind Optimizer, double LearningRate) Of(TrainingOptions options) => (options.Optimizer, options.LearningRate);
    }

    /// <summary>A parameter's next value from its value, its gradient and the step's number; it remembers what the rule does.</summary>
    private static Func<Tensor, Tensor, int, Tensor> RuleOf(OptimizerKind kind)
    {
        Tensor? momentum = null, mean = null, square = null;
        return (weight, gradient, step) =>
        {
            var penalised = gradient + (Decay * weight);
            switch (kind)
            {
                case OptimizerKind.Sgd:
                    momentum = momentum is null ? penalised : (Momentum * momentum) + penalised;
                    return weight - (Rate * (penalised + (Momentum * momentum)));
                case OptimizerKind.Adam:
                    return weight - (Rate * Adam(penalised, step));
                case OptimizerKind.AdamW:
                    return ((1 - (Rate * Decay)) * weight) - (Rate * Adam(gradient, step));
                case OptimizerKind.Rmsprop:
                    square = 0.01 * penalised.square() + (square is null ? 0 : 0.99 * square);
                    var scaled = penalised / (square.sqrt() + 1e-8);
                    momentum = momentum is null ? scaled : (Momentum * momentum) + scaled;
                    return weight - (Rate * momentum);
                default:
                    throw new ArgumentOutOfRangeException(nameof(kind));
            }
        };

        Tensor Adam(Tensor gradient, int step)
        {
            mean = (0.1 * gradient) + (mean is null ? 0 : 0.9 * mean);
            square = (0.001 * gradient.square()) + (square is null ? 0 : 0.999 * square);
            var (unbiased, size) = (mean / (1 - Math.Pow(0.9, step)), square / (1 - Math.Pow(0.999, step)));
            return unbiased / (size.sqrt() + 1e-8);
        }
    }
}
