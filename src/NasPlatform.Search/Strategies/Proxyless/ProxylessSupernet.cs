using System.Runtime.InteropServices;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Bilevel;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Search.Training.Supernets;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Strategies.Proxyless;

/// <summary>Weights of all paths, of which one path of each mixture is run at a time, and the architecture parameters by which it is drawn.</summary>
internal sealed class ProxylessSupernet : Supernet
{
    private const double BaselineStep = 0.99;
    private const double LatencyExponent = 0.1;

    private readonly SearchSpace _space;
    private readonly LayerGraph _relaxed;
    private readonly Device _device;
    private readonly TimeProvider _time;
    private readonly ProxylessOptions _options;
    private readonly Augmentation _augmentation;
    private readonly SharedWeightTraining _weights;
    private readonly PathRow[] _rows;
    private readonly Dictionary<string, HashSet<int>> _zeros;
    private readonly DeviceDataset _train;
    private readonly DeviceDataset _validation;
    private readonly Dictionary<string, double> _diagnostics = [];
    private LatencyTable? _latency;
    private double _reference;
    private double? _baseline;
    private RandomSource _random = new(0);
    private Generator? _generator;
    private Tensor? _order;
    private double _learningRate;
    private bool _learnsPaths;
    private double _lossSum;
    private int _updates;

    /// <exception cref="UserErrorException">The space has no relaxed network for the task, or a path needs more memory than there is.</exception>
    public ProxylessSupernet(SupernetContext context, ProxylessOptions options)
    {
        (_space, _device, _time, _options, _augmentation) = (context.Space, context.Device, context.Time, options, context.Augmentation);
        _relaxed = Relaxation.Of(_space, context.Task);
        var random = context.Random.Split("alphas");
        _rows = [.. _relaxed.Alphas.Select(row => new PathRow(row.Name, row.Options, random.Split(row.Name), options.AlphaLearningRate, options.AlphaBeta1))];
        _zeros = _relaxed.Layers.Where(layer => layer.Op is Op.Mix).GroupBy(mixture => ((Op.Mix)mixture.Op).Alphas)
            .ToDictionary(row => row.Key, row => row.First().Inputs.Index().Where(path => path.Item.Op is Op.Zero).Select(path => path.Index).ToHashSet());
        _weights = new(context, _relaxed.WithPaths(row => [Enumerable.Range(0, 2).First(path => !_zeros[row].Contains(path))]), options.Batch, options.Momentum, options.WeightDecay, options.LabelSmoothing);
        _train = context.Train();
        _validation = context.Validation();
    }

    public override int Batch => _train.BatchOf(_options.Batch);

    public override int Steps => _train.Steps(Batch);

    public override IReadOnlyDictionary<string, double> Diagnostics
    {
        get
        {
            var diagnostics = new Dictionary<string, double>(_diagnostics) { ["entropy"] = Beliefs().Average(belief => belief.Entropy), ["learning_rate"] = _learningRate };
            if (_updates > 0 && !_options.IsReinforced)
            {
                diagnostics["architecture_loss"] = _lossSum / _updates;
            }

            if (_latency is { } latency)
            {
                diagnostics["expected_ms"] = latency.Expected(Probabilities);
            }

            return diagnostics;
        }
    }

    public override void Begin(int epoch, int epochs, RandomSource random)
    {
        Forget();
        _random = random;
        _generator = new(random.Split("batches").NextUInt64() >> 1, _device);
        _order = Shuffled(_train).DetachFromDisposeScope();
        _learningRate = _options.LearningRateIn(epoch, epochs);
        _learnsPaths = epoch > _options.WarmUpOf(epochs) + 1; // not in the first epoch after the warm-up
        (_lossSum, _updates) = (0, 0);
        if (_options.Latency != LatencyForm.None && _latency is null)
        {
            _latency = LatencyTable.Measure(_relaxed, _device, _time);
            _reference = _options.TargetMs > 0 ? _options.TargetMs : _latency.Expected(Probabilities);
            if (_options is { Latency: LatencyForm.Multiply, IsReinforced: false } && Math.Min(_reference, _latency.Fixed) <= 1)
            {
                throw new UserErrorException(
                    $"Strategy 'proxylessnas': with latency=mul the logarithm of milliseconds is taken, and networks here may take less than one ({_reference:0.00} ms are aimed at, {_latency.Fixed:0.00} are the same for all); take latency=add.");
            }
        }
    }

    public override void Step(int step, Tensor lossSum)
    {
        var random = _random.Split("step", step);
        var batch = _train.Step(step, Batch, _order!, _augmentation, _generator!); // not null: it was begun
        using (var network = PathNetwork(row => row.Draw(random.Split(row.Name), 1), random))
        {
            _weights.Step(network, batch, _learningRate, lossSum);
        }

        if (_learnsPaths && (step + 1) % _options.Every == 0)
        {
            LearnPaths(random.Split("paths"));
        }
    }

    public override Measurement Measure(CancellationToken cancellation)
    {
        using var network = PathNetwork(row => [Array.IndexOf(row.Values, row.Values.Max())], _random.Split("measured"));
        return Trainer.Measure(network, _validation, cancellation, byBatchStatistics: true);
    }

    public override Genotype Current(CancellationToken cancellation) => _space.Discretise(_rows.ToDictionary(row => row.Name, row => row.Values));

    public override IReadOnlyList<Belief> Beliefs() => [.. _rows.Select(row => Belief.OfRow(row.Name, _space.MixtureOf(row.Name), row.Values))];

    public override IReadOnlyList<Genotype> Derive(RandomSource random, CancellationToken cancellation) => [Current(cancellation)];

    public override IEnumerable<TensorEntry> Save() =>
    [
        .. _weights.Save(),
        .. _rows.Select(row => Entry($"row/{row.Name}", row.Save())),
        Entry("paths/state", [_baseline ?? double.NaN, _reference, _latency?.Fixed ?? double.NaN]),
        .. (_latency?.Paths ?? new Dictionary<string, double[]>()).Select(row => Entry($"latency/{row.Key}", row.Value)),
    ];

    public override void Load(SafetensorsFile file)
    {
        _weights.Load(file);
        foreach (var row in _rows)
        {
            row.Load(Numbers($"row/{row.Name}"));
        }

        var state = Numbers("paths/state");
        (_baseline, _reference) = (double.IsNaN(state[0]) ? null : state[0], state[1]);
        _latency = double.IsNaN(state[2]) ? null : new(_rows.ToDictionary(row => row.Name, row => Numbers($"latency/{row.Name}").ToArray()), state[2]);

        ReadOnlySpan<double> Numbers(string name) => MemoryMarshal.Cast<byte, double>(file.Bytes(name));
    }

    protected override void Dispose(bool disposing)
    {
        Forget();
        _weights.Dispose();
        _train.Dispose();
        _validation.Dispose();
    }

    private void LearnPaths(RandomSource random)
    {
        using var scope = NewDisposeScope();
        var batch = _validation.Step(0, _validation.BatchOf(_options.Batch), Shuffled(_validation), Augmentation.None, _generator!); // not null: it was begun
        if (_options.IsReinforced)
        {
            Reinforce(batch, random);
        }
        else
        {
            FollowGates(batch, random);
        }
    }

    /// <summary>One step by the gradient of binary gates: one of the drawn paths is let through, and all of them are asked what they would have changed.</summary>
    private void FollowGates((Tensor Inputs, Tensor Targets) batch, RandomSource random)
    {
        var paths = _rows.ToDictionary(row => row.Name, row => _options.TakesAllPaths ? [.. Enumerable.Range(0, row.Values.Length)] : row.Draw(random.Split(row.Name), 2));
        var active = _rows.ToDictionary(row => row.Name, row => Active(row, paths[row.Name], random.Split("active").Split(row.Name)));
        using var network = _weights.NetworkOf(_relaxed.WithPaths(row => paths[row]), random, isGated: true);
        network.train();
        var (loss, ofGates) = GradientOfGates(network, _weights, batch, row => active[row]);
        var latency = _latency?.Expected(Probabilities) ?? 0;
        var form = new LatencyLoss(_options.Latency, _reference);
        _lossSum += form.Of(loss, latency);
        _updates++;
        foreach (var row in _rows)
        {
            var involved = paths[row.Name];
            if (!_zeros[row.Name].Contains(involved[active[row.Name]]) && ofGates.TryGetValue(row.Name, out var gates))
            {
                var gradient = GateGradient.OfAlphas([.. gates.Select(gate => gate * form.OfCrossEntropy(latency))], [.. involved.Select(path => row.Values[path])]);
                var ofLatency = OfLatency(row, form.OfLatency(loss, latency));
                row.Step(involved, [.. involved.Select((path, place) => gradient[place] + ofLatency[path])]);
            }
        }
    }

    /// <summary>The loss of a network whose gates let one path of each mixture through, and its gradient with respect to each gate.</summary>
    /// <param name="network">A gated one.</param>
    /// <param name="weights">Whose network it is.</param>
    /// <param name="active">Which place of a row's gates is open.</param>
    internal static (double Loss, IReadOnlyDictionary<string, double[]> OfGates) GradientOfGates(
        Network network, SharedWeightTraining weights, (Tensor Inputs, Tensor Targets) batch, Func<string, int> active)
    {
        using var scope = NewDisposeScope();
        foreach (var (name, gates) in network.Alphas)
        {
            using var _ = no_grad();
            gates.zero_();
            gates[active(name)] = 1;
        }

        using var held = new HeldParameters([.. network.Trainable.Select(entry => entry.Parameter)]);
        var loss = weights.LossOf(network, batch);
        var gradients = autograd.grad([loss], [.. network.Alphas.Values], allow_unused: true);
        return (loss.ToDouble(), network.Alphas.Keys.Zip(gradients).Where(row => !row.Second.IsInvalid).ToDictionary(row => row.First, row => Values(row.Second)));

        static double[] Values(Tensor row)
        {
            using var here = row.cpu().data<float>();
            return [.. here.ToArray().Select(value => (double)value)];
        }
    }

    /// <summary>One step by REINFORCE (released code): the reward is the accuracy, times (reference / latency)^0.1 where latency counts; the baseline nearly forgets what was before.</summary>
    private void Reinforce((Tensor Inputs, Tensor Targets) batch, RandomSource random)
    {
        var drawn = Enumerable.Range(0, _options.Samples).Select(sample => Sampled(random.Split("sample", sample))).ToList();
        var mean = drawn.Average(sample => sample.Reward);
        _baseline = _baseline is { } before ? before + (BaselineStep * (mean - before)) : mean;
        foreach (var row in _rows)
        {
            var probabilities = row.Probabilities;
            row.Step(
                [.. Enumerable.Range(0, probabilities.Length)],
                [.. probabilities.Select((probability, path) => -drawn.Average(sample => (sample.Reward - _baseline.Value) * ((sample.Paths[row.Name] == path ? 1 : 0) - probability)))]);
        }

        _diagnostics["reward"] = mean;
        _diagnostics["baseline"] = _baseline.Value;

        (Dictionary<string, int> Paths, double Reward) Sampled(RandomSource own)
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var paths = _rows.ToDictionary(row => row.Name, row => row.Draw(own.Split(row.Name), 1)[0]);
            using var network = PathNetwork(row => [paths[row.Name]], own);
            network.train();
            var outputs = network.call(batch.Inputs);
            var metric = _relaxed.Task.Kind.Metric;
            var score = metric == Metric.Accuracy
                ? outputs.argmax(1).eq(batch.Targets).to(float32).mean().item<float>()
                : metric.ScoreOfLoss(Loss.Of(outputs, batch.Targets, labelSmoothing: 0).item<float>());
            var latency = _latency?.Expected(row => [.. _latency.Paths[row].Select((_, path) => paths[row] == path ? 1.0 : 0)]);
            return (paths, (double.IsFinite(score) ? score : 0) * (latency is { } ms ? Math.Pow(_reference / ms, LatencyExponent) : 1));
        }
    }

    /// <summary>The slope of the expected latency along a row's numbers, times a factor.</summary>
    private double[] OfLatency(PathRow row, double factor)
    {
        if (factor == 0 || _latency is not { } table)
        {
            return new double[row.Values.Length];
        }

        var (latencies, probabilities) = (table.Paths[row.Name], row.Probabilities);
        var mean = latencies.Zip(probabilities, (latency, probability) => latency * probability).Sum();
        return [.. latencies.Zip(probabilities, (latency, probability) => factor * probability * (latency - mean))];
    }

    /// <summary>The place among drawn paths of the one that is let through: by their probabilities among each other.</summary>
    private static int Active(PathRow row, int[] paths, RandomSource random)
    {
        var probabilities = GateGradient.Softmax([.. paths.Select(path => row.Values[path])]);
        var rest = random.NextDouble();
        for (var place = 0; place < paths.Length - 1; place++)
        {
            rest -= probabilities[place];
            if (rest < 0)
            {
                return place;
            }
        }

        return paths.Length - 1;
    }

    private Network PathNetwork(Func<PathRow, int[]> paths, RandomSource random)
    {
        var kept = _rows.ToDictionary(row => row.Name, paths);
        return _weights.NetworkOf(_relaxed.WithPaths(row => kept[row]), random);
    }

    private double[] Probabilities(string row) => Array.Find(_rows, known => known.Name == row)!.Probabilities; // not null: rows of the same network

    private Tensor Shuffled(DeviceDataset examples) => randperm(examples.Count, dtype: int64, device: _device, generator: _generator!); // not null: it was begun

    private void Forget()
    {
        _order?.Dispose();
        _generator?.Dispose();
        (_order, _generator) = (null, null);
    }

    private static TensorEntry Entry(string name, double[] values) => new(name, TensorType.F64, [values.Length], stream => stream.Write(MemoryMarshal.AsBytes(values.AsSpan())));
}
