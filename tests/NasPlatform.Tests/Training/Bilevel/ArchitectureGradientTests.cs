using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training.Bilevel;
using NasPlatform.Tests.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NasPlatform.Tests.Training.Bilevel;

public sealed class ArchitectureGradientTests : TorchTest
{
    private static readonly TaskShape Task = new(3, 8, 8, 4);

    [Theory]
    [InlineData(0, 0)] // DARTS-K9
    [InlineData(0.9, 0.1)]
    public void Second_order_of_a_quadratic_is_its_closed_form(double momentum, double decay)
    {
        var (w, alpha, buffer, rate) = (Scalar(0.7f), Scalar(-0.4f), tensor(0.3f), 0.2);
        var gradient = new ArchitectureGradient([w], [alpha], []);

        var (loss, gradients) = gradient.SecondOrder(() => 0.5 * (w - alpha).square(), () => 0.5 * (w - 1).square(), new(rate, momentum, decay, [buffer]));

        var unrolled = 0.7 - (rate * ((momentum * 0.3) + 0.7 + 0.4 + (decay * 0.7)));
        Assert.Equal(rate * (unrolled - 1), gradients[0]!.item<float>(), 5); // not null: it had a part
        Assert.Equal(0.5 * (unrolled - 1) * (unrolled - 1), loss.item<float>(), 6);
        Assert.Equal(0.7f, w.item<float>());
    }

    [Fact]
    public void Second_order_with_clipped_gradients_steps_and_looks_back_no_further_than_their_length()
    {
        // As above: g = ξ·v with v = w' − 1, where both gradients, of w − α = 1.1 and of v, are cut to 0.25.
        var (w, alpha, rate) = (Scalar(0.7f), Scalar(-0.4f), 0.2);
        var gradient = new ArchitectureGradient([w], [alpha], []);

        var (loss, gradients) = gradient.SecondOrder(() => 0.5 * (w - alpha).square(), () => 0.5 * (w - 1).square(), new(rate, 0, 0, [null], GradientClip: 0.25));

        var unrolled = 0.7 - (rate * 0.25);
        Assert.Equal(0.5 * (unrolled - 1) * (unrolled - 1), loss.item<float>(), 6);
        Assert.Equal(-rate * 0.25, gradients[0]!.item<float>(), 5); // not null: it had a part
        Assert.Equal(0.7f, w.item<float>());
    }

    [Fact]
    public void Second_order_of_a_bilinear_problem_is_its_closed_form()
    {
        // L_train = w·Aα + ½|w|², L_val = ½|w − t|² + b·α, so that ∇α L_val(w', α) = b − ξ·Aᵀ(w' − t) with w' = w − ξ(Aα + w).
        var (a, b, t) = (Noise([5, 3]), Noise([3]), Noise([5]));
        var (w, alpha, rate) = (new Parameter(Noise([5])), new Parameter(Noise([3])), 0.3);
        var gradient = new ArchitectureGradient([w], [alpha], []);

        var (_, gradients) = gradient.SecondOrder(
            () => w.dot(a.mv(alpha)) + (0.5 * w.dot(w)), () => (0.5 * (w - t).square().sum()) + b.dot(alpha), new(rate, 0, 0, [null]));

        var unrolled = w - (rate * (a.mv(alpha) + w));
        var expected = b - (rate * a.t().mv(unrolled - t));
        Assert.InRange(Distance(expected, gradients[0]!), 0, 1e-4); // not null: it had a part
    }

    [Fact]
    public void Second_order_of_a_network_is_that_of_double_backward()
    {
        using var problem = new Problem(Smooth(Darts()), learningRate: 0.5); // long, so that what only the second order has is no small part
        Assert.InRange(problem.ErrorOfIndirectPart(), 0, 0.02);
    }

    [Fact]
    public void First_order_is_the_plain_gradient_and_second_order_with_no_step_length_is_the_same()
    {
        using var problem = new Problem(Darts(), learningRate: 0);
        var network = problem.Network;
        F.cross_entropy(network.call(problem.Validation), problem.Labels).backward();
        var plain = network.Alphas.Values.Select(row => row.grad!.clone()).ToList(); // not null: all rows take part

        var first = problem.Gradient.FirstOrder(problem.ValidationLoss).Gradients;
        var second = problem.Gradient.SecondOrder(problem.TrainLoss, problem.ValidationLoss, problem.Step).Gradients;

        foreach (var ((expected, one), other) in plain.Zip(first).Zip(second))
        {
            Assert.InRange(Distance(expected, one!), 0, 1e-5); // not null: as above
            Assert.InRange(Distance(expected, other!), 0, 1e-5); // not null: as above
        }
    }

    [Fact]
    public void The_weights_are_the_same_to_the_last_bit_and_statistics_have_seen_the_training_batch_once()
    {
        using var problem = new Problem(Darts(), learningRate: 0.5);
        using var reference = new Problem(Darts(), learningRate: 0.5);
        var network = problem.Network;

        problem.Gradient.SecondOrder(problem.TrainLoss, problem.ValidationLoss, problem.Step);
        reference.TrainLoss();

        Assert.All(reference.Network.Weights, pair => Assert.Equal(Numbers(pair.Value), Numbers(network.Weights[pair.Key])));
        Assert.All(network.parameters(), weight => Assert.True(weight is { requires_grad: true, grad: null }));
        Assert.All(network.Alphas.Values, row => Assert.True(row is { requires_grad: true, grad: null }));
    }

    [Fact]
    public void The_weights_are_put_back_when_a_pass_throws()
    {
        using var problem = new Problem(Darts(), learningRate: 0.5);
        var before = problem.Network.Weights.ToDictionary(pair => pair.Key, pair => Numbers(pair.Value));
        var passes = 0;

        Assert.Throws<TimeoutException>(() => problem.Gradient.SecondOrder(
            () => ++passes == 3 ? throw new TimeoutException() : problem.TrainLoss(), problem.ValidationLoss, problem.Step));

        Assert.All(problem.Network.Trainable, entry => Assert.Equal(before[entry.Name], Numbers(entry.Parameter)));
        Assert.All(problem.Network.parameters(), weight => Assert.True(weight.requires_grad));
    }

    private static float[] Numbers(Tensor tensor) => tensor.contiguous().data<float>().ToArray();

    private static Parameter Scalar(float value) => new(tensor(value));

    private static Tensor Noise(long[] shape) => randn(shape, generator: new Generator((ulong)shape.Length, CPU));

    /// <summary>The length of the difference as a share of the expected.</summary>
    private static double Distance(Tensor expected, Tensor given) => ((expected - given).norm() / expected.norm()).item<float>();

    private static LayerGraph Darts() =>
        SearchSpaceCatalog.Create("darts", new Dictionary<string, string> { ["cells"] = "3", ["channels"] = "4", ["nodes"] = "2" }).Relaxed(Task)!; // not null: it has such a network

    /// <summary>
    /// The graph with functions that have second derivatives: where ReLU and maximum pooling bend between w − εv and w + εv, the finite difference sees it and double backward does not.
    /// </summary>
    private static LayerGraph Smooth(LayerGraph graph)
    {
        var builder = new LayerGraphBuilder(graph.Task);
        var layers = new List<Layer> { builder.Input };
        foreach (var layer in graph.Layers.Skip(1))
        {
            var inputs = layer.Inputs.Select(input => layers[input.Index]).ToArray();
            layers.Add(layer.Op switch
            {
                Op.Activation => builder.Add(layer.Name, new Op.Activation(ActivationKind.Tanh), inputs),
                Op.MaxPool pool => builder.Add(layer.Name, new Op.AvgPool(pool.Kernel, pool.Stride, pool.Padding), inputs),
                Op.Zero => builder.Zeros(layer.Name, inputs[0], layer.Shape),
                _ => builder.Add(layer.Name, layer.Op, inputs),
            });
        }

        return builder.Finish(layers[graph.Output.Index]);
    }

    /// <summary>A relaxed network between two batches.</summary>
    private sealed class Problem : IDisposable
    {
        private readonly LayerGraph _graph;
        private readonly Tensor _images = Noise([8, 3, 8, 8]);

        public Problem(LayerGraph graph, double learningRate)
        {
            _graph = graph;
            Network = new(graph, CPU, new RandomSource(5));
            Network.train();
            Validation = Noise([8, 3, 8, 8]).flip(0, 2);
            Labels = arange(8) % 4;
            Gradient = new([.. Network.parameters()], [.. Network.Alphas.Values], [.. Network.buffers()]);
            Step = new(learningRate, 0.9, 1e-2, [.. Network.parameters().Select(weight => 0.01 * Noise(weight.shape))]);
        }

        public Network Network { get; }

        public Tensor Validation { get; }

        public Tensor Labels { get; }

        public ArchitectureGradient Gradient { get; }

        public UnrolledStep Step { get; }

        public Tensor TrainLoss() => F.cross_entropy(Network.call(_images), Labels);

        public Tensor ValidationLoss() => F.cross_entropy(Network.call(Validation), Labels);

        /// <summary>How far what only the second order has is from double backward's, as a share of it.</summary>
        public double ErrorOfIndirectPart()
        {
            var given = Flat(Gradient.SecondOrder(TrainLoss, ValidationLoss, Step).Gradients!); // not null: all rows take part
            var weights = Network.parameters().ToList();
            Parameter[] alphas = [.. Network.Alphas.Values];

            // L_train's gradient, still a function of α; the step along it in another network.
            var gradients = autograd.grad([TrainLoss()], [.. weights], create_graph: true);
            using var ahead = new Network(_graph, CPU, new RandomSource(5));
            ahead.train();
            using (no_grad())
            {
                foreach (var (((weight, next), gradient), buffer) in weights.Zip(ahead.parameters()).Zip(gradients).Zip(Step.Buffers))
                {
                    next.copy_(weight - (Step.LearningRate * ((Step.Momentum * buffer!) + gradient + (Step.WeightDecay * weight)))); // not null: made above
                }
            }

            var all = autograd.grad([F.cross_entropy(ahead.call(Validation), Labels)], [.. ahead.Alphas.Values, .. ahead.parameters()]);
            var (direct, v) = (all.Take(alphas.Length), all.Skip(alphas.Length));
            var along = gradients.Zip(v, (gradient, other) => (gradient * other.detach()).sum()).Aggregate((sum, part) => sum + part);
            var indirect = -Step.LearningRate * Flat(autograd.grad([along], [.. alphas]));
            return Distance(indirect, given - Flat(direct));
        }

        public void Dispose() => Network.Dispose();

        private static Tensor Flat(IEnumerable<Tensor> rows) => cat([.. rows]);
    }
}
