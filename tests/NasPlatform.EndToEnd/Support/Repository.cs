namespace NasPlatform.EndToEnd.Support;

/// <summary>Where things lie in the checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The program as it was built.</summary>
    public static string Program { get; } = Path.Join(Root, "src", "NasPlatform.Web", "bin", "Release", "net10.0", "nas.dll");

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Join(folder.FullName, "NasPlatform.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests do not lie in a checkout of the repository.");
    }
}
