using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>Notes the kinds of decisions that a space asks for.</summary>
/// <param name="isNoted">Which of them.</param>
internal sealed class KindCollector(Predicate<Choice> isNoted) : IChoices
{
    public List<Choice> Kinds { get; } = [];

    public int Choose(string name, Choice choice)
    {
        if (isNoted(choice) && !Kinds.Contains(choice))
        {
            Kinds.Add(choice);
        }

        return 0;
    }

    public bool[] Connect(string name, int earlierPlaces) => new bool[earlierPlaces];
}
