using NasPlatform.Search;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Tests.Support;

/// <summary>The toy space of the reference notebook of regularised evolution: a string of bits whose accuracy is its share of ones.</summary>
public sealed class BitsSpace(int bits) : SearchSpace
{
    private static readonly Choice Bit = new("bit", ["0", "1"]);

    public override string Name => "bits";

    public override string Summary => "A string of bits";

    public override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>();

    public override string TextForm => "zeros and ones";

    public static double ShareOfOnes(Genotype genotype) => genotype.Decisions.Average(decision => decision.Value);

    public static Evaluation Evaluated(double accuracy) =>
        new() { Outcome = Outcome.Completed, Score = accuracy, BestOfLastFive = accuracy };

    public override LayerGraph Build(IChoices choices, TaskShape task)
    {
        Decide(choices);
        var graph = new LayerGraphBuilder(task);
        return graph.Finish(graph.Classifier(graph.Input));
    }

    public override string Format(Genotype genotype) => string.Concat(genotype.Decisions.Select(decision => decision.Option));

    public override ArchitectureKey Key(Genotype genotype) => ArchitectureKey.OfText(Format(genotype));

    public override void Decide(IChoices choices)
    {
        for (var bit = 0; bit < bits; bit++)
        {
            choices.Choose($"bit{bit}", Bit);
        }
    }

    protected override Dictionary<string, int> ParseDecisions(string text) =>
        text.Select((digit, place) => (place, digit)).ToDictionary(pair => $"bit{pair.place}", pair => pair.digit - '0');
}
