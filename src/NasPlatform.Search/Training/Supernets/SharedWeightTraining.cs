using NasPlatform.Search.Networks;
using NasPlatform.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training.Supernets;

/// <summary>Weights that many networks share by name, and the SGD that moves those of one network at a time: a weight that the network does not have gets no gradient, and stays as it is.</summary>
internal sealed class SharedWeightTraining : IDisposable
{
    private readonly Device _device;
    private readonly Precision _precision;
    private readonly double _labelSmoothing;
    private readonly double _clip;
    private readonly bool _decaysAll;
    private readonly SharedWeights _shared;
    private readonly SGD _optimiser;
    private int _optimised;

    /// <param name="context">Device, precision and the stream of the initial weights.</param>
    /// <param name="example">A network like those that are trained.</param>
    /// <param name="batch">Examples a step.</param>
    /// <param name="momentum">Nesterov's.</param>
    /// <param name="weightDecay">L2 penalty, as libtorch's.</param>
    /// <param name="labelSmoothing">Probability spread over all classes.</param>
    /// <param name="clip">The most that the norm of the gradients may be; 0 for no limit.</param>
    /// <param name="decaysAll">Whether weights that the network does not have move by decay and momentum all the same.</param>
    /// <exception cref="UserErrorException">The network needs more memory than there is.</exception>
    public SharedWeightTraining(SupernetContext context, LayerGraph example, int batch, double momentum, double weightDecay, double labelSmoothing = 0, double clip = 0, bool decaysAll = false)
    {
        _device = context.Device;
        MemoryNeed.OfTraining(example, batch).Demand(_device);
        Denormals.Flush();
        (_precision, _labelSmoothing, _clip, _decaysAll) = (context.Spec.Training.On(_device).Precision, labelSmoothing, clip, decaysAll);
        _shared = new(_device, Plan.For(example, _device.type).IsChannelsLast, context.Random.Split("network"));
        _optimiser = optim.SGD(Array.Empty<Parameter>(), 1e-3, momentum, weight_decay: weightDecay, nesterov: momentum > 0);
    }

    /// <summary>A network of these weights. Dispose it.</summary>
    /// <param name="random">Of dropout's masks.</param>
    /// <param name="isGated">See <see cref="Network.IsGated"/>.</param>
    public Network NetworkOf(LayerGraph graph, RandomSource random, bool isGated = false)
    {
        var network = new Network(graph, _device, random, shared: _shared) { IsGated = isGated };
        if (_optimised < _shared.Trainable.Count)
        {
            _optimiser.add_param_group(new SGD.ParamGroup { Parameters = [.. _shared.Trainable.Skip(_optimised).Select(entry => entry.Parameter)] });
            _optimised = _shared.Trainable.Count;
        }

        return network;
    }

    /// <summary>One step of a network's weights; the mean loss before is added to <paramref name="lossSum"/>.</summary>
    public void Step(Network network, (Tensor Inputs, Tensor Targets) batch, double learningRate, Tensor lossSum)
    {
        network.train();
        _optimiser.zero_grad(set_to_none: true);
        var loss = LossOf(network, batch);
        loss.backward();
        using (no_grad())
        {
            lossSum.add_(loss);
        }

        if (_clip > 0)
        {
            nn.utils.clip_grad_norm_(network.Trainable.Select(entry => entry.Parameter), _clip);
        }

        if (_decaysAll)
        {
            foreach (var (_, parameter) in _shared.Trainable)
            {
                parameter.grad ??= zeros_like(parameter);
            }
        }

        foreach (var group in _optimiser.ParamGroups)
        {
            group.LearningRate = learningRate;
        }

        _optimiser.step();
    }

    /// <summary>The mean loss of a batch.</summary>
    public Tensor LossOf(Network network, (Tensor Inputs, Tensor Targets) batch)
    {
        using var _ = Trainer.Autocast(_precision, _device);
        return Loss.Of(network.call(batch.Inputs), batch.Targets, _labelSmoothing);
    }

    public IEnumerable<TensorEntry> Save() => [.. _shared.Save(), .. OptimizerMemory.Save(_optimiser, _shared.Trainable)];

    public void Load(SafetensorsFile file)
    {
        foreach (var name in file.Names.Where(name => !name.Contains('/'))) // a weight's name has dots
        {
            _shared.Load(file, name);
        }

        _optimiser.add_param_group(new SGD.ParamGroup { Parameters = [.. _shared.Trainable.Select(entry => entry.Parameter)] });
        _optimised = _shared.Trainable.Count;
        OptimizerMemory.Load(file, _optimiser, _shared.Trainable);
    }

    public void Dispose()
    {
        _optimiser.Dispose();
        _shared.Dispose();
    }
}
