using NasPlatform.Search.Networks;
using NasPlatform.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training.Bilevel;

/// <summary>
/// Trains a relaxed network as DARTS does (Liu et al. 2019, algorithm 1): in turns a step of the architecture parameters by the validation loss and a step of the weights by the training loss, each with an optimiser of
/// its own. To be used on one thread, in one dispose scope a step; nothing is copied to the host but the norm by which a weight step's gradients are clipped.
/// </summary>
public sealed class BilevelTraining : IDisposable
{
    private readonly Network _network;
    private readonly Device _device;
    private readonly BilevelOptions _options;
    private readonly Parameter[] _weights;
    private readonly Parameter[] _alphas;
    private readonly SGD _weightOptimiser;
    private readonly Adam _alphaOptimiser;
    private readonly ArchitectureGradient _gradient;
    private readonly CarriedStates _trained = new();
    private readonly CarriedStates _validated = new();

    /// <param name="network">A network of <see cref="Spaces.SearchSpace.Relaxed"/>, on <paramref name="device"/>; stays the caller's.</param>
    /// <param name="device">Where the batches lie, too.</param>
    /// <param name="options">Validated by the caller.</param>
    /// <exception cref="ArgumentException">The network mixes nothing.</exception>
    public BilevelTraining(Network network, Device device, BilevelOptions options)
    {
        if (network.Alphas.Count == 0)
        {
            throw new ArgumentException("The network has no architecture parameters.", nameof(network));
        }

        Denormals.Flush();
        _network = network;
        _device = device;
        _options = options;
        _weights = [.. network.parameters()];
        _alphas = [.. network.Alphas.Values];
        _weightOptimiser = optim.SGD(_weights, options.LearningRate, options.Momentum, weight_decay: options.WeightDecay);
        _alphaOptimiser = optim.Adam(_alphas, options.AlphaLearningRate, options.AlphaBetas.First, options.AlphaBetas.Second, weight_decay: options.AlphaWeightDecay);
        _gradient = new(_weights, _alphas, [.. network.buffers()]);
    }

    /// <summary>Of the weights; the length of the unrolled step, too. DARTS lets it fall on a cosine, epoch by epoch, from 0.025 to 0.001.</summary>
    public double LearningRate
    {
        get => _weightOptimiser.ParamGroups.First().LearningRate;
        set => _weightOptimiser.ParamGroups.First().LearningRate = value;
    }

    /// <summary>
    /// Begins anew with the batches of both parts. Where they go on from step to step, as those of a text, the network carries its states over, those of either part by itself; the passes of a step of the
    /// architecture parameters read the training batch from where the step of the weights will read it.
    /// </summary>
    /// <param name="isContinuous">Whether they go on.</param>
    public void Begin(bool isContinuous)
    {
        _network.ResetState();
        _network.CarriesState = isContinuous;
        _trained.Forget();
        _validated.Forget();
    }

    /// <summary>All that the next step begins with: weights, architecture parameters (<c>alpha/</c> and the row's name) and what the optimisers remember.</summary>
    internal IEnumerable<TensorEntry> Save() =>
    [
        .. _network.Weights.Select(pair => WeightFile.Entry(pair.Key, pair.Value)),
        .. Rows.Select(row => WeightFile.Entry(row.Name, row.Parameter)),
        .. OptimizerMemory.Save(_weightOptimiser, _network.Trainable),
        .. OptimizerMemory.Save(_alphaOptimiser, Rows),
    ];

    /// <summary>Goes back to what was saved.</summary>
    internal void Load(SafetensorsFile file)
    {
        using var _ = no_grad();
        _network.Load(name => WeightFile.Read(file, name));
        foreach (var (name, row) in Rows)
        {
            using var value = WeightFile.Read(file, name);
            row.copy_(value);
        }

        OptimizerMemory.Load(file, _weightOptimiser, _network.Trainable);
        OptimizerMemory.Load(file, _alphaOptimiser, Rows);
    }

    /// <summary>Moves the architecture parameters once. The weights are the same afterwards, to the last bit.</summary>
    /// <param name="train">The batch of the unrolled step; the first order does not look at it.</param>
    /// <param name="validation">The batch whose loss is to fall.</param>
    /// <returns>The mean validation loss, <c>float32 []</c>, on the device; of the second order, that of the unrolled weights.</returns>
    public Tensor ArchitectureStep((Tensor Inputs, Tensor Targets) train, (Tensor Inputs, Tensor Targets) validation)
    {
        using var scope = NewDisposeScope();
        _network.train();
        var (loss, gradients) = _options.Order switch
        {
            GradientOrder.First => _gradient.FirstOrder(() => LossOf(validation, _validated, isKept: true)),
            GradientOrder.Second => _gradient.SecondOrder(() => LossOf(train, _trained, isKept: false), () => LossOf(validation, _validated, isKept: true), NextStep()),
        };
        foreach (var (row, gradient) in _alphas.Zip(gradients))
        {
            row.grad = gradient;
        }

        _alphaOptimiser.step();
        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>Moves the weights once.</summary>
    /// <param name="train">The batch whose loss is to fall.</param>
    /// <returns>The mean training loss before, <c>float32 []</c>, on the device.</returns>
    public Tensor WeightStep((Tensor Inputs, Tensor Targets) train)
    {
        using var scope = NewDisposeScope();
        _network.train();
        _weightOptimiser.zero_grad(set_to_none: true);
        Tensor loss;
        using (new HeldParameters(_alphas))
        {
            loss = LossOf(train, _trained, isKept: true);
            loss.backward();
        }

        nn.utils.clip_grad_norm_(_weights, _options.GradientClip);
        _weightOptimiser.step();
        return loss.detach().MoveToOuterDisposeScope();
    }

    private IEnumerable<(string Name, Parameter Parameter)> Rows => _network.Alphas.Select(row => ($"alpha/{row.Key}", row.Value));

    public void Dispose()
    {
        _weightOptimiser.Dispose();
        _alphaOptimiser.Dispose();
        _trained.Dispose();
        _validated.Dispose();
    }

    private Tensor LossOf((Tensor Inputs, Tensor Targets) batch, CarriedStates states, bool isKept)
    {
        using var _ = Trainer.Autocast(_options.Precision, _device);
        states.Begin(_network);
        var outputs = _network.call(batch.Inputs);
        if (isKept)
        {
            states.Keep(_network);
        }

        return Loss.Of(outputs, batch.Targets, labelSmoothing: 0);
    }

    private UnrolledStep NextStep() =>
        new(
        LearningRate,
        _options.Momentum,
        _options.WeightDecay,
        [.. _weightOptimiser.state_dict().State.Select(state => ((SGD.State)state).momentum_buffer)],
        _options.ClipsUnrolled ? _options.GradientClip : null);
}
