using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Training.Supernets;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Training.Supernets;

/// <summary>The phase before the first trial: what it tells, what it keeps, when it ends.</summary>
public sealed class SupernetTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dataset _dataset;

    public SupernetTrainingTests() => _dataset = TinyDataset.Open(_folder.Path);

    /// <summary>An experiment of each one-shot strategy.</summary>
    public static TheoryData<string> Strategies => [.. StrategyCatalog.Names.Where(StrategyCatalog.IsOneShot)];

    public void Dispose()
    {
        _dataset.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Each_epoch_is_told_and_the_same_seed_gives_the_same(string strategy)
    {
        var (first, again) = (new Told(), new Told());
        var spec = TinySupernet.Of(strategy);

        var result = Run(spec, "first", first);
        var same = Run(spec, "again", again);

        Assert.Equal([1, 2, 3], first.Epochs.Select(epoch => epoch.Epoch));
        Assert.All(first.Epochs, epoch => Assert.True(double.IsFinite(epoch.TrainLoss) && epoch.Score is >= 0 and <= 1 && epoch.Epochs == 3));
        Assert.All(first.Epochs.SelectMany(epoch => epoch.Beliefs), belief => Assert.Equal(1, belief.Probabilities.Sum(), 2));
        Assert.Equal(first.Epochs.Select(Learnt), again.Epochs.Select(Learnt));
        Assert.Equal(result.Genotypes, same.Genotypes);
        Assert.NotEqual(Learnt(first.Epochs[^1]), Learnt(Epochs(spec with { Seed = 7 })[^1]));
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void One_that_was_killed_goes_on_and_ends_as_it_would_have(string strategy)
    {
        var spec = TinySupernet.Of(strategy);
        var whole = new Told();
        var expected = Run(spec, "whole", whole);
        using var kill = new CancellationTokenSource();
        var before = new Told { OnEpoch = _ => kill.Cancel() };
        Assert.ThrowsAny<OperationCanceledException>(() => Run(spec, "killed", before, cancellation: kill.Token));

        var after = new Told();
        var result = Run(spec, "killed", after);

        Assert.Single(after.Done);
        Assert.Equal(whole.Epochs.Select(Learnt), after.Done.Concat(after.Epochs).Select(Learnt));
        Assert.Equal(expected.Genotypes, result.Genotypes);

        // Once it has ended nothing is trained again.
        var known = new Told();
        Assert.Equal(result.Genotypes, Run(spec, "killed", known).Genotypes);
        Assert.Empty(known.Epochs);
    }

    [Theory]
    [InlineData("darts first")]
    [InlineData("darts second")]
    [InlineData("enas")]
    public void A_recurrent_cell_is_learnt_from_a_text_and_a_training_that_was_killed_goes_on(string strategy)
    {
        using var text = TaskDatasets.Open(_folder["texts"], TaskKind.LanguageModelling);
        var spec = strategy == "enas" ? TinySupernet.EnasRecurrent() : TinySupernet.DartsRecurrent(1, ("order", strategy.Split(' ')[1]));
        var whole = new Told();
        var expected = Training(spec, dataset: text).Run(() => null, _folder["whole.safetensors"], whole, TestContext.Current.CancellationToken);
        using var kill = new CancellationTokenSource();
        var before = new Told { OnEpoch = _ => kill.Cancel() };
        Assert.ThrowsAny<OperationCanceledException>(() => Training(spec, dataset: text).Run(() => null, _folder["killed.safetensors"], before, kill.Token));

        var after = new Told();
        var result = Training(spec, dataset: text).Run(() => null, _folder["killed.safetensors"], after, TestContext.Current.CancellationToken);

        Assert.Single(after.Done);
        Assert.Equal(whole.Epochs.Select(Learnt), after.Done.Concat(after.Epochs).Select(Learnt));
        Assert.Equal(expected.Genotypes, result.Genotypes);
        if (strategy != "enas")
        {
            Assert.True(whole.Epochs[^1].TrainLoss < whole.Epochs[0].TrainLoss);
            Assert.Equal(["node1/edge0", "node2/edge0", "node2/edge1"], whole.Epochs[^1].Beliefs.Select(belief => belief.Name));
        }
    }

    [Fact]
    public void A_checkpoint_of_another_experiment_is_passed_over()
    {
        Run(TinySupernet.Darts(), "run", new Told());
        var told = new Told();
        Run(TinySupernet.Darts(seed: 2), "run", told);
        Assert.Equal((0, 3), (told.Done.Count, told.Epochs.Count));
    }

    [Fact]
    public void Ended_early_it_gives_what_was_learnt_until_then()
    {
        var told = new Told();
        var training = Training(TinySupernet.Darts());
        told.OnEpoch = _ => training.Finish();

        var result = training.Run(() => null, _folder["finish.safetensors"], told, TestContext.Current.CancellationToken);

        Assert.Equal(told.Epochs.Single().Genotype, result.Genotypes.Single());
    }

    [Fact]
    public void With_a_time_as_many_epochs_are_trained_as_fit_into_four_fifths_of_it()
    {
        var time = new WorkTime(TimeSpan.FromMilliseconds(100));
        var told = new Told();
        var available = TimeSpan.FromSeconds(30);

        Run(TinySupernet.Darts(1, ("epochs", "50")), "time", told, available, time);

        Assert.InRange(told.Epochs.Count, 3, 49);
        Assert.InRange(time.Elapsed, TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(26));
        Assert.Equal(told.Epochs.Count, told.Epochs[^1].Epochs);
    }

    [Fact]
    public void Where_not_even_one_epoch_fits_it_ends_within_it()
    {
        var told = new Told();
        var result = Run(TinySupernet.Darts(), "none", told, TimeSpan.Zero);
        Assert.Single(told.Epochs);
        Assert.Single(result.Genotypes);
    }

    [Fact]
    public void A_loss_that_is_not_finite_is_told_as_such()
    {
        var error = Assert.Throws<UserErrorException>(() => Run(TinySupernet.Darts(1, ("learning_rate", "100"), ("weight_decay", "1"), ("epochs", "40")), "diverges", new Told()));
        Assert.StartsWith("The training of the supernet failed. The loss is not a finite number any more", error.Message, StringComparison.Ordinal);
    }

    private List<SupernetEpoch> Epochs(ExperimentSpec spec)
    {
        var told = new Told();
        Run(spec, $"seed-{spec.Seed}", told);
        return told.Epochs;
    }

    private SupernetResult Run(ExperimentSpec spec, string name, Told told, TimeSpan? available = null, TimeProvider? time = null, CancellationToken? cancellation = null) =>
        Training(spec, time).Run(() => available, _folder[$"{name}.safetensors"], told, cancellation ?? TestContext.Current.CancellationToken);

    private SupernetTraining Training(ExperimentSpec spec, TimeProvider? time = null, Dataset? dataset = null)
    {
        var space = SearchSpaceCatalog.Create(spec.Space, spec.SpaceSettings);
        var strategy = (OneShotStrategy)StrategyCatalog.Create(spec.Strategy, space, spec.StrategySettings, new RandomSource(spec.Seed).Split("strategy"));
        return new(spec, strategy, space, dataset ?? _dataset, time ?? TimeProvider.System);
    }

    private static string Learnt(SupernetEpoch epoch) =>
        $"{epoch.Epoch} {epoch.TrainLoss:R} {epoch.Score:R} {epoch.Loss:R} {epoch.Genotype} {string.Join(' ', epoch.Beliefs.SelectMany(belief => belief.Probabilities))}";

    private sealed class Told : IProgress<ExperimentEvent>
    {
        public List<SupernetEpoch> Epochs { get; } = [];

        public List<SupernetEpoch> Done { get; } = [];

        public Action<int>? OnEpoch { get; set; }

        public void Report(ExperimentEvent value)
        {
            switch (value)
            {
                case ExperimentEvent.SupernetStarted started:
                    Done.AddRange(started.Done);
                    break;
                case ExperimentEvent.SupernetEpochEnded(var epoch):
                    Epochs.Add(epoch);
                    OnEpoch?.Invoke(epoch.Epoch);
                    break;
            }
        }
    }
}
