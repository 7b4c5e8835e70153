using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies.Controllers;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Search.Training.Supernets;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Strategies.Enas;

/// <summary>Shared weights and the controller that draws from them: an epoch of the weights on the training examples, then the controller's updates by rewards on validation minibatches.</summary>
internal sealed class EnasSupernet : Supernet
{
    /// <summary>Architectures that are drawn to tell what would be derived now, as the released code prints ten after each epoch.</summary>
    private const int Shown = 10;

    /// <summary>Architectures by whose decisions is told how likely each option is.</summary>
    private const int Counted = 100;

    /// <summary>What a language model's 1 / perplexity is multiplied by to be a reward.</summary>
    private const double PerplexityReward = 80;

    // Of the controller's Adam in the released code.
    private const double Beta1 = 0;
    private const double Epsilon = 1e-3;

    private readonly SearchSpace _space;
    private readonly TaskShape _task;
    private readonly Device _device;
    private readonly EnasOptions _options;
    private readonly Augmentation _augmentation;
    private readonly SharedWeightTraining _weights;
    private readonly ControllerLearning _controller;
    private readonly DeviceDataset _train;
    private readonly DeviceDataset _validation;
    private readonly CarriedStates _states = new();
    private RandomSource _random = new(0);
    private Generator? _generator;
    private Tensor? _order;
    private Tensor? _validationOrder;
    private int _validationSteps;
    private Genotype? _current;
    private double _learningRate;

    /// <param name="random">The strategy's stream.</param>
    /// <exception cref="UserErrorException">A network needs more memory than there is.</exception>
    public EnasSupernet(SupernetContext context, EnasOptions options, RandomSource random)
    {
        (_space, _task, _device, _options, _augmentation) = (context.Space, context.Task, context.Device, options, context.Augmentation);
        var example = _space.Build(_space.Sample(context.Random.Split("example")), _task);
        _weights = new(context, example, options.Batch, options.Momentum, 2 * options.WeightDecay, clip: options.GradientClip, decaysAll: options.DecaysAll);
        var controller = PolicyCatalog.Create(options.Policy, new(_space, random.Split("init"), options.Units, options.Layers, options.Range, options.Shaping, options.ConvolutionBias));
        _controller = new(_space, controller, new(controller.Parameters, options.ControllerLearningRate, Beta1, Epsilon), options);
        _train = context.Train();
        _validation = context.Validation();
    }

    public override int Batch => _train.BatchOf(_options.Batch);

    public override int WeightSteps => _train.Steps(Batch);

    public override int Steps => WeightSteps + _options.Updates;

    public override IReadOnlyDictionary<string, double> Diagnostics => _controller.Diagnostics;

    public override void Begin(int epoch, int epochs, RandomSource random)
    {
        Restart(random);
        _order = Shuffled(_train);
        _learningRate = _options.LearningRateIn(epoch, epochs);
    }

    public override void Step(int step, Tensor lossSum)
    {
        if (step < WeightSteps)
        {
            TrainWeights(step, lossSum);
        }
        else
        {
            TrainController(step - WeightSteps);
        }
    }

    public override Measurement Measure(CancellationToken cancellation)
    {
        using var network = NetworkOf(Current(cancellation), _random.Split("measured"));
        return Trainer.Measure(network, _validation, cancellation, _options.ByBatchStatistics);
    }

    public override Genotype Current(CancellationToken cancellation) => _current ??= Best(Shown, _random.Split("shown"), cancellation)[0];

    public override IReadOnlyList<Belief> Beliefs()
    {
        var random = _random.Split("beliefs");
        return
        [
            .. Enumerable.Range(0, Counted).SelectMany(number => _controller.Sample(random.Split("counted", number)).Decisions)
                .GroupBy(decision => decision.Name)
                .Select(made => Belief.Of(
                    made.Key, made.First().Choice.Options, Enumerable.Range(0, made.First().Choice.Options.Length).Select(option => made.Count(decision => decision.Value == option) / (double)made.Count()))),
        ];
    }

    public override IReadOnlyList<Genotype> Derive(RandomSource random, CancellationToken cancellation)
    {
        Restart(random);
        return Best(_options.Candidates, random.Split("candidates"), cancellation)[.._options.Tried];
    }

    public override IEnumerable<TensorEntry> Save() => [.. _weights.Save(), .. _controller.Save()];

    public override void Load(SafetensorsFile file)
    {
        _weights.Load(file);
        _controller.Load(file);
    }

    protected override void Dispose(bool disposing)
    {
        Forget();
        _weights.Dispose();
        _train.Dispose();
        _validation.Dispose();
    }

    private void TrainWeights(int step, Tensor lossSum)
    {
        var child = _controller.Sample(_random.Split("child", step));
        using var network = NetworkOf(child, _random.Split("noise", step));
        network.CarriesState = _train.IsContinuous;
        _states.Begin(network);
        _weights.Step(network, _train.Step(step, Batch, _order!, _augmentation, _generator!), _learningRate, lossSum); // not null: it was begun
        _states.Keep(network);
    }

    private void TrainController(int update)
    {
        var random = _random.Split("update", update);
        var drawn = new List<(Genotype Genotype, double Reward)>();
        for (var sample = 0; sample < _options.Samples; sample++)
        {
            using var scope = NewDisposeScope();
            var genotype = _controller.Sample(random.Split("sample", sample));
            drawn.Add((genotype, Reward(ScoreOf(genotype, NextMinibatch(), random.Split("noise", sample)))));
        }

        _controller.Learn(drawn);
    }

    /// <summary>Draws architectures and orders them by their scores on one validation minibatch, the best first; each network once.</summary>
    private Genotype[] Best(int count, RandomSource random, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var minibatch = NextMinibatch();
        var scored = new List<(Genotype Genotype, double Score)>();
        var known = new HashSet<string>();
        for (var number = 0; number < count; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            var genotype = _controller.Sample(random.Split("drawn", number));
            if (known.Add(_space.Format(genotype)))
            {
                scored.Add((genotype, ScoreOf(genotype, minibatch, random.Split("noise", number))));
            }
        }

        // A policy that is nearly certain draws fewer than are to be tried: then the best of those that it drew are all that there is.
        var ordered = scored.OrderByDescending(entry => entry.Score).Select(entry => entry.Genotype).ToList();
        while (count >= _options.Tried && ordered.Count < _options.Tried)
        {
            ordered.Add(ordered[^1]);
        }

        return [.. ordered];
    }

    private double ScoreOf(Genotype genotype, (Tensor Inputs, Tensor Targets) minibatch, RandomSource random)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var network = NetworkOf(genotype, random);
        network.train(_options.ByBatchStatistics);
        var outputs = network.call(minibatch.Inputs);
        var score = _task.Kind.Metric == Metric.Accuracy
            ? outputs.reshape(-1, _task.Outputs).argmax(1).eq(minibatch.Targets.reshape(-1)).to(float32).mean().item<float>()
            : _task.Kind.Metric.ScoreOfLoss(Loss.Of(outputs, minibatch.Targets, labelSmoothing: 0).item<float>());
        return double.IsFinite(score) ? score : 0;
    }

    private double Reward(double score) => _task.Kind.Metric == Metric.Perplexity ? PerplexityReward * score : score;

    private Network NetworkOf(Genotype genotype, RandomSource random) => _weights.NetworkOf(_space.Build(genotype, _task), random);

    private (Tensor Inputs, Tensor Targets) NextMinibatch()
    {
        var batch = _validation.BatchOf(_options.Batch);
        var place = _validationSteps++ % _validation.Steps(batch);
        if (place == 0)
        {
            _validationOrder?.Dispose();
            _validationOrder = Shuffled(_validation);
        }

        return _validation.Step(place, batch, _validationOrder!, Augmentation.None, _generator!); // not null: it was begun, and the first place made an order
    }

    private Tensor Shuffled(DeviceDataset examples) =>
        randperm(examples.Count, dtype: int64, device: _device, generator: _generator!).DetachFromDisposeScope(); // not null: it was begun

    private void Restart(RandomSource random)
    {
        Forget();
        _random = random;
        _generator = new(random.Split("batches").NextUInt64() >> 1, _device);
        (_validationSteps, _current) = (0, null);
    }

    private void Forget()
    {
        _states.Forget();
        _order?.Dispose();
        _validationOrder?.Dispose();
        _generator?.Dispose();
        (_order, _validationOrder, _generator) = (null, null, null);
    }
}
