using System.Diagnostics;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NasPlatform.Search.Training;

/// <summary>
/// Trains one network on one device: synchronous code on the caller's thread, one dispose scope a step, nothing copied to the host within
/// a step. Between epochs its state is weights, what the optimiser remembers and an epoch number (<see cref="TrainingCheckpoint"/>); everything
/// random is drawn anew from the seed in each epoch, so that a resumed training goes on exactly as it would have.
/// </summary>
public sealed class Trainer : IDisposable
{
    /// <summary>What an auxiliary classifier's loss is multiplied by: 0.4 in NASNet, ENAS and DARTS.</summary>
    private const double AuxiliaryWeight = 0.4;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    private readonly Network _network;
    private readonly Device _device;
    private readonly TrainingOptions _options;
    private readonly Augmentation _augmentation;
    private readonly RandomSource _random;
    private readonly TimeProvider _time;
    private readonly OptimizerHelper _optimiser;

    /// <param name="network">On <paramref name="device"/>; stays the caller's.</param>
    /// <param name="device">Where the data lie, too.</param>
    /// <param name="options">Validated by the caller.</param>
    /// <param name="random">The training's stream: order of examples, augmentation, dropout.</param>
    /// <param name="time">For durations and the pace of progress.</param>
    public Trainer(Network network, Device device, TrainingOptions options, RandomSource random, TimeProvider time)
    {
        _network = network;
        _device = device;
        _options = options;
        var task = network.Graph.Task;
        _augmentation = task.Kind != TaskKind.ImageClassification ? Augmentation.None : options.Augmentation ?? Augmentation.Standard(task.Height, task.Width);
        _random = random;
        _time = time;
        _optimiser = OptimiserOf(options, network.parameters());
    }

    internal OptimizerHelper Optimiser => _optimiser;

    /// <summary>Trains for <paramref name="epochs"/> epochs, from <paramref name="done"/> on.</summary>
    /// <param name="train">At least two examples.</param>
    /// <param name="validation">Evaluated after each epoch; null for a training without.</param>
    /// <param name="epochs">The whole training's length, by which the learning rate falls; <paramref name="afterEpoch"/> may change it.</param>
    /// <param name="done">Results of the epochs that a checkpoint has behind it.</param>
    /// <param name="progress">Told at each epoch's end and at least each second; may be null.</param>
    /// <param name="afterEpoch">
    /// Called with all results so far: a place to write a checkpoint. Answers how many epochs the whole training has from now on. May be null.
    /// </param>
    /// <param name="cancellation">Looked at before each step.</param>
    /// <returns>One result an epoch.</returns>
    /// <exception cref="DivergedException">The loss is no longer finite.</exception>
    public TrainingResult Train(
        DeviceDataset train,
        DeviceDataset? validation,
        int epochs,
        IReadOnlyList<EpochResult> done,
        IProgress<TrainingProgress>? progress,
        Func<IReadOnlyList<EpochResult>, int>? afterEpoch,
        CancellationToken cancellation)
    {
        Denormals.Flush();
        var batch = train.BatchOf(_options.BatchSize);
        var steps = train.Steps(batch);
        var curve = done.ToList();
        var earlier = done.Count == 0 ? 0 : done[^1].Seconds;
        var started = _time.GetTimestamp();
        var training = TimeSpan.Zero;
        var trained = 0L;

        for (var epoch = done.Count + 1; epoch <= epochs; epoch++)
        {
            var epochStarted = _time.GetTimestamp();
            var lastTold = epochStarted;
            var random = _random.Split("epoch", epoch);
            using var generator = new Generator(random.Split("batches").NextUInt64() >> 1, _device);
            using var order = randperm(train.Count, dtype: int64, device: _device, generator: generator);
            using var lossSum = zeros(1, device: _device);
            using var parts = new EpochParts(steps, _device);
            _network.SeedNoise(random.Split("noise"));
            _network.train();
            Begin(_network, train);

            for (var step = 0; step < steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                SetLearningRate(((double)(epoch - 1) * steps) + step, (double)epochs * steps);
                _network.DropPathShare = ((epoch - 1.0) + ((double)step / steps)) / epochs;
                using var scope = NewDisposeScope();
                var (inputs, targets) = train.Step(step, batch, order, _augmentation, generator);
                Step(inputs, targets, lossSum);
                parts.Note(step + 1, lossSum);
                trained += train.ExamplesOf(batch);

                if (_time.GetElapsedTime(lastTold) >= ProgressInterval)
                {
                    lastTold = _time.GetTimestamp();
                    var elapsed = training + _time.GetElapsedTime(epochStarted);
                    progress?.Report(new(epoch, epochs, step + 1, steps, MeanLoss(step + 1), trained / elapsed.TotalSeconds, null, parts.Means(), train.ExamplesOf(batch)));
                }
            }

            training += _time.GetElapsedTime(epochStarted);
            var trainLoss = MeanLoss(steps);
            var measured = validation is null ? null : Measure(_network, validation, cancellation);
            curve.Add(new(epoch, trainLoss, measured?.Score, measured?.Loss, earlier + _time.GetElapsedTime(started).TotalSeconds, parts.Means()));
            epochs = afterEpoch?.Invoke(curve) ?? epochs;
            progress?.Report(new(epoch, epochs, steps, steps, trainLoss, trained / training.TotalSeconds, curve[^1], curve[^1].TrainLosses, train.ExamplesOf(batch)));

            double MeanLoss(int stepsDone)
            {
                var mean = lossSum.item<float>() / stepsDone;
                return float.IsFinite(mean) ? mean : throw new DivergedException(epoch);
            }
        }

        return new(curve, training.TotalSeconds > 0 ? trained / training.TotalSeconds : 0);
    }

    /// <summary>Runs every example once, in evaluation mode.</summary>
    /// <param name="byBatchStatistics">In training mode instead, so that batch norms go by the batch, where their running statistics are of another network.</param>
    public static Measurement Measure(Network network, DeviceDataset examples, CancellationToken cancellation, bool byBatchStatistics = false)
    {
        network.train(byBatchStatistics);
        Begin(network, examples);
        using var outer = NewDisposeScope();
        using var _ = no_grad();
        var task = network.Graph.Task;
        var right = zeros(task.Kind.IsRegression ? 0 : task.Outputs, dtype: int64, device: examples.Device);
        var total = zeros_like(right);
        var loss = zeros(1, device: examples.Device);
        var values = 0L;
        for (var part = 0; part < examples.Parts; part++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (inputs, targets) = examples.Part(part);
            var outputs = network.call(inputs);
            loss.add_(Loss.Of(outputs, targets, 0, nn.Reduction.Sum));
            values += targets.numel();
            if (!task.Kind.IsRegression)
            {
                var labels = targets.reshape(-1);
                right.index_add_(0, labels, outputs.reshape(-1, task.Outputs).argmax(1).eq(labels).to(int64), 1);
                total.index_add_(0, labels, ones_like(labels), 1);
            }
        }

        using var rightHere = right.cpu().data<long>();
        using var totalHere = total.cpu().data<long>();
        return new(task.Kind.Metric, rightHere.ToArray(), totalHere.ToArray(), loss.item<float>() / values);
    }

    public void Dispose() => _optimiser.Dispose();

    /// <summary>
    /// One step: forward, backward, optimiser; the mean loss of the batch is added to <paramref name="lossSum"/>, on the device. An auxiliary classifier's loss is trained on and not added there.
    /// </summary>
    /// <param name="inputs">What the network reads, <c>[n, ...]</c>, normalised.</param>
    /// <param name="targets">What it should give; see <see cref="DeviceDataset.Part"/>.</param>
    /// <param name="lossSum"><c>float32 [1]</c>.</param>
    public void Step(Tensor inputs, Tensor targets, Tensor lossSum)
    {
        _optimiser.zero_grad();
        using (Autocast(_options.Precision, _device))
        {
            var outputs = _network.call(inputs);
            var loss = Loss.Of(outputs, targets, _options.LabelSmoothing);
            var trained = _network.AuxiliaryLogits is { } auxiliary
                ? loss + (AuxiliaryWeight * Loss.Of(auxiliary, targets, _options.LabelSmoothing))
                : loss;
            trained.backward();
            using var _ = no_grad();
            lossSum.add_(loss);
        }

        if (_options.GradientClip is { } most)
        {
            nn.utils.clip_grad_norm_(_network.parameters(), most);
        }

        _optimiser.step();
    }

    private void SetLearningRate(double step, double steps)
    {
        foreach (var group in _optimiser.ParamGroups)
        {
            group.LearningRate = _options.LearningRate * _options.Schedule.FactorAt(step, steps);
        }
    }

    private static OptimizerHelper OptimiserOf(TrainingOptions options, IEnumerable<Parameter> parameters) => options.Optimizer switch
    {
        OptimizerKind.Sgd => optim.SGD(parameters, options.LearningRate, options.Momentum, weight_decay: options.WeightDecay, nesterov: options.Momentum > 0),
        OptimizerKind.Adam => optim.Adam(parameters, options.LearningRate, weight_decay: options.WeightDecay),
        OptimizerKind.AdamW => optim.AdamW(parameters, options.LearningRate, weight_decay: options.WeightDecay),
        OptimizerKind.Rmsprop => optim.RMSProp(parameters, options.LearningRate, weight_decay: options.WeightDecay, momentum: options.Momentum),
    };

    /// <summary>From the examples' beginning on, a network carries over what it remembers where they go on from step to step.</summary>
    private static void Begin(Network network, DeviceDataset examples)
    {
        network.ResetState();
        network.CarriesState = examples.IsContinuous;
    }

    /// <summary>What makes operators compute in a precision until it is disposed.</summary>
    internal static Autocast? Autocast(Precision precision, Device device) => precision switch
    {
        Precision.Float32 => null,
        Precision.BFloat16 => new Autocast(device, bfloat16),
    };
}

/// <summary>What a training gave.</summary>
/// <param name="Curve">One result an epoch.</param>
/// <param name="ImagesPerSecond">Training throughput; 0 when nothing was left to train.</param>
public sealed record TrainingResult(IReadOnlyList<EpochResult> Curve, double ImagesPerSecond);

/// <summary>What evaluation on a split gave.</summary>
/// <param name="Metric">How good is measured.</param>
/// <param name="Right">Rightly classified examples, by class; tokens that were thought the likeliest, by token; empty where numbers are predicted.</param>
/// <param name="Total">Examples, by class; tokens.</param>
/// <param name="Loss">Mean cross entropy in nats, or mean squared error in deviations.</param>
public sealed record Measurement(Metric Metric, IReadOnlyList<long> Right, IReadOnlyList<long> Total, double Loss)
{
    /// <summary>See <see cref="Evaluation.Evaluation.Score"/>.</summary>
    public double Score => Metric == Metric.Accuracy ? (double)Right.Sum() / Total.Sum() : Metric.ScoreOfLoss(Loss);
}

/// <summary>The loss stopped being a finite number.</summary>
public sealed class DivergedException(int epoch)
    : Exception($"The loss is not a finite number any more in epoch {epoch}; a lower learning rate may help.");
