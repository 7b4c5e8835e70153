namespace NasPlatform.Search.Datasets;

/// <summary>What an example is for. The numbers are those in the dataset's file.</summary>
public enum Split
{
    /// <summary>Weights are fitted on it.</summary>
    Train = 0,

    /// <summary>Architectures are compared on it.</summary>
    Validation = 1,

    /// <summary>Looked at once, at the end.</summary>
    Test = 2,
}
