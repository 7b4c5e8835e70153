using System.Collections.Immutable;

namespace NasPlatform.Search.Spaces;

/// <summary>Answers one decision at a time, connections as single yes-or-no decisions, and records every answer.</summary>
public abstract class Answerer : IChoices
{
    private readonly ImmutableArray<Decision>.Builder _decisions = ImmutableArray.CreateBuilder<Decision>();

    /// <summary>What has been answered so far.</summary>
    public Genotype Recorded => new(_decisions.ToImmutable());

    public int Choose(string name, Choice choice)
    {
        var value = Answer(name, choice);
        _decisions.Add(new(name, choice, value));
        return value;
    }

    public bool[] Connect(string name, int earlierPlaces)
    {
        var connected = new bool[earlierPlaces];
        for (var place = 0; place < earlierPlaces; place++)
        {
            connected[place] = Choose($"{name}/{place}", Choice.Connection) == 1;
        }

        return connected;
    }

    protected abstract int Answer(string name, Choice choice);
}

/// <summary>Every option is as likely as every other.</summary>
public sealed class UniformAnswerer(RandomSource random) : Answerer
{
    protected override int Answer(string name, Choice choice) => random.Next(choice.Options.Length);
}

/// <summary>Answers from recorded values by name; asks <paramref name="missing"/> for a place that has none, or one out of range.</summary>
public sealed class ReplayAnswerer(IReadOnlyDictionary<string, int> values, Func<string, Choice, int> missing) : Answerer
{
    protected override int Answer(string name, Choice choice) =>
        values.TryGetValue(name, out var value) && value >= 0 && value < choice.Options.Length ? value : missing(name, choice);
}
