namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>What people call the splits in folders and tables.</summary>
internal static class SplitNames
{
    public static Split? Of(string name) => name.ToUpperInvariant() switch
    {
        "TRAIN" or "TRAINING" => Split.Train,
        "VALIDATION" or "VALID" or "VAL" or "DEV" => Split.Validation,
        "TEST" or "TESTING" => Split.Test,
        _ => null,
    };

    /// <summary>The split that the last of a file name's words says, or else that of a folder around it: <c>adult_test.csv</c>, <c>BasicMotions_TRAIN.ts</c>, <c>train/text.txt</c>.</summary>
    public static Split? InFileName(string name) => Words(name).Select(Of).LastOrDefault(split => split is not null);

    /// <summary>A file's name with a mark in place of the words that say a split, and without .gz: the same for files that belong together.</summary>
    public static string Without(string fileName) =>
        string.Concat(Words(fileName).Select(word => Of(word) is null ? word : "*")) is var name && name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;

    /// <summary>A name without the word at its end that says it is for training: the dataset has the other splits too.</summary>
    public static string WithoutTrain(string name) => Words(name).ToArray() is [.. var rest, _, var last] && rest.Length > 0 && Of(last) == Split.Train ? string.Concat(rest) : name;

    // With what separates them, so that nothing is lost.
    private static IEnumerable<string> Words(string name)
    {
        var start = 0;
        for (var at = 0; at <= name.Length; at++)
        {
            if (at < name.Length && name[at] is not ('.' or '_' or '-' or ' ' or '/'))
                continue;
            yield return name[start..at];
            if (at < name.Length)
                yield return name[at].ToString();
            start = at + 1;
        }
    }
}
