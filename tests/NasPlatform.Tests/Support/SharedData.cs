namespace NasPlatform.Tests.Support;

/// <summary>Real data that some machines keep beside the repository, in a folder `shared/data`. Tests that need it skip where it is absent.</summary>
internal static class SharedData
{
    /// <summary>The folder, found by walking up from the test assembly; null where there is none.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>The full path of a file or folder in it; skips the calling test, with the reason, where it is absent.</summary>
    public static string Require(string relative)
    {
        var path = Folder is null ? null : Path.Join(Folder, relative);
        Assert.SkipUnless(path is not null && Path.Exists(path), $"needs shared/data/{relative}");
        return path!; // The line above does not return when it is null.
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Join(folder.FullName, "shared", "data");
            if (Directory.Exists(candidate))
                return candidate;
        }
        return null;
    }
}
