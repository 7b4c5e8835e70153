namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>What files are called at their end.</summary>
internal static class Endings
{
    /// <summary>A file's ending in lower case without .gz: <c>.csv</c> of <c>Table.CSV.gz</c>.</summary>
    public static string Of(string name)
    {
        var ending = Path.GetExtension(name).ToLowerInvariant();
        return ending == ".gz" ? Path.GetExtension(name[..^3]).ToLowerInvariant() : ending;
    }
}
