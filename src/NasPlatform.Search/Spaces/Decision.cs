namespace NasPlatform.Search.Spaces;

/// <summary>One decision as it was made.</summary>
/// <param name="Name">The stable name of the place, such as <c>layer3/filter_width</c>.</param>
/// <param name="Choice">What could be chosen.</param>
/// <param name="Value">Which option was, 0-based.</param>
public readonly record struct Decision(string Name, Choice Choice, int Value)
{
    /// <summary>The chosen option as written.</summary>
    public string Option => Choice.Options[Value];

    public override string ToString() => $"{Name}={Option}";
}
