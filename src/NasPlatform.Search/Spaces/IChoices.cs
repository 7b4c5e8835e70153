namespace NasPlatform.Search.Spaces;

/// <summary>
/// Who answers a search space's questions: a random generator, recorded decisions, an odometer, a controller. The space asks
/// by stable names and never knows who answers.
/// </summary>
public interface IChoices
{
    /// <summary>One of the options of <paramref name="choice"/>, 0-based.</summary>
    int Choose(string name, Choice choice);

    /// <summary>
    /// Which of the earlier places feed this one: independent yes-or-no decisions, one for each, named
    /// <c>name/0</c>, <c>name/1</c>, ... The n-th call in a walk stands for place n (0-based) and is asked about the n places before it, so
    /// that a controller can set an anchor at each (Zoph &amp; Le 2017, §3.3). A call about no places begins anew: each cell of a space has places of its own.
    /// </summary>
    bool[] Connect(string name, int earlierPlaces);
}
