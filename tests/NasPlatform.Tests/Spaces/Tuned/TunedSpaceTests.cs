using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Tuned;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Spaces.Tuned;

/// <summary>Networks and their training, searched together.</summary>
public sealed class TunedSpaceTests : SearchSpaceContract
{
    private static readonly Dictionary<string, string> Both = new() { ["learning_rate"] = "0.01,0.1,1", ["optimizer"] = "sgd,adamw" };

    protected override SearchSpace Space { get; } = Tuned(SearchSpaceCatalog.Create("nasbench201", new Dictionary<string, string> { ["cells"] = "1" }), Both);

    protected override SearchSpace Made(IReadOnlyDictionary<string, string> settings) => Tuned(base.Made(settings), Both);

    [Fact]
    public void The_training_is_decided_after_the_network_optimiser_first_and_told_after_it()
    {
        var space = Tuned(new BitsSpace(2), Both);
        var genotype = space.Parse("01 with learning_rate=1 optimizer=adamw");

        Assert.Equal(["bit0=0", "bit1=1", "training/optimizer=adamw", "training/learning_rate=1"], genotype.Decisions.Select(decision => $"{decision}"));
        Assert.Equal("01 with optimizer=adamw learning_rate=1", space.Format(genotype));
        Assert.Equal("01", space.Networks.Format(space.ArchitectureOf(genotype)));
        Assert.Equal(4 * 6, space.Size);
        Assert.Equal(4 * 6, space.Enumerate().Select(space.Format).Distinct().Count());
        Assert.Equal([0, 1, 0, 1, 0, 0, 1], space.Encode(genotype)[^7..]);
    }

    [Fact]
    public void The_key_is_the_network_s_and_the_training_s()
    {
        var space = Tuned(SearchSpaceCatalog.Create("nasbench201"), Both);

        // Two spellings of one network: what a cell's dead edge does is no matter.
        const string One = "|nor_conv_3x3~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|";
        const string Other = "|nor_conv_1x1~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|";
        Assert.Equal(Key($"{One} with optimizer=sgd learning_rate=0.1"), Key($"{Other} with optimizer=sgd learning_rate=0.1"));
        Assert.NotEqual(Key($"{One} with optimizer=sgd learning_rate=0.1"), Key($"{One} with optimizer=sgd learning_rate=0.01"));
        Assert.NotEqual(Key($"{One} with optimizer=sgd learning_rate=0.1"), Key($"{One} with optimizer=adamw learning_rate=0.1"));

        string Key(string text) => space.Key(space.Parse(text)).Value;
    }

    [Fact]
    public void Mutation_changes_every_decision_as_often()
    {
        var space = Tuned(new BitsSpace(6), Both);
        var (random, parent) = (new RandomSource(4), space.Parse("000000 with optimizer=sgd learning_rate=0.1"));
        var changed = Enumerable.Range(0, 4000).Select(_ => space.Mutate(parent, random))
            .CountBy(child => child.Decisions.Zip(parent.Decisions).Single(pair => pair.First != pair.Second).First.Name).ToDictionary();

        Assert.Equal(8, changed.Count);
        Assert.All(changed.Values, count => Assert.InRange(count, 400, 600)); // 4,000 / 8, five deviations
    }

    [Fact]
    public void A_child_of_two_has_each_decision_of_one_of_them()
    {
        var space = Tuned(new BitsSpace(4), Both);
        var (first, second) = (space.Parse("0000 with optimizer=sgd learning_rate=0.01"), space.Parse("1111 with optimizer=adamw learning_rate=1"));
        var random = new RandomSource(5);
        var children = Enumerable.Range(0, 200).Select(_ => space.Cross(first, second, random)).ToList();

        Assert.DoesNotContain(children, child => child["training/learning_rate"] == 1);
        Assert.All(first.Decisions, decision => Assert.InRange(children.Count(child => child[decision.Name] == decision.Value), 60, 140));
    }

    [Theory]
    [InlineData("01", "nothing is said of the training after 'with'")]
    [InlineData("01 with optimizer=sgd", "nothing is decided for 'training/learning_rate'")]
    [InlineData("01 with optimizer=lion learning_rate=1", "optimizer has no option 'lion'")]
    [InlineData("01 with momentum=0.9", "'momentum' of the training is not searched")]
    [InlineData("01 with sgd", "'sgd' is not name=option")]
    public void A_text_that_is_none_is_refused_with_the_reason(string text, string reason)
    {
        var error = Assert.Throws<UserErrorException>(() => Tuned(new BitsSpace(2), Both).Parse(text));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("optimizer=<sgd|adamw>", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_space_that_grows_does_so_with_its_training()
    {
        var space = Tuned(SearchSpaceCatalog.Create("chain", new Dictionary<string, string> { ["layers"] = "2", ["grow"] = "10" }), Both);
        var later = space.At(25);
        var genotype = later.Sample(new RandomSource(1));

        Assert.True(genotype.Decisions.Length > space.Sample(new RandomSource(1)).Decisions.Length);
        Assert.Equal(genotype, space.FromValues(genotype.ToDictionary()));
        Assert.Equal(TaskShape.Cifar10.Output, space.Build(genotype, TaskShape.Cifar10).Output.Shape);
    }

    [Theory]
    [InlineData("darts", "one network for all architectures")]
    [InlineData("enas", "one network for all architectures")]
    [InlineData("proxylessnas", "one network for all architectures")]
    [InlineData("eas", "by edits of their layers")]
    [InlineData("rena", "by edits of their layers")]
    public void A_strategy_that_cannot_is_refused_with_the_reason(string strategy, string reason) =>
        Assert.Contains(reason, Assert.Throws<UserErrorException>(() => StrategyCatalog.Create(strategy, Space, null, new RandomSource(1))).Message, StringComparison.Ordinal);

    internal static TunedSpace Tuned(SearchSpace space, IReadOnlyDictionary<string, string> tune) => new(space, new TrainingChoices(tune, new()));
}

/// <summary>How one network is trained.</summary>
public sealed class TunedTrainingTests : SearchSpaceContract
{
    private const string Architecture = "3x3/1x1/8 3x3/2x2/16@1";

    private static readonly Dictionary<string, string> All = TrainingChoice.Names.ToDictionary(name => name, _ => "");

    protected override SearchSpace Space { get; } = Around(SearchSpaceCatalog.Create("chain", new Dictionary<string, string> { ["layers"] = "2", ["filters"] = "8,16" }));

    protected override SearchSpace Made(IReadOnlyDictionary<string, string> settings) => Around(base.Made(settings));

    [Fact]
    public void Its_only_decisions_are_those_about_the_training()
    {
        Assert.Equal(4 * 7 * 5 * 5 * 4 * 4, Space.Size);
        var genotype = Space.Parse("optimizer=rmsprop learning_rate=0.003 schedule=one-cycle weight_decay=0.00001 batch_size=64 augmentation=crop+flip+cutout");

        Assert.Equal(Architecture, ((TunedSpace)Space).Networks.Format(((TunedSpace)Space).ArchitectureOf(genotype)));
        Assert.Equal(
            new() { Optimizer = OptimizerKind.Rmsprop, LearningRate = 0.003, Schedule = ScheduleKind.OneCycle, WeightDecay = 1e-5, BatchSize = 64, Augmentation = new Augmentation(4, true, 16) },
            TrainingChoice.TrainingOf(genotype, new(), TaskShape.Cifar10));
        Assert.Equal(Space.Size, Space.EnumerateDistinct()!.Count()); // not null: all are distinct
    }

    [Fact]
    public void Augmentation_cannot_be_tuned_for_what_is_no_image()
    {
        var space = TunedSpaceTests.Tuned(SearchSpaceCatalog.Create("mlp"), new Dictionary<string, string> { ["augmentation"] = "" });
        Assert.Equal("Augmentation is of images, so it cannot be tuned for tabular classification; leave it out.", Assert.Throws<UserErrorException>(() => space.Demand(TaskKind.TabularClassification)).Message);
    }

    private static TunedSpace Around(SearchSpace chain) => new(chain, new TrainingChoices(All, new()), chain.Parse(Architecture));
}
