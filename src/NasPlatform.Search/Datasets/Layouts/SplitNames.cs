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
}
