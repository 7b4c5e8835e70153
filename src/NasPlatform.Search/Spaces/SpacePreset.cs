namespace NasPlatform.Search.Spaces;

/// <summary>Settings that make something known of a space.</summary>
/// <param name="Name">A word: <c>paper</c>, <c>small</c>.</param>
/// <param name="Summary">One line: what they make.</param>
/// <param name="Settings">Those that differ from the defaults.</param>
public sealed record SpacePreset(string Name, string Summary, IReadOnlyDictionary<string, string> Settings);
