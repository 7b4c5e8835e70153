using NasPlatform.Search.Datasets;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Export;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Experiments;

/// <summary>The plan of epochs of a final training that has only so much time.</summary>
public sealed class FinalTrainingTests : IDisposable
{
    private const int MostEpochs = 40;
    private const int SlowFactor = 4;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Available = TimeSpan.FromSeconds(40);

    private readonly TemporaryFolder _folder = new();
    private readonly Dataset _dataset;

    public FinalTrainingTests() => _dataset = TinyDataset.Open(_folder.Path);

    public void Dispose()
    {
        _dataset.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void At_an_even_speed_as_many_epochs_are_trained_as_fit()
    {
        var time = new WorkTime(Tick);
        var told = new Told(_ => { });

        var result = Run("even", time, told, Available);

        Assert.InRange(time.Elapsed, Available / 2, Available);
        Assert.InRange(result.Epochs, 5, MostEpochs - 1);
    }

    [Fact]
    public void When_the_machine_becomes_slow_the_plan_is_cut_and_the_time_kept()
    {
        var even = Run("even", new WorkTime(Tick), new Told(_ => { }), Available);
        var time = new WorkTime(Tick);
        var told = new Told(epoch => time.Tick = epoch >= 2 ? Tick * SlowFactor : Tick);

        var result = Run("slow", time, told, Available);

        Assert.InRange(time.Elapsed, TimeSpan.Zero, Available);
        Assert.InRange(result.Epochs, 3, even.Epochs - 1);
        Assert.Equal(result.Epochs, told.Plans[^1]);
        Assert.True(told.Planned > result.Epochs);
        Assert.Equal($"{result.Epochs}", CheckpointPlan("slow"));
        Assert.Equal(result.Epochs, Description("slow").Training.Epochs);
    }

    [Fact]
    public void When_the_machine_becomes_fast_more_is_trained_but_no_more_than_asked()
    {
        var time = new WorkTime(Tick);
        var told = new Told(_ => time.Tick = Tick / 20);

        var result = Run("fast", time, told, Available);

        Assert.True(told.Planned < MostEpochs);
        Assert.Equal(MostEpochs, result.Epochs);
    }

    [Fact]
    public void Without_a_limit_of_time_exactly_the_asked_epochs_are_trained()
    {
        var told = new Told(_ => { });
        Assert.Equal(3, Run("asked", new WorkTime(Tick), told, null, epochs: 3).Epochs);
        Assert.Equal([3, 3, 3], told.Plans);
    }

    [Fact]
    public void An_interrupted_training_goes_on_with_the_plan_in_its_checkpoint()
    {
        using var interruption = new CancellationTokenSource();
        var time = new WorkTime(Tick);
        var told = new Told(epoch =>
        {
            if (epoch == 4)
            {
                interruption.Cancel();
            }
        });

        Assert.ThrowsAny<OperationCanceledException>(() => Run("parts", time, told, Available, cancellation: interruption.Token));
        var kept = CheckpointPlan("parts");
        var resumed = new Told(_ => { });
        Run("parts", time, resumed, Available - time.Elapsed);

        Assert.Equal($"{told.Plans[^1]}", kept);
        Assert.Equal(told.Plans[^1], resumed.Planned);
        Assert.Equal(5, resumed.FirstEpoch);
        Assert.InRange(time.Elapsed, TimeSpan.Zero, Available);
    }

    private FinalResult Run(string name, WorkTime time, Told told, TimeSpan? available, int epochs = MostEpochs, CancellationToken? cancellation = null)
    {
        var settings = new Dictionary<string, string> { ["layers"] = "1", ["filters"] = "8,16" };
        var space = SearchSpaceCatalog.Create("chain", settings);
        var genotype = space.Parse("3x3/1x1/8");
        var spec = new ExperimentSpec
        {
            Dataset = _dataset.Name,
            SpaceSettings = settings,
            FinalEpochs = epochs,
            Training = new() { BatchSize = 32 },
        };
        var winner = new Trial
        {
            Number = 1,
            Genotype = space.Format(genotype),
            Decisions = genotype.ToDictionary(),
            Key = space.Key(genotype).Value,
            State = TrialState.Completed,
            ProposedAt = default,
        };
        return new FinalTraining(spec, _dataset, time).Run(
            winner, 1, available, Checkpoint(name), _folder[$"{name}/model"], told, cancellation ?? TestContext.Current.CancellationToken);
    }

    private string Checkpoint(string name) => _folder[$"{name}/final.safetensors"];

    private string? CheckpointPlan(string name) => TrainingCheckpoint.Metadata(Checkpoint(name))?["epochs"];

    private ModelDescription Description(string name)
    {
        using var package = ModelPackage.Open(_folder[$"{name}/model"]);
        return package.Description;
    }

    /// <summary>What was told, and something to do after each epoch.</summary>
    private sealed class Told(Action<int> afterEpoch) : IProgress<ExperimentEvent>
    {
        /// <summary>The epochs it began with.</summary>
        public int Planned { get; private set; }

        public int FirstEpoch { get; private set; }

        /// <summary>The whole training's epochs, as told at each epoch's end.</summary>
        public List<int> Plans { get; } = [];

        public void Report(ExperimentEvent value)
        {
            switch (value)
            {
                case ExperimentEvent.FinalStarted(_, var epochs):
                    Planned = epochs;
                    break;
                case ExperimentEvent.FinalProgressed({ Finished: { } finished } progress):
                    FirstEpoch = FirstEpoch == 0 ? finished.Epoch : FirstEpoch;
                    Plans.Add(progress.Epochs);
                    afterEpoch(finished.Epoch);
                    break;
            }
        }
    }
}
