using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Bilevel;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Search.Training.Supernets;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Strategies.Darts;

/// <summary>A relaxed network in DARTS's training: a step of the architecture parameters by a batch of one part of the examples, then a step of the weights by a batch of the other.</summary>
internal sealed class DartsSupernet : Supernet
{
    private readonly SearchSpace _space;
    private readonly DartsOptions _options;
    private readonly Augmentation _augmentation;
    private readonly Network _network;
    private readonly BilevelTraining _training;
    private readonly DeviceDataset _weightExamples;
    private readonly DeviceDataset _choiceExamples;
    private readonly DeviceDataset _validation;
    private readonly Tensor _choiceLossSum;
    private Generator? _generator;
    private Tensor? _order;
    private int _done;

    /// <exception cref="UserErrorException">The space has no relaxed network for the task, or it needs more memory than there is.</exception>
    public DartsSupernet(SupernetContext context, DartsOptions options)
    {
        var (device, graph) = (context.Device, Relaxation.Of(context.Space, context.Task));
        MemoryNeed.OfTraining(graph, options.Batch).Demand(device);
        (_space, _options, _augmentation) = (context.Space, options, context.Augmentation);
        var precision = options.Bilevel.Order == GradientOrder.First ? context.Spec.Training.On(device).Precision : Precision.Float32;
        _network = new(graph, device, context.Random.Split("network"));
        _training = new(_network, device, options.Bilevel with { Precision = precision });
        (_weightExamples, _choiceExamples) = context.Cut(options.WeightShare);
        _validation = context.Validation();
        if (graph.MixesInCells && Math.Min(Batch, ChoiceBatch) < 2)
        {
            throw new UserErrorException(
                "The cell that mixes all choices normalises its nodes over the batch, which needs two examples or two streams of a text in each part, and there are not so many; give more of them (--fraction, share).");
        }

        _choiceLossSum = zeros(1, device: device).DetachFromDisposeScope();
    }

    public override int Batch => _weightExamples.BatchOf(_options.Batch);

    private int ChoiceBatch => _choiceExamples.BatchOf(_options.Batch);

    public override int Steps => _weightExamples.Steps(Batch);

    public override IReadOnlyDictionary<string, double> Diagnostics => new Dictionary<string, double>
    {
        ["entropy"] = Beliefs().Average(belief => belief.Entropy),
        ["architecture_loss"] = _choiceLossSum.item<float>() / Math.Max(1, _done),
        ["learning_rate"] = _training.LearningRate,
    };

    public override void Begin(int epoch, int epochs, RandomSource random)
    {
        ForgetOrder();
        _generator = new(random.Split("batches").NextUInt64() >> 1, _weightExamples.Device);
        _order = Shuffled(_weightExamples).DetachFromDisposeScope();
        _network.SeedNoise(random.Split("noise"));
        _training.Begin(_weightExamples.IsContinuous);
        _choiceLossSum.zero_();
        _done = 0;
        var (first, last) = (_options.Bilevel.LearningRate, Math.Min(_options.LastLearningRate, _options.Bilevel.LearningRate));
        _training.LearningRate = last + ((first - last) * (1 + Math.Cos(Math.PI * (epoch - 1) / epochs)) / 2);
    }

    public override void Step(int step, Tensor lossSum)
    {
        var train = _weightExamples.Step(step, Batch, _order!, _augmentation, _generator!); // not null: it was begun

        // A fresh order each time, and its first batch: as the released code draws it. Of a text the next batch, again from the beginning after the last.
        var place = _choiceExamples.IsContinuous ? step % _choiceExamples.Steps(ChoiceBatch) : 0;
        var choice = _choiceExamples.Step(place, ChoiceBatch, Shuffled(_choiceExamples), _augmentation, _generator!); // not null: as above
        _choiceLossSum.add_(_training.ArchitectureStep(train, choice));
        lossSum.add_(_training.WeightStep(train));
        _done++;
    }

    public override Measurement Measure(CancellationToken cancellation) => Trainer.Measure(_network, _validation, cancellation);

    public override Genotype Current(CancellationToken cancellation) => _space.Discretise(_network.Alphas.ToDictionary(row => row.Key, row => Values(row.Value)));

    public override IReadOnlyList<Belief> Beliefs() => [.. _network.Alphas.Select(row => Belief.OfRow(row.Key, _space.MixtureOf(row.Key), Values(row.Value)))];

    public override IReadOnlyList<Genotype> Derive(RandomSource random, CancellationToken cancellation) => [Current(cancellation)];

    public override IEnumerable<TensorEntry> Save() => _training.Save();

    public override void Load(SafetensorsFile file) => _training.Load(file);

    protected override void Dispose(bool disposing)
    {
        ForgetOrder();
        _training.Dispose();
        _network.Dispose();
        _weightExamples.Dispose();
        _choiceExamples.Dispose();
        _validation.Dispose();
        _choiceLossSum.Dispose();
    }

    private Tensor Shuffled(DeviceDataset examples) => randperm(examples.Count, dtype: int64, device: examples.Device, generator: _generator!); // not null: it was begun

    private void ForgetOrder()
    {
        _order?.Dispose();
        _generator?.Dispose();
    }

    private static double[] Values(Tensor row)
    {
        using var here = row.detach().cpu().data<float>();
        return [.. here.ToArray().Select(value => (double)value)];
    }
}
