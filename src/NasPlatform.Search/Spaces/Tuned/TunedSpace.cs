using System.Collections.Immutable;
using System.Numerics;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.Tuned;

/// <summary>
/// A space whose networks are searched together with how they are trained, or one network of it with how that is trained: the space's decisions and, after them, those about the training
/// (<see cref="TrainingChoice"/>). Two trials of one network with other trainings are different ones: the training is part of the key.
/// </summary>
/// <remarks>The name and settings are those of the space of the networks.</remarks>
public sealed class TunedSpace : SearchSpace
{
    /// <summary>What stands between the network and its training in a text.</summary>
    private const string With = " with ";

    private readonly TrainingChoices _choices;
    private readonly Genotype? _architecture;
    private readonly ArchitectureKey? _architectureKey;

    /// <param name="networks">The space of the networks.</param>
    /// <param name="choices">What of the training is searched; at least one.</param>
    /// <param name="architecture">The one network that is trained; null where networks are searched, too.</param>
    public TunedSpace(SearchSpace networks, TrainingChoices choices, Genotype? architecture = null)
    {
        (Networks, _choices, _architecture) = (networks, choices, architecture);
        _architectureKey = architecture is null ? null : networks.Key(architecture);
    }

    /// <summary>The space of the networks.</summary>
    public SearchSpace Networks { get; }

    public override string Name => Networks.Name;

    public override string Summary => $"{Networks.Summary}, and how its networks are trained";

    public override IReadOnlyDictionary<string, string> Settings => Networks.Settings;

    public override string TextForm => _architecture is null ? $"{Networks.TextForm}{With}{_choices.TextForm}" : _choices.TextForm;

    public override IReadOnlyList<TaskKind> Tasks => _choices.AreOfImages ? [.. Networks.Tasks.Where(task => task == TaskKind.ImageClassification)] : Networks.Tasks;

    public override TaskShape Typical => Networks.Typical;

    public override SearchSpace Final => ReferenceEquals(Networks.Final, Networks) ? this : new TunedSpace(Networks.Final, _choices, _architecture);

    public override BigInteger Size => (_architecture is null ? Networks.Size : 1) * _choices.Combinations;

    /// <summary>The genotype of the network alone, in <see cref="Networks"/>.</summary>
    public Genotype ArchitectureOf(Genotype genotype) => _architecture ?? new([.. genotype.Decisions.Where(decision => !IsOfTraining(decision))]);

    public override void Demand(TaskKind task)
    {
        Networks.Demand(task);
        if (!Tasks.Contains(task))
        {
            throw new UserErrorException($"Augmentation is of images, so it cannot be tuned for {task.Words}; leave it out.");
        }
    }

    public override SearchSpace At(int proposal) => Around(Networks.At(proposal));

    public override SearchSpace Holding(IReadOnlyDictionary<string, int> values) => Around(Networks.Holding(values));

    public override void Decide(IChoices choices)
    {
        if (_architecture is null)
        {
            Networks.Decide(choices);
        }

        _choices.Decide(choices);
    }

    public override LayerGraph Build(IChoices choices, TaskShape task)
    {
        var graph = _architecture is null ? Networks.Build(choices, task) : Networks.Build(_architecture, task);
        _choices.Decide(choices);
        return graph;
    }

    public override bool IsValid(Genotype genotype) => _architecture is not null || Networks.IsValid(ArchitectureOf(genotype));

    /// <summary>The network as its space draws it, the training uniformly.</summary>
    public override Genotype Sample(RandomSource random) => Joined(_architecture ?? Networks.Sample(random), Draw(random));

    /// <summary>One decision, chosen uniformly, is changed: of the training to another option, of the network by its space's mutation.</summary>
    public override Genotype Mutate(Genotype parent, RandomSource random)
    {
        var training = parent.Decisions.Where(IsOfTraining).ToArray();
        var open = training.Where(IsOpen).ToList();
        var ofNetwork = _architecture is null ? parent.Decisions.Count(decision => !IsOfTraining(decision) && IsOpen(decision)) : 0;
        if (open.Count + ofNetwork == 0)
        {
            return parent;
        }

        var place = random.Next(open.Count + ofNetwork);
        if (place >= open.Count)
        {
            return Joined(Networks.Mutate(ArchitectureOf(parent), random), training);
        }

        var changed = open[place];
        var other = random.Next(changed.Choice.Options.Length - 1);
        return Joined(ArchitectureOf(parent), training.Select(decision => decision == changed ? decision with { Value = other < decision.Value ? other : other + 1 } : decision));
    }

    /// <summary>The networks as their space crosses them; each decision about the training is that of one parent or the other, with equal chance.</summary>
    public override Genotype Cross(Genotype first, Genotype second, RandomSource random)
    {
        var network = _architecture ?? Networks.Cross(ArchitectureOf(first), ArchitectureOf(second), random);
        var pairs = first.Decisions.Where(IsOfTraining).Zip(second.Decisions.Where(IsOfTraining));
        return Joined(network, pairs.Select(pair => random.Next(2) == 0 ? pair.First : pair.Second));
    }

    public override IEnumerable<Genotype>? EnumerateDistinct() =>
        _architecture is not null ? Trainings().Select(training => Joined(_architecture, training.Decisions))
        : Networks.EnumerateDistinct()?.SelectMany(network => Trainings().Select(training => Joined(network, training.Decisions)));

    public override string Format(Genotype genotype)
    {
        var training = TrainingChoices.Format(genotype.Decisions.Where(IsOfTraining));
        return _architecture is null ? $"{Networks.Format(ArchitectureOf(genotype))}{With}{training}" : training;
    }

    public override ArchitectureKey Key(Genotype genotype) =>
        ArchitectureKey.OfText($"{_architectureKey ?? Networks.Key(ArchitectureOf(genotype))}{With}{TrainingChoices.Format(genotype.Decisions.Where(IsOfTraining))}");

    /// <summary>The network as its space encodes it, then each decision about the training as one number an option.</summary>
    public override double[] Encode(Genotype genotype) =>
    [
        .. _architecture is null ? Networks.Encode(ArchitectureOf(genotype)) : [],
        .. base.Encode(new([.. genotype.Decisions.Where(IsOfTraining)])),
    ];

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype) => Networks.Sketches(ArchitectureOf(genotype));

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        if (_architecture is not null)
        {
            return new(_choices.Parse(text, NotAGenotype));
        }

        var at = text.LastIndexOf(With, StringComparison.Ordinal);
        return at < 0
            ? throw NotAGenotype($"nothing is said of the training after '{With.Trim()}'")
            : new([.. Networks.Parse(text[..at]).ToDictionary(), .. _choices.Parse(text[(at + With.Length)..], NotAGenotype)]);
    }

    private TunedSpace Around(SearchSpace networks) => _architecture is not null || ReferenceEquals(networks, Networks) ? this : new(networks, _choices);

    private Genotype Joined(Genotype network, IEnumerable<Decision> training) => new([.. _architecture is null ? network.Decisions : [], .. training]);

    private ImmutableArray<Decision> Draw(RandomSource random)
    {
        var answerer = new UniformAnswerer(random);
        _choices.Decide(answerer);
        return answerer.Recorded.Decisions;
    }

    private IEnumerable<Genotype> Trainings()
    {
        var odometer = new Odometer();
        do
        {
            var answerer = odometer.Walk();
            _choices.Decide(answerer);
            yield return answerer.Recorded;
        }
        while (odometer.Advance());
    }

    private static bool IsOfTraining(Decision decision) => decision.Name.StartsWith(TrainingChoice.Prefix, StringComparison.Ordinal);

    private static bool IsOpen(Decision decision) => decision.Choice.Options.Length > 1;
}
