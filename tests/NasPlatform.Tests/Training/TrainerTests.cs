using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Tests.Support;
using NasPlatform.Torch;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dataset _dataset;
    private readonly DeviceDataset _train;
    private readonly DeviceDataset _validation;

    public TrainerTests()
    {
        set_num_threads(1);
        _dataset = TinyDataset.Open(_folder.Path);
        _train = DeviceDataset.Of(_dataset, _dataset.Indices(Split.Train), CPU);
        _validation = DeviceDataset.Of(_dataset, _dataset.Indices(Split.Validation), CPU);
    }

    public void Dispose()
    {
        _train.Dispose();
        _validation.Dispose();
        _dataset.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void A_small_network_learns_separable_classes(Precision precision)
    {
        var (curve, _) = Train(epochs: 6, Options with { Precision = precision });
        Assert.InRange(curve[^1].Score ?? 0, 0.95, 1);
        Assert.True(curve[^1].TrainLoss < curve[0].TrainLoss);
    }

    [Theory]
    [InlineData(OptimizerKind.Adam)]
    [InlineData(OptimizerKind.AdamW)]
    [InlineData(OptimizerKind.Rmsprop)]
    public void A_small_network_learns_separable_classes_by_another_optimiser(OptimizerKind optimizer) =>
        Assert.InRange(Train(epochs: 6, Options with { Optimizer = optimizer, LearningRate = 0.005, Schedule = ScheduleKind.OneCycle }).Curve[^1].Score ?? 0, 0.95, 1);

    [Fact]
    public void Same_seed_and_one_thread_give_the_same_numbers()
    {
        var (first, firstWeights) = Train(epochs: 2, Options);
        var (second, secondWeights) = Train(epochs: 2, Options);
        Assert.Equal(first.Select(Numbers), second.Select(Numbers));
        Assert.Equal(firstWeights, secondWeights);
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd, ScheduleKind.Cosine)]
    [InlineData(OptimizerKind.Adam, ScheduleKind.OneCycle)]
    [InlineData(OptimizerKind.AdamW, ScheduleKind.WarmupCosine)]
    [InlineData(OptimizerKind.Rmsprop, ScheduleKind.Step)]
    public void A_training_that_goes_on_from_a_checkpoint_ends_with_the_same_weights(OptimizerKind optimizer, ScheduleKind schedule)
    {
        var options = Options with { Optimizer = optimizer, Schedule = schedule, LearningRate = optimizer == OptimizerKind.Sgd ? 0.05 : 0.002 };
        var (whole, weights) = Train(epochs: 4, options);
        var path = Path.Combine(_folder.Path, "checkpoint.safetensors");
        var identity = new Dictionary<string, string> { ["of"] = "this" };
        using (var network = Network())
        using (var trainer = Trainer(network, options))
        {
            using var stop = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() => trainer.Train(_train, _validation, 4, [], null, curve =>
            {
                TrainingCheckpoint.Save(path, identity, network, trainer, curve);
                if (curve.Count == 2)
                {
                    stop.Cancel();
                }

                return 4;
            }, stop.Token));
        }

        using var resumed = Network();
        using var again = Trainer(resumed, options);
        var done = TrainingCheckpoint.TryLoad(path, identity, resumed, again);
        var result = again.Train(_train, _validation, 4, done, null, null, TestContext.Current.CancellationToken);

        Assert.Equal(2, done.Count);
        Assert.Equal(whole.Select(Numbers), result.Curve.Select(Numbers));
        Assert.Equal(weights, WeightsOf(resumed));
        Assert.Empty(TrainingCheckpoint.TryLoad(path, new Dictionary<string, string> { ["of"] = "another" }, resumed, again));
    }

    [Fact]
    public void A_loss_that_is_no_number_any_more_ends_the_training() =>
        Assert.Throws<DivergedException>(() => Train(epochs: 20, Options with { LearningRate = 100, WeightDecay = 1 }));

    [Fact]
    public void Two_trainings_side_by_side_give_what_each_gives_alone()
    {
        var alone = Train(epochs: 2, Options).Weights;
        var together = new float[2][];
        var threads = Enumerable.Range(0, 2).Select(place => new Thread(() =>
        {
            set_num_threads(1);
            together[place] = Train(epochs: 2, Options).Weights;
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.All(together, weights => Assert.Equal(alone, weights));
    }

    [Fact]
    public void Progress_is_told_at_each_epoch_s_end()
    {
        var told = new List<TrainingProgress>();
        using var network = Network();
        using var trainer = Trainer(network, Options);
        trainer.Train(_train, _validation, 3, [], new Collector(told), null, TestContext.Current.CancellationToken);

        Assert.Equal([1, 2, 3], told.Where(progress => progress.Finished is not null).Select(progress => progress.Epoch));
        Assert.Equal(1, told[^1].Fraction, 9);
    }

    [Theory]
    [InlineData(32)] // fewer steps than parts
    [InlineData(2)] // more, in parts of unlike length
    public void The_loss_within_an_epoch_has_the_epoch_s_mean(int batch)
    {
        var steps = _train.Count / batch;
        var epoch = Train(epochs: 1, Options with { BatchSize = batch }).Curve.Single();

        var parts = EpochResult.PartsOf(steps);
        var ends = Enumerable.Range(1, parts).Select(part => (part * steps + parts - 1) / parts).ToArray();
        Assert.Equal(parts, epoch.TrainLosses!.Count);
        Assert.Equal(epoch.TrainLoss, epoch.TrainLosses.Select((mean, part) => mean * (ends[part] - (part == 0 ? 0 : ends[part - 1]))).Sum() / steps, 4);
        Assert.True(epoch.TrainLosses[^1] < epoch.TrainLosses[0]);
    }

    [Fact]
    public void An_auxiliary_classifier_is_trained_with_four_tenths_of_its_loss_and_kept_in_checkpoints()
    {
        using var scope = NewDisposeScope();
        var builder = new LayerGraphBuilder(new TaskShape(1, 6, 6, 2));
        var trunk = builder.ConvNorm("trunk", builder.Input, 4, 3);
        var graph = builder.Finish(builder.Classifier(trunk), builder.AuxiliaryClassifier(trunk));
        using var network = new Network(graph, CPU, new RandomSource(3));
        using var reference = new Network(graph, CPU, new RandomSource(3));
        var images = arange(4 * 36, dtype: float32).sin().reshape(4, 1, 6, 6);
        var labels = tensor(new long[] { 0, 1, 1, 0 });
        network.train();
        reference.train();
        var loss = nn.functional.cross_entropy(reference.call(images), labels);
        (loss + (0.4 * nn.functional.cross_entropy(reference.AuxiliaryLogits!, labels))).backward();

        using var trainer = Trainer(network, Options with { LearningRate = 0.5, Momentum = 0, WeightDecay = 0 });
        var lossSum = zeros(1);
        var before = network.Trainable.Select(entry => entry.Parameter.detach().clone()).ToList();
        trainer.Step(images, labels, lossSum);

        Assert.Equal(loss.item<float>(), lossSum.item<float>(), 6);
        foreach (var ((now, then), one) in network.Trainable.Zip(before).Zip(reference.Trainable))
        {
            Assert.True(allclose(then - (0.5 * one.Parameter.grad!), now.Parameter, 1e-5, 1e-6), now.Name);
        }

        var path = Path.Combine(_folder.Path, "auxiliary.safetensors");
        TrainingCheckpoint.Save(path, new Dictionary<string, string>(), network, trainer, [new(1, 1, null, null, 1, [])]);
        using var again = Trainer(reference, Options);
        Assert.Single(TrainingCheckpoint.TryLoad(path, new Dictionary<string, string>(), reference, again));
        Assert.Equal(WeightsOf(network), WeightsOf(reference));
    }

    [Fact]
    public void Measuring_counts_by_class()
    {
        using var network = Network();
        var measured = Search.Training.Trainer.Measure(network, _validation, TestContext.Current.CancellationToken);
        Assert.Equal(_validation.Count, measured.Total.Sum());
        Assert.Equal(TinyDataset.Classes, measured.Right.Count);
        Assert.InRange(measured.Loss, 0.5, 5);
    }

    private static TrainingOptions Options { get; } = new() { BatchSize = 32, LearningRate = 0.05, Augmentation = new(CropPadding: 1, Flip: true) };

    private static (int Epoch, double TrainLoss, double? Score, double? Loss) Numbers(EpochResult result) =>
        (result.Epoch, result.TrainLoss, result.Score, result.Loss);

    private static float[] WeightsOf(Network network) =>
        [.. network.Weights.Values.SelectMany(weight => weight.contiguous().data<float>().ToArray())];

    private static Trainer Trainer(Network network, TrainingOptions options) => new(network, CPU, options, new RandomSource(3), TimeProvider.System);

    private Network Network()
    {
        var space = SearchSpaceCatalog.Create("chain", new Dictionary<string, string> { ["layers"] = "2", ["filters"] = "8,16" });
        var graph = space.Build(space.Parse("3x3/1x1/8 3x3/2x2/16@1"), new TaskShape(1, _dataset.Height, _dataset.Width, TinyDataset.Classes));
        return new(graph, CPU, new RandomSource(3));
    }

    private (IReadOnlyList<EpochResult> Curve, float[] Weights) Train(int epochs, TrainingOptions options)
    {
        using var scope = NewDisposeScope();
        using var network = Network();
        using var trainer = Trainer(network, options);
        var result = trainer.Train(_train, _validation, epochs, [], null, null, TestContext.Current.CancellationToken);
        return (result.Curve, WeightsOf(network));
    }

    private sealed class Collector(List<TrainingProgress> told) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => told.Add(value);
    }
}
