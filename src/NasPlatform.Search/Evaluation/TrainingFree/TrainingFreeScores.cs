using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Evaluation.TrainingFree;

/// <summary>
/// What a network shows before it is trained, on one batch: scores that go with the accuracy that training would give, more or less. Greater is better; null is a score that cannot be had of this network and
/// ranks last. They depend on the weights, the batch and its size. The numbers of parameters and multiply-adds are what each has to beat.
/// </summary>
/// <param name="Naswot">
/// The logarithm of |det K|, K summing over all ReLU layers how alike the examples' patterns of active units are (Mellor et al. 2021, arXiv 2006.04647). Null where two examples have one pattern, or nothing is rectified.
/// </param>
/// <param name="SynFlow">
/// The logarithm of Σ |w · ∂R/∂w| over the weights of convolutions and full layers, R the sum of what comes out for an input of ones when all parameters are positive and batch norms do nothing (Tanaka et al. 2020,
/// arXiv 2006.05467). Null where nothing of the input arrives.
/// </param>
/// <param name="GradientNorm">Σ over those layers of the norm of the loss's gradient with respect to the weights.</param>
/// <param name="Snip">Σ |w · ∂L/∂w| over those weights (Lee et al. 2019).</param>
/// <param name="Zen">
/// log E ‖f(x) − f(x + 0.01 · x₂)‖₁ + Σ over batch norms of log √(mean variance of the batch), with normal weights and images and f what is pooled at the end (Lin et al. 2021, arXiv 2102.01063); the mean of
/// <see cref="ZenRepeats"/>. Null where no layer's output is pooled at the end.
/// </param>
/// <param name="ParameterCount">Trainable values.</param>
/// <param name="MultiplyAdds">For one example.</param>
public sealed record TrainingFreeScores(double? Naswot, double? SynFlow, double GradientNorm, double Snip, double? Zen, long ParameterCount, long MultiplyAdds)
{
    /// <summary>How often Zen draws weights and images.</summary>
    public const int ZenRepeats = 4;

    private const double ZenStep = 0.01;

    /// <summary>Scores a network.</summary>
    /// <param name="graph">Of a task whose examples are numbers, not tokens.</param>
    /// <param name="inputs">The batch: <c>float32 [n, ...]</c>, normalised, n at least 2.</param>
    /// <param name="targets">What it should give; see <see cref="Loss.Of"/>.</param>
    /// <param name="random">For the initial weights, and Zen's.</param>
    /// <exception cref="UserErrorException">The task reads tokens.</exception>
    public static TrainingFreeScores Of(LayerGraph graph, Tensor inputs, Tensor targets, RandomSource random)
    {
        using var network = Fresh(graph, inputs, random);
        using var scope = NewDisposeScope();
        var synFlow = OfPaths(network, inputs); // first: the others move batch norms' running statistics
        var (gradientNorm, snip) = OfLoss(network, inputs, targets);
        var naswot = OfPatterns(network, inputs);
        var zen = OfPerturbation(network, inputs, random.Split("zen")); // last: it draws other weights
        return new(naswot, synFlow, gradientNorm, snip, zen, graph.Cost.ParameterCount, graph.Cost.MultiplyAdds);
    }

    /// <summary>One score of a network, the same as among all of them.</summary>
    /// <param name="proxy">Which.</param>
    /// <param name="graph">As for all; so are the others.</param>
    /// <exception cref="UserErrorException">The task reads tokens, and the score is no count.</exception>
    public static double? Of(Proxy proxy, LayerGraph graph, Tensor inputs, Tensor targets, RandomSource random)
    {
        if (proxy is Proxy.Parameters or Proxy.MultiplyAdds)
        {
            return proxy == Proxy.Parameters ? graph.Cost.ParameterCount : graph.Cost.MultiplyAdds;
        }

        using var network = Fresh(graph, inputs, random);
        using var scope = NewDisposeScope();
        return proxy switch
        {
            Proxy.Naswot => OfPatterns(network, inputs),
            Proxy.SynFlow => OfPaths(network, inputs),
            Proxy.GradientNorm => OfLoss(network, inputs, targets).GradientNorm,
            Proxy.Snip => OfLoss(network, inputs, targets).Snip,
            _ => OfPerturbation(network, inputs, random.Split("zen")),
        };
    }

    private static Network Fresh(LayerGraph graph, Tensor inputs, RandomSource random)
    {
        Demand(graph.Task.Kind);
        var plan = Plan.LayerByLayer(graph.WithoutAuxiliary(), isChannelsLast: false); // every layer's output is looked at
        return new(plan.Graph, inputs.device, random, plan);
    }

    /// <exception cref="UserErrorException">Networks of such a task have no scores but their counts.</exception>
    public static void Demand(TaskKind task)
    {
        if (task == TaskKind.LanguageModelling)
        {
            throw new UserErrorException("Training-free scores are defined for images, series and tables; a text's tokens have no neighbours to differ from.");
        }
    }

    private static double? OfPatterns(Network network, Tensor inputs)
    {
        using var _ = no_grad();
        network.train();
        var kernel = zeros([inputs.shape[0], inputs.shape[0]], dtype: float64);
        network.Trace(inputs, (layer, value) =>
        {
            if (layer.Op is Op.Activation { Kind: ActivationKind.Relu })
            {
                var active = value.gt(0).to(float32).flatten(1);
                var silent = 1 - active;
                kernel.add_((active.matmul(active.t()) + silent.matmul(silent.t())).cpu().to(float64));
            }
        });
        return LogDeterminant.Of(kernel.data<double>().ToArray(), (int)inputs.shape[0]);
    }

    private static (double GradientNorm, double Snip) OfLoss(Network network, Tensor inputs, Tensor targets)
    {
        network.train();
        Loss.Of(network.call(inputs), targets, labelSmoothing: 0).backward();
        using var _ = no_grad();
        var (norms, products) = (0.0, 0.0);
        foreach (var (weight, gradient) in Weights(network))
        {
            norms += gradient.norm().ToDouble();
            products += (weight * gradient).abs().sum().ToDouble();
        }

        return (norms, products);
    }

    // In double precision, because numbers grow from layer to layer; the network is put back as it was.
    private static double? OfPaths(Network network, Tensor inputs)
    {
        var before = network.Trainable.ToDictionary(entry => entry.Name, entry => entry.Parameter.detach().clone());
        network.to(float64).eval(); // fresh running statistics, 0 and 1, leave numbers as they are
        using (no_grad())
        {
            foreach (var (_, parameter) in network.Trainable)
            {
                parameter.abs_();
            }
        }

        network.zero_grad();
        network.call(ones([1, .. inputs.shape[1..]], dtype: float64, device: inputs.device)).sum().backward();
        using var _ = no_grad();
        var sum = Weights(network).Sum(pair => (pair.Weight * pair.Gradient).abs().sum().ToDouble());
        network.zero_grad();
        network.to(float32);
        network.Load(name => before.TryGetValue(name, out var value) ? value.alias() : network.Weights[name].clone());
        return sum > 0 && double.IsFinite(sum) ? Math.Log(sum) : null;
    }

    private static double? OfPerturbation(Network network, Tensor inputs, RandomSource random)
    {
        if (network.Graph.Layers.LastOrDefault(layer => layer.Op is Op.GlobalAvgPool) is not { } pooling || pooling.Inputs[0].Op is Op.Input)
        {
            return null;
        }

        using var _ = no_grad();
        network.train();
        var pooled = pooling.Inputs[0];
        var normed = network.Graph.Layers.Where(layer => layer.Op is Op.BatchNorm).Select(layer => layer.Inputs[0]).ToLookup(layer => layer);
        using var generator = new Generator(random.NextUInt64() >> 1, inputs.device);
        var total = 0.0;
        for (var repeat = 0; repeat < ZenRepeats; repeat++)
        {
            foreach (var (_, parameter) in network.Trainable.Where(entry => network.Weights[entry.Name].dim() > 1))
            {
                parameter.normal_(0, 1, generator);
            }

            var images = randn(inputs.shape, device: inputs.device, generator: generator);
            var moved = images + (ZenStep * randn(inputs.shape, device: inputs.device, generator: generator));
            var variances = 0.0;
            var (still, changed) = (Features(images, value => variances += 0.5 * Math.Log(value)), Features(moved, null));
            total += Math.Log((still - changed).abs().flatten(1).sum(1).mean().ToDouble()) + variances;
        }

        return double.IsFinite(total) ? total / ZenRepeats : null;

        Tensor Features(Tensor images, Action<double>? variance)
        {
            Tensor? features = null;
            network.Trace(images, (layer, value) =>
            {
                if (layer == pooled)
                {
                    features = value.clone();
                }

                for (var reader = 0; variance is not null && reader < normed[layer].Count(); reader++)
                {
                    variance(value.transpose(0, 1).flatten(1).var(1, unbiased: true).mean().ToDouble());
                }
            });
            return features!; // not null: the pooling is run
        }
    }

    /// <summary>The weights of convolutions and full layers that had a gradient, with it.</summary>
    private static IEnumerable<(Tensor Weight, Tensor Gradient)> Weights(Network network) =>
        from layer in network.Graph.Layers
        where layer.Op is Op.Conv2d or Op.Linear
        let weight = network.Weights[WeightSpec.Of(layer)[0].Name]
        let gradient = weight.grad
        where gradient is not null
        select (weight, gradient);
}
